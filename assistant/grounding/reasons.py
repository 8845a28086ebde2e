"""Why something is recommended: a reason that no recommendation gave, and no record bears out, isn't so."""

import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from importlib import resources

from assistant.grounding.dates import find_days
from assistant.grounding.facts import Facts
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.schema import PreferenceSet, PreferencesFound, ProductsRecommended, Reason

_PERSONAL = frozenset({"again", "seen", "bought", "viewed", "liked", "bought_with"})
_Holds = Callable[[Reading, re.Match[str]], bool]


def ungrounded_reasons(reading: Reading) -> Iterator[Claim]:
    """Yield the first reason for a product that nothing bears out."""
    for kind, holds in _KINDS.items():
        for match in _pattern(kind).finditer(reading.stated):
            if reading.negated(match.start(), reading.stated) or _is_question(reading) or holds(reading, match):
                continue
            text = reading.quote(*match.span())
            yield Claim(
                kind="reason", text=text, reason=f"No recommendation says '{text}' here. Give the reason that it says."
            )
            return


def _is_question(reading: Reading) -> bool:
    return reading.plain.rstrip().endswith(("?", "？"))


def _lists(reading: Reading) -> list[ProductsRecommended]:
    return [each for each in reading.facts.evidence.results if isinstance(each, ProductsRecommended)]


def _reasons(reading: Reading, place: int) -> list[Reason]:
    """Return the reasons of the products that a place in the sentence speaks of; of all where it names none."""
    lists = _lists(reading)
    shown = {product.id for each in lists for product in each.products}
    named = {mention.product.id for mention in reading.mentions} & shown
    wanted = named or {product.id for product in reading.scope(place).products} & shown
    return [
        reason for each in lists for product_id, reason in each.reasons.items() if not wanted or product_id in wanted
    ]


def _named(reading: Reading) -> set[str]:
    return {mention.product.id for mention in reading.mentions}


def _bought(reading: Reading, match: re.Match[str]) -> bool:
    """A purchase stands in an order, or in a reason that rests on one; its month has to fit, too."""
    facts: Facts = reading.facts
    ordered = ((line.product_id, order.placed_at) for order in facts.orders.values() for line in order.lines)
    reasons = (reason for reason in facts.reasons if reason.bought)
    grounds = {reason.product_id: reason.at for reason in reasons if reason.product_id}
    held: dict[str, datetime | None] = {**dict(ordered), **grounds}
    named = _named(reading) & held.keys()
    recommended = {product.id for each in _lists(reading) for product in each.products}
    # Of the products that are named at least one was bought; one that is only recommended was not.
    if _named(reading) and not named:
        return False
    if _named(reading) - held.keys() - recommended:
        return False
    if not held:
        return bool(facts.orders) and not _lists(reading)
    moments = [held[product_id] for product_id in (named or held.keys())]
    months = [day for day in find_days(reading.folded) if day.month and not day.day]
    return all(any(at is None or day.month == at.month for at in moments) for day in months)


def _viewed(reading: Reading, match: re.Match[str]) -> bool:
    facts = reading.facts
    details = {each.product.id for each in facts.evidence.results if each.type == "product_details"}
    grounds = {
        reason.product_id or product_id
        for each in _lists(reading)
        for product_id, reason in each.reasons.items()
        if reason.kind in ("seen", "viewed") or (reason.kind == "new" and not reason.bought)
    }
    held = details | grounds
    return bool(_named(reading) & held) if _named(reading) else bool(held)


def _liked(reading: Reading, match: re.Match[str]) -> bool:
    said = any(isinstance(each, PreferencesFound | PreferenceSet) for each in reading.facts.evidence.results)
    return said or any(reason.kind in _PERSONAL for reason in _reasons(reading, match.start()))


def _from_history(reading: Reading, match: re.Match[str]) -> bool:
    known = any(isinstance(each, PreferencesFound) for each in reading.facts.evidence.results)
    return known or bool(reading.facts.orders) or _liked(reading, match)


def _of_kind(*kinds: str) -> _Holds:
    """Hold where a product that is spoken of has one of these reasons."""
    return lambda reading, match: any(reason.kind in kinds for reason in _reasons(reading, match.start()))


def _popular(reading: Reading, match: re.Match[str]) -> bool:
    echoed = match.group() in reading.facts.customer_text and not _lists(reading)
    return echoed or match.group() in reading.facts.policy_text or _of_kind("popular")(reading, match)


_KINDS: dict[str, _Holds] = {
    "bought": _bought,
    "viewed": _viewed,
    "liked": _liked,
    "history": _from_history,
    "together": _of_kind("bought_with"),
    "popular": _popular,
    "new": _of_kind("new"),
    "again": _of_kind("again"),
}


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    said = tomllib.loads(resources.files("assistant.grounding").joinpath("reasons.toml").read_text(encoding="utf-8"))
    english = "|".join(said[kind]["en"])
    return re.compile(rf"(?<![a-z])(?:{english})(?![a-z])|{'|'.join(said[kind]['zh'])}")
