"""CSV with a header row: comma, semicolon or tab between the fields, the columns of `rows.FIELDS` or mapped."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from retrieval.errors import CatalogueError
from retrieval.importers.files import has_ending, is_unicode, read_lines
from retrieval.importers.rows import RowReader
from retrieval.importers.values import BrokenValue
from retrieval.schema import Product, RowError

_WHOLE_ROW = "(row)"
_LONGEST_FIELD = 10_000_000


class CsvImporter:
    """Reads .csv and .tsv files."""

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        return has_ending(path, ".csv", ".tsv")

    def extract(self, path: Path, mapping: Mapping[str, str]) -> Iterator[Product | RowError]:
        """Yield each row's product, or what is wrong with the row. `mapping` renames: our field -> theirs.

        Rows are counted as a spreadsheet does: the header is row 1. Raises `CatalogueError` without a usable header.
        """
        reader = RowReader(mapping)
        columns: list[str] | None = None
        for row, found in _rows(path):
            if columns is None:
                columns = _header(found, path)
                reader.check_columns(columns)
                continue
            try:
                if fields := _fields(found):
                    yield _read(fields, columns, reader)
            except BrokenValue as error:
                yield RowError(file=path.name, row=row, column=error.column, message=error.message)


def _rows(path: Path) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield each row, or why it cannot be split into fields."""
    csv.field_size_limit(_LONGEST_FIELD)
    # Bytes that are not UTF-8 become lone surrogates, so that only their own row is lost.
    lines = (line.decode("utf-8", errors="surrogateescape") for line in read_lines(path))
    first = next(lines, "")
    rows = csv.reader(_chain(first, lines), delimiter=_delimiter(first), strict=True)
    row = 0
    while True:
        row += 1
        try:
            yield row, next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield row, error


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _header(found: list[str] | csv.Error, path: Path) -> list[str]:
    if isinstance(found, csv.Error) or not any(found):
        raise CatalogueError(f"{path.name} has no header row: its first line must name the columns.")
    columns = [name.strip() for name in found]
    if not all(is_unicode(name) for name in columns):
        raise CatalogueError(f"{path.name} is not UTF-8 text. Save the feed as UTF-8.")
    return columns


def _fields(found: list[str] | csv.Error) -> list[str]:
    if isinstance(found, csv.Error):
        raise BrokenValue(_WHOLE_ROW, f"cannot be split into fields ({found}). Check its quotes.")
    return found if any(found) else []


def _read(fields: list[str], columns: list[str], reader: RowReader) -> Product:
    if len(fields) != len(columns):
        raise BrokenValue(_WHOLE_ROW, f"has {len(fields)} fields where the header has {len(columns)}.")
    row = dict(zip(columns, fields, strict=True))
    for column, text in row.items():
        if not is_unicode(text):
            raise BrokenValue(column, "is not UTF-8 text. Save the feed as UTF-8.")
    try:
        return reader.read(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BrokenValue(str(first["loc"][0]), f"{first['msg']}. Fix it or drop the row.") from error
