"""What the importers of people and orders have in common."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from assistant.schema import Address
from retrieval.importers.files import has_ending
from retrieval.importers.records import Columns, Record, read_objects, read_records
from retrieval.importers.values import BrokenValue
from retrieval.schema import RowError


def read_rows(path: Path, columns: Columns) -> Iterator[Record | RowError]:
    """Yield the file's rows, of a table or of JSON Lines, or what is wrong with one. Raises `CatalogueError`."""
    if has_ending(path, ".jsonl", ".ndjson"):
        yield from read_objects(path)
        return
    checked = False
    for record in read_records(path):
        if not checked and isinstance(record, Record):
            columns.check(record)
            checked = True
        yield record


def read_address(columns: Columns, record: Record, name: str) -> Address:
    """Return the address of a row, for `name` where no recipient stands there. Raises `BrokenValue`."""
    country = columns.needed(record, "country").upper()
    if len(country) != 2 or not country.isalpha():
        raise BrokenValue(
            columns.name(record, "country"), f"'{country}' is no country code of two letters, such as US."
        )
    return Address(
        name=columns.text(record, "recipient") or name,
        line1=columns.needed(record, "line1"),
        line2=columns.text(record, "line2"),
        city=columns.needed(record, "city"),
        region=columns.text(record, "region"),
        # A spreadsheet's apostrophe keeps the zeros in front of a postcode.
        postcode=columns.needed(record, "postcode").lstrip("'"),
        country=country,
    )


def read_moment(columns: Columns, record: Record, field: str) -> datetime:
    """Return a date and time, in UTC where no zone stands there. Raises `BrokenValue`."""
    text = columns.needed(record, field)
    try:
        # Shopify writes a space before the zone, which ISO 8601 doesn't know.
        found = datetime.fromisoformat(re.sub(r"\s(?=[+-]\d{4}$)", "", text))
    except ValueError:
        example = "2026-03-05T14:30:00+01:00"
        raise BrokenValue(columns.name(record, field), f"'{text}' is no date and time, such as {example}.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def read_day(columns: Columns, record: Record, field: str) -> date | None:
    """Return a date, None for an empty cell. Raises `BrokenValue`."""
    text = columns.text(record, field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BrokenValue(columns.name(record, field), f"'{text}' is no date, such as 2026-03-05.") from None
