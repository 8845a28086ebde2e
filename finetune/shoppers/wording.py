"""What a good assistant says about a tool's result: short, concrete, in the shopper's language, nothing made up."""

import random
from collections.abc import Iterable, Sequence
from functools import singledispatch

from assistant.grounding.stream import split_sentences
from assistant.replies import plain_reply
from assistant.schema import (
    Conversation,
    PoliciesFound,
    Product,
    ProductDetails,
    ProductsCompared,
    ProductsFound,
    Value,
)
from finetune.shoppers.goals import Goal
from finetune.shoppers.grammar import Grammar, load_grammar
from retrieval.words import terms

_QUOTED = 2
"""Sentences of a policy that are told."""
_OPENS = 1.25
_LONG = 24
"""Characters beyond which an attribute is no reason to put into a list of products."""
_YES = {"yes": True, "是": True, "no": False, "否": False}


def worded(goal: Goal, conversation: Conversation, rng: random.Random) -> str:
    """Return what to say about the newest result; about an error where the turn has none."""
    last = conversation.messages[-1]
    if conversation.customer_id is None and last.content.startswith("Error:"):
        # The agent itself says what proves who somebody is.
        return ""
    if last.role != "tool" or last.content.startswith("Error:") or not conversation.results:
        return str(load_grammar(goal.language)["replies"]["error"])
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
    asked = set(terms(goal.text))
    frame = rng.choice(replies["reason"])
    named = []
    for product in result.products:
        name, reason = product.text(goal.language).short_name, _reason(product, goal.language, asked, grammar)
        named.append(grammar.fill(frame, {"name": name, "reason": reason}) if reason else name)
    told = grammar.fill(rng.choice(replies["found"]), {"named": _listed(named, grammar)})
    return grammar.joined([told, rng.choice(replies["question"])])


@_words.register
def _(result: ProductDetails, goal: Goal, rng: random.Random) -> str:
    grammar = load_grammar(goal.language)
    product = result.product
    asked = set(terms(goal.text))
    facts = list(_facts(product, goal.language, grammar, asked))[:3]
    status = plain_reply(result, goal.language)
    if not facts:
        return status
    slots = {"name": product.text(goal.language).short_name, "facts": grammar["replies"]["fact_comma"].join(facts)}
    return grammar.joined([grammar.fill(rng.choice(grammar["replies"]["about"]), slots), status])


@_words.register
def _(result: ProductsCompared, goal: Goal, rng: random.Random) -> str:
    return plain_reply(result, goal.language)


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
    # A passage opens with what matters most.
    scores = [
        len(asked & set(terms(sentence))) + 0.5 * len(asked & set(terms(passage.title))) + _OPENS * (position == 0)
        for passage, position, sentence in sentences
    ]
    best = max(range(len(sentences)), key=lambda position: scores[position])
    passage = sentences[best][0]
    told = [sentence for source, _, sentence in sentences[best : best + _QUOTED] if source is passage]
    return ("" if goal.language == "zh" else " ").join(told)


def _reason(product: Product, language: str, asked: set[str], grammar: Grammar) -> str:
    return next(iter(_facts(product, language, grammar, asked)), "")


def _facts(product: Product, language: str, grammar: Grammar, asked: set[str]) -> Iterable[str]:
    """Return what speaks for a product: the attributes that were asked for, then the others."""
    attributes = product.text(language).attributes or product.attributes
    short = [(name, value) for name, value in attributes.items() if len(name) + len(value) <= _LONG]
    short.sort(key=lambda pair: -len(asked & set(terms(" ".join(pair)))))
    for name, value in short:
        has = _YES.get(value.casefold())
        if has is None:
            yield grammar.fill(grammar["replies"]["fact"], {"name": name, "value": value})
        elif has:
            yield grammar.fill(grammar["replies"]["fact_yes"], {"name": name})


def _listed(named: list[str], grammar: Grammar) -> str:
    if len(named) < 2:
        return "".join(named)
    return str(grammar["replies"]["comma"].join(named[:-1]) + grammar["replies"]["and"] + named[-1])
