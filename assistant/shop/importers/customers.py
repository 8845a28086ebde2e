"""Customers from a table or JSON Lines, one a row."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from assistant.schema import Customer
from assistant.shop.importers.rows import read_address, read_rows
from retrieval.importers.records import Columns, Record
from retrieval.importers.values import BrokenValue
from retrieval.schema import RowError

CUSTOMER_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "customer_id", "Customer ID"),
    "email": ("email", "Email"),
    "name": ("name", "Name"),
    "first_name": ("first_name", "First Name"),
    "last_name": ("last_name", "Last Name"),
    "language": ("language", "Language", "locale"),
    "recipient": ("recipient",),
    "line1": ("line1", "address1", "Default Address Address1", "Address1"),
    "line2": ("line2", "address2", "Default Address Address2", "Address2"),
    "city": ("city", "Default Address City", "City"),
    "region": ("region", "Default Address Province Code", "Province Code"),
    "postcode": ("postcode", "zip", "Default Address Zip", "Zip"),
    "country": ("country", "Default Address Country Code", "Country Code"),
}
"""Our fields, and what their columns are called in our own tables and in the exports of Shopify."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LANGUAGE = re.compile(r"([a-z]{2})([-_].*)?", re.IGNORECASE)


def read_customers(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Customer | RowError]:
    """Yield each row's customer, or what is wrong with the row. `mapping` renames: our field → theirs.

    A customer without an id has the e-mail address for one. Raises `CatalogueError` for what is no such file.
    """
    columns = Columns(CUSTOMER_FIELDS, mapping or {}, "a customer")
    ids: set[str] = set()
    emails: set[str] = set()
    for record in read_rows(path, columns):
        if isinstance(record, RowError):
            yield record
            continue
        try:
            customer = _read(columns, record)
            _claim(ids, customer.id, columns.name(record, "id"))
            _claim(emails, customer.email.casefold(), columns.name(record, "email"))
            yield customer
        except BrokenValue as error:
            yield record.error(error)


def _read(columns: Columns, record: Record) -> Customer:
    email = columns.needed(record, "email")
    if not _EMAIL.fullmatch(email):
        raise BrokenValue(columns.name(record, "email"), f"'{email}' is no e-mail address.")
    parts = [columns.text(record, part) for part in ("first_name", "last_name")]
    name = columns.text(record, "name") or " ".join(filter(None, parts)) or columns.needed(record, "name")
    language = columns.text(record, "language") or "en"
    if not (code := _LANGUAGE.fullmatch(language)):
        raise BrokenValue(columns.name(record, "language"), f"'{language}' is no language code, such as en.")
    return Customer(
        id=(columns.text(record, "id") or email).lstrip("'"),
        name=name,
        email=email,
        language=code[1].lower(),
        address=read_address(columns, record, name),
    )


def _claim(taken: set[str], value: str, column: str) -> None:
    if value in taken:
        raise BrokenValue(column, f"'{value}' stands in an earlier row already.")
    taken.add(value)
