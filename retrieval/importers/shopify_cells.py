"""Single cells of Shopify's product CSV: truth values, stock and metafields."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from retrieval.importers.html_text import html_to_text
from retrieval.importers.records import Columns, Record
from retrieval.importers.values import read_number

METAFIELD = re.compile(r"(?P<name>.+) \(product\.metafields\.(?P<key>[^.()]+\.[^()]+)\)")
RATING, RATING_COUNT = "reviews.rating", "reviews.rating_count"
_YES, _NO = {"true", "yes", "continue", "1"}, {"false", "no", "deny", "0"}


def is_yes(text: str | None) -> bool:
    """Tell whether a cell says yes, in either generation's words."""
    return (text or "").casefold() in _YES


def is_no(text: str | None) -> bool:
    """Tell whether a cell says no; an empty one doesn't."""
    return (text or "").casefold() in _NO


def read_stock(columns: Columns, row: Record) -> int | None:
    """Return how many there are: none when oversold, unknown for 0 of a product that Shopify doesn't count."""
    column = columns.name(row, "stock")
    count = read_number(columns.value(row, "stock"), column)
    tracked = columns.name(row, "tracker") not in row.cells or columns.value(row, "tracker") is not None
    if count is None or (count <= 0 and not tracked):
        return None
    return max(0, min(int(count), 2**31 - 1))


def metafields(row: Record) -> Iterator[tuple[str, str]]:
    """Yield name and value of each metafield that has one; the ratings as `rating` and `rating_count`."""
    for column, cell in row.cells.items():
        parts = METAFIELD.fullmatch(column)
        if parts is None or not (text := _readable(cell)):
            continue
        yield {RATING: "rating", RATING_COUNT: "rating_count"}.get(parts["key"], parts["name"].strip()), text


def _readable(cell: str) -> str:
    """Return a metafield's value as text: lists joined, measures with their unit, anything deeper left out."""
    text = cell.strip()
    if not text.startswith(("[", "{")):
        return html_to_text(text)
    try:
        return _flat(json.loads(text, parse_float=Decimal))
    except (ValueError, RecursionError):
        return text


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(part for item in value if (part := _flat(item)))
    if isinstance(value, dict):
        # A rating has a scale, a measure a unit; a rich text has neither.
        return f"{value['value']} {value.get('unit', '')}".strip() if "value" in value else ""
    return "" if value is None else str(value)
