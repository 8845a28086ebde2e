"""Tables with a header row, comma, semicolon or tab between the fields: rows as column → text, with their numbers."""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from retrieval.errors import CatalogueError
from retrieval.importers.files import is_unicode
from retrieval.importers.values import BrokenValue

WHOLE_ROW = "(row)"
_LONGEST_FIELD = 10_000_000

Row = tuple[int, dict[str, str] | BrokenValue]


def read_table(feed: BinaryIO, name: str) -> tuple[list[str], Iterator[Row]]:
    """Return the columns, and each further row with its number, or what is wrong with it; empty rows are left out.

    Rows are counted as a spreadsheet does: the header is row 1. Raises `CatalogueError` without a usable header.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    # Bytes that are not UTF-8 become lone surrogates, so that only their own row is lost.
    lines = (line.decode("utf-8", errors="surrogateescape") for line in feed)
    first = next(lines, "")
    rows = _split(csv.reader(_chain(first, lines), delimiter=_delimiter(first), strict=True))
    columns = _header(next(rows, (1, []))[1], name)
    return columns, _named(rows, columns)


def header_of(start: bytes) -> list[str]:
    """Return the columns that the first line of a table names, to tell formats apart; no list for what is no table."""
    lines = start.decode("utf-8", errors="replace").splitlines()
    if not lines:
        return []
    try:
        return [column.strip() for column in next(csv.reader(lines[:1], delimiter=_delimiter(lines[0])), [])]
    except csv.Error:
        return []


def _split(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | csv.Error]]:
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


def _header(found: list[str] | csv.Error, name: str) -> list[str]:
    if isinstance(found, csv.Error) or not any(found):
        raise CatalogueError(f"{name} has no header row: its first line must name the columns.")
    columns = [column.strip() for column in found]
    if not all(is_unicode(column) for column in columns):
        raise CatalogueError(f"{name} is not UTF-8 text. Save the feed as UTF-8.")
    return columns


def _named(rows: Iterator[tuple[int, list[str] | csv.Error]], columns: list[str]) -> Iterator[Row]:
    for row, fields in rows:
        if isinstance(fields, csv.Error):
            yield row, BrokenValue(WHOLE_ROW, f"cannot be split into fields ({fields}). Check its quotes.")
        elif any(fields):
            yield row, _table_row(fields, columns)


def _table_row(fields: list[str], columns: list[str]) -> dict[str, str] | BrokenValue:
    if len(fields) != len(columns):
        return BrokenValue(WHOLE_ROW, f"has {len(fields)} fields where the header has {len(columns)}.")
    for column, text in zip(columns, fields, strict=True):
        if not is_unicode(text):
            return BrokenValue(column, "is not UTF-8 text. Save the feed as UTF-8.")
    return dict(zip(columns, fields, strict=True))
