"""Feeds with named columns as records: the rows of a table, or the objects of JSON Lines, each with its place."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from retrieval.errors import CatalogueError
from retrieval.importers.files import is_unicode, open_feeds, read_start
from retrieval.importers.tables import WHOLE_ROW, header_of, read_table
from retrieval.importers.values import BrokenValue, read_text
from retrieval.schema import RowError


class Record(NamedTuple):
    """A row: the feed's name, the row's number (1-based, a table's header counts), column → value."""

    file: str
    row: int
    cells: Mapping[str, Any]

    def error(self, found: BrokenValue) -> RowError:
        """Return the row's error for a value that cannot be used."""
        return found.at(self.file, self.row)

    def note(self, column: str, message: str) -> RowError:
        """Return a warning about a row whose product is kept."""
        return RowError(file=self.file, row=self.row, column=column, message=message, kept=True)


class Columns:
    """Finds our fields in a format's columns, by any of their names there, or where a mapping says they are.

    `aliases` gives each field's columns, the best first. `mapping` is ours → theirs; '=USD' stands for a value itself.
    Raises `CatalogueError` for a mapping of a field that the format doesn't have.
    """

    def __init__(self, aliases: Mapping[str, Sequence[str]], mapping: Mapping[str, str], format_name: str) -> None:
        if unknown := sorted(set(mapping) - set(aliases)):
            raise CatalogueError(
                f"The mapping names the field '{unknown[0]}', which {format_name} does not take. "
                f"It takes: {', '.join(aliases)}."
            )
        self._mapping = mapping
        self._aliases = {**aliases, **{ours: [theirs] for ours, theirs in mapping.items()}}

    def check(self, record: Record) -> None:
        """Check that a table has the columns of the mapping. Raises `CatalogueError`."""
        for ours, theirs in self._mapping.items():
            if not theirs.startswith("=") and theirs not in record.cells:
                raise CatalogueError(
                    f"There is no column '{theirs}' for the field '{ours}'. "
                    f"Columns: {', '.join(sorted(record.cells))}. Name the right one with a mapping."
                )

    def name(self, record: Record, field: str) -> str:
        """Return what the field's column is called in this feed."""
        names = self._aliases[field]
        return next((name for name in names if name in record.cells), field if names[0].startswith("=") else names[0])

    def value(self, record: Record, field: str) -> object:
        """Return the first column's value that isn't empty, else None."""
        for name in self._aliases[field]:
            found = name.removeprefix("=") if name.startswith("=") else record.cells.get(name)
            if found is not None and found != "":
                return found
        return None

    def text(self, record: Record, field: str) -> str | None:
        """Return the value as text. Raises `BrokenValue` for a nested table."""
        return read_text(self.value(record, field), self.name(record, field))

    def needed(self, record: Record, field: str) -> str:
        """Return the value as text. Raises `BrokenValue` when there is none."""
        text = self.text(record, field)
        if text is None:
            raise BrokenValue(self.name(record, field), f"the {field} is missing. Add it or drop the row.")
        return text


def read_columns(path: Path) -> set[str]:
    """Return the column names of a table, or the keys of the first line's JSON object; none where there are none."""
    start = read_start(path)
    return set(first_object(path)) if start.lstrip().startswith(b"{") else set(header_of(start))


def first_object(path: Path) -> dict[str, Any]:
    """Return the JSON object on the first line that isn't empty, or an empty one, to tell formats apart."""
    for _, feed in open_feeds(path):
        line = next((line for line in feed if line.strip()), b"")
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
    return {}


def read_records(path: Path) -> Iterator[Record | RowError]:
    """Yield the rows of a CSV or TSV with a header, or what is wrong with a row. Empty rows are passed over.

    Raises `CatalogueError` without a header.
    """
    for name, feed in open_feeds(path):
        _, rows = read_table(feed, name)
        for row, found in rows:
            yield found.at(name, row) if isinstance(found, BrokenValue) else Record(name, row, found)


def read_objects(path: Path) -> Iterator[Record | RowError]:
    """Yield the objects of a JSON Lines file, or what is wrong with a line. Empty lines are passed over."""
    for name, feed in open_feeds(path):
        for row, line in enumerate(feed, start=1):
            if not line.strip():
                continue
            try:
                yield Record(name, row, _parse(line))
            except BrokenValue as error:
                yield error.at(name, row)


def _parse(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line.decode("utf-8"), parse_float=Decimal, parse_constant=str)
    except UnicodeDecodeError:
        raise BrokenValue(WHOLE_ROW, "is not UTF-8 text. Save the feed as UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise BrokenValue(WHOLE_ROW, f"is not a line of JSON ({error}).") from None
    if b"\\ud" in line.lower() and not is_unicode(json.dumps(found, ensure_ascii=False, default=str)):
        raise BrokenValue(WHOLE_ROW, "holds half a character. Write the feed as UTF-8 without escapes.")
    if not isinstance(found, dict):
        raise BrokenValue(WHOLE_ROW, "is not a JSON object.")
    return found
