"""Events from a CSV file: who did what with which product, and when."""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from assistant.errors import AssistantError
from assistant.schema import Interaction
from retrieval.schema import InteractionKind, RowError

# What other systems call our columns and our kinds, in small letters; timestamps may be seconds since 1970.
_COLUMNS = {
    "customer": ("customer_id", "user_id", "customer", "user"),
    "visitor": ("visitor_id", "session_id", "visitor", "anonymous_id"),
    "product": ("product_id", "item_id", "sku", "product", "item"),
    "kind": ("kind", "event", "event_type", "type", "action"),
    "at": ("at", "timestamp", "time", "date", "created_at", "occurred_at"),
}
_KINDS = {
    "view": ("view", "product_view", "page_view", "viewed", "impression_click", "detail"),
    "click": ("click", "clicked", "select_item"),
    "cart_add": ("cart_add", "add_to_cart", "cart", "addtocart", "add-to-cart"),
    "purchase": ("purchase", "purchased", "buy", "order", "transaction", "checkout"),
    "return": ("return", "returned", "refund"),
    "like": ("like", "liked", "thumbs_up", "wishlist", "favorite", "favourite"),
    "dislike": ("dislike", "disliked", "thumbs_down"),
}
_SECONDS, _MILLISECONDS = 1e9, 1e11
"""Numbers from which on a time is seconds, and milliseconds, since 1970."""


def read_event_file(path: Path, find_customer: Callable[[str], str | None]) -> Iterator[Interaction | RowError]:
    """Yield each row's event, or what is wrong with the row; a row of an unknown customer is left out.

    Columns are found by their names: a customer or a visitor, a product, and a time are needed; without a kind every
    row is a purchase. Raises AssistantError for a file that is no such table.
    """
    try:
        file = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise AssistantError(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        rows = csv.DictReader(file)
        names = _columns(path, rows.fieldnames or ())
        try:
            for number, row in enumerate(rows, 2):
                yield _event(row, names, path.name, number, find_customer)
        except UnicodeDecodeError as error:
            raise AssistantError(f"{path} is not UTF-8 text ({error.reason}). Save it as UTF-8.") from error


def _columns(path: Path, found: Sequence[str]) -> dict[str, str]:
    by_folded = {name.strip().casefold(): name for name in found if name}
    names = {
        ours: by_folded[next(name for name in theirs if name in by_folded)]
        for ours, theirs in _COLUMNS.items()
        if any(name in by_folded for name in theirs)
    }
    for needed in ("product", "at"):
        if needed not in names:
            raise AssistantError(f"{path.name} has no column for the {needed}: one of {', '.join(_COLUMNS[needed])}.")
    if "customer" not in names and "visitor" not in names:
        raise AssistantError(f"{path.name} says nowhere who it was: it needs a column customer_id or visitor_id.")
    return names


def _event(
    row: dict[str, str], names: dict[str, str], file: str, number: int, find_customer: Callable[[str], str | None]
) -> Interaction | RowError:
    cells = {ours: (row.get(theirs) or "").strip() for ours, theirs in names.items()}

    def wrong(column: str, message: str) -> RowError:
        return RowError(file=file, row=number, column=names.get(column, column), message=message)

    customer = find_customer(cells["customer"]) if cells.get("customer") else None
    if cells.get("customer") and customer is None:
        return wrong("customer", f"there is no customer '{cells['customer']}'")
    if customer is None and not cells.get("visitor"):
        return wrong("customer", "neither a customer nor a visitor is named")
    if not cells["product"]:
        return wrong("product", "no product is named")
    kind = _kind(cells.get("kind") or "purchase")
    if kind is None:
        return wrong("kind", f"'{cells['kind']}' is none of {', '.join(get_args(InteractionKind))}")
    at = _moment(cells["at"])
    if at is None:
        return wrong("at", f"'{cells['at']}' is no time; write 2026-03-01T12:00:00Z or seconds since 1970")
    return Interaction.model_validate(
        {
            "customer_id": customer,
            "visitor_id": cells.get("visitor") or None,
            "product_id": cells["product"],
            "kind": kind,
            "at": at,
            "source": "import",
        }
    )


def _kind(text: str) -> str | None:
    return next((kind for kind, names in _KINDS.items() if text.casefold().replace(" ", "_") in names), None)


def _moment(text: str) -> datetime | None:
    """Read a time; one without a zone is UTC."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    try:
        if number >= _SECONDS:
            return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
