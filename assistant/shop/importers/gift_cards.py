"""Gift cards from a table or JSON Lines, one a row."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from assistant.schema import GiftCard
from assistant.shop.importers.rows import read_rows
from retrieval.importers.records import Columns, Record
from retrieval.importers.values import BrokenValue, read_price
from retrieval.schema import RowError

GIFT_CARD_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "Id", "ID", "number", "Code"),
    "customer_id": ("customer_id", "customer", "Customer ID"),
    "email": ("email", "Email", "Customer Email"),
    "balance": ("balance", "Balance", "Current Balance"),
    "currency": ("currency", "Currency"),
}
"""Our fields, and what their columns may be called besides."""


def read_gift_cards(
    path: Path, mapping: Mapping[str, str] | None, find_customer: Callable[[str], str | None]
) -> Iterator[GiftCard | RowError]:
    """Yield each row's gift card, or what is wrong with the row.

    `find_customer` takes an e-mail address or an id to the customer's id. `mapping` renames: our field → theirs.
    Raises `CatalogueError` for what is no such file.
    """
    columns = Columns(GIFT_CARD_FIELDS, mapping or {}, "a gift card")
    seen: set[str] = set()
    for record in read_rows(path, columns):
        if isinstance(record, RowError):
            yield record
            continue
        try:
            card = _read(columns, record, find_customer)
            if card.id in seen:
                raise BrokenValue(columns.name(record, "id"), f"'{card.id}' stands in an earlier row already.")
            seen.add(card.id)
            yield card
        except BrokenValue as error:
            yield record.error(error)


def _read(columns: Columns, record: Record, find_customer: Callable[[str], str | None]) -> GiftCard:
    # A spreadsheet's apostrophe keeps a number a text.
    given = (columns.text(record, "customer_id") or columns.needed(record, "email")).lstrip("'")
    owner = find_customer(given)
    if owner is None:
        column = columns.name(record, "email" if "@" in given else "customer_id")
        raise BrokenValue(column, f"no customer is known as '{given}'. Import the customers first.")
    name = columns.name(record, "balance")
    text = columns.needed(record, "balance")
    balance = read_price(text, columns.text(record, "currency"), name, columns.name(record, "currency"))
    if balance is None or balance.amount < 0:
        raise BrokenValue(name, f"'{text}' is no balance.")
    return GiftCard(id=columns.needed(record, "id").lstrip("'"), customer_id=owner, balance=balance)
