"""'The quietest', 'the longest battery life', 'brighter': computed from the attributes of the products shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from assistant.grounding.numbers import quantities
from assistant.grounding.product_facts import product_attributes
from assistant.grounding.reading import Reading
from assistant.grounding.text import fold, has_cjk
from retrieval.schema import Product


@dataclass(frozen=True)
class Rank:
    """Where a text says that something leads (or exceeds another) in an attribute; `sign` is -1 for the least."""

    start: int
    end: int
    names: tuple[str, ...]
    sign: int
    compares: bool

    def measure(self, product: Product) -> Decimal | None:
        """Return the product's first number of that attribute, in the base of its unit."""
        for name, value in product_attributes(product):
            if fold(name) in self.names:
                found = quantities(fold(value))
                if found:
                    return max(quantity.base for quantity in found) if found[0].edge else found[0].base
        return None


def ranks(reading: Reading) -> Iterator[Rank]:
    """Yield what the sentence ranks by an attribute that at least two of the products shown have as a number."""
    known = _known_names(reading)
    for kind, compares in (("superlative", False), ("comparative", True)):
        for match in reading.words.ranks[kind].finditer(reading.stated):
            rank = _rank(reading, match, kind, compares=compares, known=known)
            if rank:
                yield rank


def _rank(reading: Reading, match: re.Match[str], kind: str, *, compares: bool, known: dict[str, int]) -> Rank | None:
    sign, fields = _found(reading, kind, re.sub(r"[\s-]+", " ", match.group()))
    named = _named_near(reading, match, known)
    if named:
        turned = -sign if "noise" in fields else sign
        return Rank(match.start(), match.end(), named, turned, compares)
    for field in fields:
        names = tuple(name for name in reading.words.rank_fields[field] if known.get(name, 0) >= 2)
        if names:
            turned = -sign if field == "noise" else sign
            return Rank(match.start(), match.end(), names, turned, compares)
    return None


def _found(reading: Reading, kind: str, text: str) -> tuple[int, tuple[str, ...]]:
    table = reading.words.rank_of[kind]
    if text in table:
        return table[text]
    return next(found for form, found in table.items() if "~" in form and text.endswith(form.rpartition("~")[2]))


def _named_near(reading: Reading, match: re.Match[str], known: dict[str, int]) -> tuple[str, ...]:
    """An attribute's own name in the same clause: 'the largest dust bin', '容量最小'."""
    left, right = reading.clause(match.start(), match.end())
    near = reading.stated[max(left, match.start() - 14) : match.start()] if has_cjk(match.group()) else ""
    text = near + "|" + reading.stated[match.end() : min(right, match.end() + 26)]
    forms = {
        name: (name, *next((held for held in reading.words.rank_fields.values() if name in held), ()))
        for name, count in known.items()
        if count >= 2
    }
    said = [form for listed in forms.values() for form in listed if _stands(form, text)]
    if not said:
        return ()
    return tuple(name for name, listed in forms.items() if any(form in listed for form in said))


def _stands(form: str, text: str) -> bool:
    return (form in text) if has_cjk(form) else re.search(rf"(?<![a-z]){re.escape(form)}(?![a-z])", text) is not None


def _known_names(reading: Reading) -> dict[str, int]:
    """Count for every attribute with a number how many of the rivals have it."""
    shown = reading.facts.shown
    if len(shown) < 2 and reading.facts.listings:
        shown = reading.facts.listings[0].products or shown
    counts: dict[str, int] = {}
    for product in shown:
        for name in {fold(name) for name, value in product_attributes(product) if quantities(fold(value))}:
            counts[name] = counts.get(name, 0) + 1
    return counts
