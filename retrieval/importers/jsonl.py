"""JSON Lines: one product a line, in our own form (`Product`) or with the plain fields of `rows.FIELDS`."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from retrieval.importers.files import has_ending, is_unicode, open_feeds
from retrieval.importers.rows import RowReader
from retrieval.importers.values import BrokenValue, check_amount
from retrieval.schema import Product, RowError

_WHOLE_ROW = "(row)"


class JsonlImporter:
    """Reads .jsonl and .ndjson files."""

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        return has_ending(path, ".jsonl", ".ndjson")

    def extract(self, path: Path, mapping: Mapping[str, str]) -> Iterator[Product | RowError]:
        """Yield each line's product, or what is wrong with the line. `mapping` renames: our field -> theirs."""
        reader = RowReader(mapping)
        for name, feed in open_feeds(path):
            for row, line in enumerate(feed, start=1):
                if not line.strip():
                    continue
                try:
                    yield _read(line, reader)
                except BrokenValue as error:
                    yield error.at(name, row)


def _read(line: bytes, reader: RowReader) -> Product:
    found = _parse(line)
    if not isinstance(found.get("texts"), dict):
        return reader.read(found)
    try:
        return _own_form(line, reader)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        column = ".".join(str(part) for part in first["loc"]) or _WHOLE_ROW
        raise BrokenValue(column, f"{first['msg']}. Fix it or drop the row.") from error


def _parse(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line.decode("utf-8"), parse_float=Decimal, parse_constant=str)
    except UnicodeDecodeError:
        raise BrokenValue(_WHOLE_ROW, "is not UTF-8 text. Save the feed as UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise BrokenValue(_WHOLE_ROW, f"is not a line of JSON ({error}).") from None
    if b"\\ud" in line.lower() and not is_unicode(json.dumps(found, ensure_ascii=False, default=str)):
        raise BrokenValue(_WHOLE_ROW, "holds half a character. Write the feed as UTF-8 without escapes.")
    if not isinstance(found, dict):
        raise BrokenValue(_WHOLE_ROW, "is not a JSON object.")
    return found


def _own_form(line: bytes, reader: RowReader) -> Product:
    product = Product.model_validate_json(line)
    if not product.id.strip():
        raise BrokenValue("id", "the id is missing. Add it or drop the row.")
    if not product.texts or not product.title.strip():
        raise BrokenValue("texts", "the title is missing. Add it or drop the row.")
    for column in ("price", "list_price"):
        for price in (getattr(product, column), *(getattr(variant, column) for variant in product.variants)):
            if price is not None:
                check_amount(price.amount, column)
    if len({variant.id for variant in product.variants}) < len(product.variants):
        raise BrokenValue("variants", "two variants have the same id.")
    reader.claim(product.id, "id")
    return product
