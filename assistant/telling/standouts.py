"""Which of the products shown beside each other is the cheapest, and which is the best rated."""

from collections.abc import Sequence
from typing import Any

from assistant.schema import Product
from assistant.telling.phrases import joined, phrase

_FEWEST = 3
"""Products from which on one of them is called so; of two it is told where they are compared."""


def standouts(products: Sequence[Product], language: str, fewest: int = _FEWEST) -> dict[str, str]:
    """Return what the products that stand out are called, by id; nothing where two share the place.

    Of fewer than `fewest` products none is called anything.
    """
    if len(products) < fewest:
        return {}
    found = {}
    if (best := _first([-rating if (rating := each.rating) is not None else None for each in products])) is not None:
        found[products[best].id] = phrase("best_rated", language)
    if (cheapest := _first([each.price.amount if each.price else None for each in products])) is not None:
        called = [found.get(products[cheapest].id), phrase("cheapest", language)]
        found[products[cheapest].id] = joined(list(filter(None, called)), language)
    return found


def _first(values: Sequence[Any]) -> int | None:
    """Return the place of the least value; None where one is missing, or two are the least."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    least = min(known)
    return values.index(least) if known.count(least) == 1 else None
