"""What a good assistant says about a tool's result: short, concrete, in the shopper's language, nothing made up."""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

from assistant.grounding.stream import split_sentences
from assistant.schema import (
    Conversation,
    PoliciesFound,
    ProductDetails,
    ProductsCompared,
    ProductsFound,
    Value,
)
from assistant.telling.replies import plain_reply
from finetune.shoppers.goals import Goal
from finetune.shoppers.grammar import load_grammar
from finetune.shoppers.selling_points import asked_fact, is_true, named_with_reasons, reasons_for, traits
from retrieval.words import terms

_QUOTED = 2
"""Sentences of a policy that are told."""
_OPENS, _BEST, _TITLE = 1.5, 0.75, 0.5
_SMALL = frozenset(
    terms(
        "what how can do does is are if i we you your my to for the a an of with and something it when"
        " will they them get have in on or who which there any be after this that not from by at"
    )
)
_SOLD_OUT = ("sold out", "None is in stock", "售完", "缺货")
_TRAITS = 3
"""Traits that are told of a product which somebody wants to know more about."""


def worded(goal: Goal, conversation: Conversation, rng: random.Random) -> str:
    """Return what to say about the newest result; about an error where the turn has none."""
    last = conversation.messages[-1]
    if conversation.customer_id is None and last.content.startswith("Error:"):
        # The agent itself says what proves who somebody is.
        return ""
    if last.role != "tool" or last.content.startswith("Error:") or not conversation.results:
        is_sold_out = any(word in last.content for word in _SOLD_OUT)
        return str(load_grammar(goal.language)["replies"]["sold_out" if is_sold_out else "error"])
    return _words(conversation.results[-1], goal, rng)


def worded_both(goals: Sequence[Goal], conversation: Conversation, rng: random.Random) -> str:
    """Return what to say about the newest results of several goals, in their order."""
    pairs = zip(goals, conversation.results[-len(goals) :], strict=False)
    told = [split_sentences(_words(result, goal, rng))[0].strip() for goal, result in pairs]
    return load_grammar(goals[0].language).joined(told)


@singledispatch
def _words(result: Value, goal: Goal, rng: random.Random) -> str:
    return plain_reply(result, goal.language)


@_words.register
def _(result: ProductsFound, goal: Goal, rng: random.Random) -> str:
    if not result.products:
        return plain_reply(result, goal.language)
    grammar = load_grammar(goal.language)
    replies = grammar["replies"]
    named = named_with_reasons(result.products, goal.language, set(terms(goal.text)))
    told = grammar.fill(rng.choice(replies["found"]), {"named": _listed(named, replies)})
    return grammar.joined([told, rng.choice(replies["question"])])


@_words.register
def _(result: ProductDetails, goal: Goal, rng: random.Random) -> str:
    """Answer what was asked of the product first; else say what it is like."""
    grammar = load_grammar(goal.language)
    product = result.product
    asked = set(terms(goal.text))
    status = plain_reply(result, goal.language)
    name = product.text(goal.language).short_name
    if fact := asked_fact(product, goal.language, asked):
        kind = {True: "fact_is", False: "fact_is_not", None: "fact"}[is_true(fact[1])]
        slots = {"name": name, "attribute": fact[0], "value": fact[1]}
        return grammar.fill(rng.choice(grammar["replies"][kind]), slots)
    if product.rating is not None and any(word in goal.text.casefold() for word in grammar["replies"]["rating_words"]):
        slots = {"name": name, "rating": f"{product.rating:g}", "count": str(product.rating_count or 0)}
        return grammar.fill(rng.choice(grammar["replies"]["rated"]), slots)
    facts = list(traits(product, goal.language, asked))[:_TRAITS]
    if not facts:
        return status
    slots = {"name": name, "facts": _listed(facts, grammar["replies"], "trait_")}
    return grammar.joined([grammar.fill(rng.choice(grammar["replies"]["about"]), slots), status])


@_words.register
def _(result: ProductsCompared, goal: Goal, rng: random.Random) -> str:
    """Say what sets each of them apart, and what it costs."""
    grammar = load_grammar(goal.language)
    if not all(product.price for product in result.products):
        return plain_reply(result, goal.language)
    reasons = reasons_for(result.products, goal.language, set(terms(goal.text)))
    told = [
        grammar.fill(
            grammar["replies"]["compared"],
            {"name": product.text(goal.language).short_name, "price": product.price, "reason": reason},
        )
        for product, reason in zip(result.products, reasons, strict=True)
        if reason
    ]
    if len(told) < len(result.products):
        return plain_reply(result, goal.language)
    return grammar.fill(rng.choice(grammar["replies"]["comparison"]), {"compared": _listed(told, grammar["replies"])})


@_words.register
def _(result: PoliciesFound, goal: Goal, rng: random.Random) -> str:
    """Quote the sentences of the passage that say most of what was asked."""
    asked = set(terms(str(goal.arguments.get("question", goal.text))))
    sentences = [
        (passage, position, sentence.strip())
        for passage in result.passages
        for position, sentence in enumerate(split_sentences(" ".join(passage.text.split())))
    ]
    if not sentences:
        return plain_reply(result, goal.language)
    words = [set(terms(sentence)) for _, _, sentence in sentences]
    holding = Counter(word for each in words for word in each)
    telling = {word: math.log(1 + len(words) / count) for word, count in holding.items() if word not in _SMALL}
    # The best passage comes first, and a passage opens with what matters most.
    scores = [
        sum(telling.get(word, 0.0) for word in asked & own)
        + _TITLE * sum(telling.get(word, 0.0) for word in asked & set(terms(passage.title)))
        + _OPENS * (position == 0)
        + _BEST * (passage is sentences[0][0])
        for (passage, position, _), own in zip(sentences, words, strict=True)
    ]
    best = max(range(len(sentences)), key=lambda position: scores[position])
    passage = sentences[best][0]
    told = [sentence for source, _, sentence in sentences[best : best + _QUOTED] if source is passage]
    return ("" if goal.language == "zh" else " ").join(told)


def _listed(named: list[str], replies: Mapping[str, Any], kind: str = "") -> str:
    """Join what is named with the language's comma and last word; `kind` chooses between names and traits."""
    if len(named) < 2:
        return "".join(named)
    return str(replies[f"{kind}comma"].join(named[:-1]) + replies[f"{kind}and"] + named[-1])
