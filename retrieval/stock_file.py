"""Files of prices and stock: CSV with a header row (comma, semicolon or tab), or JSON Lines; each also as .gz."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from retrieval.errors import CatalogueError
from retrieval.importers.files import has_ending, read_lines
from retrieval.importers.values import BrokenValue, read_count, read_text
from retrieval.schema import RowError, Value

_FIELDS = ("id", "variant_id", "price", "currency", "stock")
_WHOLE_ROW = "(row)"


class StockRow(Value):
    """A row as it stands there. The price is a text still, since its currency may be known to the shop only."""

    row: int
    id: str
    variant_id: str | None
    price: str | None
    currency: str | None
    stock: int | None


def read_stock(path: Path, mapping: Mapping[str, str]) -> tuple[list[StockRow], list[RowError]]:
    """Return the rows that can be read, and what is wrong with the others. `mapping` renames: our field -> theirs.

    Raises `CatalogueError` where the file as a whole cannot be read.
    """
    _check(path, mapping)
    columns = {field: mapping.get(field, field) for field in _FIELDS}
    reader = _jsonl if has_ending(path, ".jsonl", ".ndjson") else _csv
    rows: list[StockRow] = []
    errors: list[RowError] = []
    for number, found in reader(path, columns, mapping):
        try:
            if isinstance(found, BrokenValue):
                raise found
            rows.append(_row(number, found, columns))
        except BrokenValue as error:
            errors.append(RowError(file=path.name, row=number, column=error.column, message=error.message))
    return rows, errors


def _check(path: Path, mapping: Mapping[str, str]) -> None:
    if not path.is_file():
        raise CatalogueError(f"There is no file {path}.")
    if not has_ending(path, ".jsonl", ".ndjson", ".csv", ".tsv"):
        raise CatalogueError(f"{path.name} is no stock file: .csv, .tsv or .jsonl are read, each also with .gz.")
    for ours in mapping:
        if ours not in _FIELDS:
            raise CatalogueError(f"The mapping names the field '{ours}'. There are: {', '.join(_FIELDS)}.")


def _row(number: int, found: Mapping[str, object], columns: Mapping[str, str]) -> StockRow:
    texts = {field: read_text(found.get(theirs), theirs) for field, theirs in columns.items() if field != "stock"}
    if not texts["id"]:
        raise BrokenValue(columns["id"], "the id is missing. Add it or drop the row.")
    stock = read_count(found.get(columns["stock"]), columns["stock"])
    return StockRow(
        row=number,
        id=texts["id"],
        variant_id=texts["variant_id"],
        price=texts["price"],
        currency=texts["currency"],
        stock=stock,
    )


_Found = Iterator[tuple[int, Mapping[str, object] | BrokenValue]]


def _csv(path: Path, columns: Mapping[str, str], mapping: Mapping[str, str]) -> _Found:
    lines = (line.decode("utf-8", errors="replace") for line in read_lines(path))
    first = next(lines, "")
    header = next(csv.reader([first], delimiter=_delimiter(first)), [])
    names = [name.strip() for name in header]
    _check_header(path, names, columns, mapping)
    rows = csv.reader(lines, delimiter=_delimiter(first), strict=True)
    number = 1
    while True:
        number += 1
        try:
            fields = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, BrokenValue(_WHOLE_ROW, f"cannot be split into fields ({error}). Check its quotes.")
            continue
        if not any(fields):
            continue
        if len(fields) != len(names):
            yield number, BrokenValue(_WHOLE_ROW, f"has {len(fields)} fields where the header has {len(names)}.")
            continue
        yield number, dict(zip(names, fields, strict=True))


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _check_header(path: Path, names: Sequence[str], columns: Mapping[str, str], mapping: Mapping[str, str]) -> None:
    held = ", ".join(names) or "none"
    for ours, theirs in columns.items():
        if (ours == "id" or ours in mapping) and theirs not in names:
            raise CatalogueError(
                f"{path.name} has no column '{theirs}' for the field '{ours}'. Columns: {held}. "
                "Name the right one with a mapping."
            )
    if columns["price"] not in names and columns["stock"] not in names:
        raise CatalogueError(f"{path.name} has neither a price nor a stock. Columns: {held}.")


def _jsonl(path: Path, _columns: Mapping[str, str], _mapping: Mapping[str, str]) -> _Found:
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line.decode("utf-8"), parse_float=Decimal, parse_constant=str)
        except (ValueError, RecursionError) as error:
            yield number, BrokenValue(_WHOLE_ROW, f"is not a line of JSON ({error}).")
            continue
        yield number, found if isinstance(found, dict) else BrokenValue(_WHOLE_ROW, "is not a JSON object.")
