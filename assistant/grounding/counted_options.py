"""Counts of the products shown: 'three of them', 'two under $50', 'both waterproof'."""

import re

from assistant.grounding.comparing import comparison
from assistant.grounding.holding import held
from assistant.grounding.negation import is_negated
from assistant.grounding.numbers import Quantity
from assistant.grounding.reading import Reading
from assistant.grounding.text import fold
from assistant.grounding.words import key_of_form


def options_hold(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number counts products shown."""
    shown = reading.facts.shown
    relation = comparison(reading, quantity)
    if not shown and reading.facts.passages:
        return True  # 'one of the things that can't come back'
    named = len({mention.product.id for mention in reading.mentions})
    counted = _counted_by_attribute(reading, quantity)
    if counted is not None:
        return counted
    if quantity.value in (named, len(shown)) and quantity.value:
        return True
    if _counted_with_a_limit(reading, quantity):
        return True
    if relation in ("above", "below") or not reading.words.has("selection", reading.folded):
        return relation == "above" and len(shown) >= quantity.value
    return bool(shown) and quantity.value <= len(shown)


def of_kind(reading: Reading, quantity: Quantity) -> int | None:
    """'three telescopes and a pair of binoculars', '两把溪音的琴': how many are of the kind or brand that follows."""
    after = reading.folded[quantity.end : quantity.end + 24]
    texts = [fold(f"{p.category or ''} {p.brand or ''} {p.title}") for p in reading.facts.shown]
    if reading.language == "zh":
        match = re.match(r"[个款把双件条台只支]?([㐀-鿿]{2,4}?)(?:的|牌)", after)
        return sum(match.group(1) in text for text in _all_texts(reading)) if match else None
    match = re.match(r"\s*(?:[a-z]+ )?([a-z]{4,}?)s?(?![a-z])", after)
    return sum(match.group(1) in text for text in texts) if match else None


def _all_texts(reading: Reading) -> list[str]:
    return [fold(f"{p.brand or ''} {p.category or ''}") for p in reading.facts.shown]


def _counted_by_attribute(reading: Reading, quantity: Quantity) -> bool | None:
    """'two of the four are waterproof': whether so many have it; None if nothing is counted like that."""
    after = reading.stated[quantity.end :]
    if not (
        re.match(r"\s+of (?:the|these|those|them)(?![a-z])", after)
        or re.search(r"(?:里|中)有\s*$", reading.stated[: quantity.start])
    ):
        return None
    match = reading.words.concepts.search(after)
    if match is None:
        return None
    denied = is_negated(after, match.start(), reading.words)
    concepts = reading.words.concept_of.get(key_of_form(match.group()), ())
    wanted = "no" if denied else "yes"
    having = [p for p in reading.facts.shown if any(held(p, concept, reading.words) == wanted for concept in concepts)]
    return quantity.value == len(having)


def _counted_with_a_limit(reading: Reading, quantity: Quantity) -> bool:
    """'two of them are in stock', 'three under $100': count those that are."""
    shown = reading.facts.shown
    if reading.words.has("stock_out", reading.plain):
        return quantity.value == sum(product.stock == 0 for product in shown)
    if reading.words.has("stock_in", reading.plain):
        return quantity.value == sum(bool(product.stock) for product in shown)
    limit = next((other for other in reading.quantities if other.currency), None)
    if limit is None:
        return False
    below = comparison(reading, limit) == "below"
    prices = [product.price.amount for product in shown if product.price]
    return quantity.value == sum(price <= limit.value if below else price >= limit.value for price in prices)
