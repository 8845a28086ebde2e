"""The words of commerce feeds for availability, condition and units, in whatever spelling."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Literal, cast

Condition = Literal["new", "refurbished", "used"]


def read_availability(text: str | None) -> str | None:
    """Return in_stock, out_of_stock, preorder or backorder; None for a word that says nothing."""
    return _find("availability", text)


def read_condition(text: str | None) -> Condition | None:
    """Return new, refurbished or used; None for any other word."""
    return cast(Condition | None, _find("condition", text))


def read_unit(code: str | None) -> str:
    """Return the usual sign for a unit code: 'kg' for KGM; anything else as it is."""
    return _find("units", code) or (code or "").strip()


def stock_of(availability: str | None, count: int | None = None) -> int | None:
    """Return how many there are: none when out of stock, else the count, which may be unknown."""
    return 0 if availability == "out_of_stock" else count


def shared_availability(found: Iterable[str | None]) -> str | None:
    """Return what can be said of a product with these variants: the best of in stock, back-ordered and pre-ordered."""
    words = set(found)
    return next((word for word in ("in_stock", "backorder", "preorder", "out_of_stock") if word in words), None)


def availability_attribute(availability: str | None, stock: int | None) -> dict[str, str]:
    """Return the attribute for what no number says: there are some, or they come later."""
    if availability == "in_stock" and stock is not None:
        return {}
    return {"availability": availability} if availability and availability != "out_of_stock" else {}


def _find(kind: str, text: str | None) -> str | None:
    last = re.split(r"[/#:]", (text or "").strip().rstrip("/"))[-1]
    return _words()[kind].get(re.sub(r"[\W_]+", "", last.casefold()))


@cache
def _words() -> dict[str, dict[str, str]]:
    text = resources.files("retrieval.importers").joinpath("commerce_words.toml").read_text(encoding="utf-8")
    tables: dict[str, dict[str, list[str]]] = tomllib.loads(text)
    return {
        kind: {word: meaning for meaning, words in table.items() for word in words} for kind, table in tables.items()
    }
