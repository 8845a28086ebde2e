"""CSV with the columns that the CSV importer knows without a mapping."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

from retrieval.exporters.files import open_output
from retrieval.importers.csv_file import TABLE_FIELDS
from retrieval.schema import Money, Product

# Prices say their currency themselves.
_COLUMNS = [theirs for ours, theirs in TABLE_FIELDS.items() if ours != "currency"]


class CsvExporter:
    """Writes a row for each product, for spreadsheets.

    Has no place for: variants (only the product's lowest price and stock), reviews, texts in further languages,
    translated attributes, a category with ' > ' in its name, empty attributes, HTML, and space around a text.
    """

    suffix = ".csv"

    def write(self, products: Iterable[Product], path: Path) -> None:
        """Write the products to a file. Raises `CatalogueError` where it cannot be written."""
        with open_output(path) as file:
            table = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(_row(product) for product in products)


def _row(product: Product) -> dict[str, object]:
    texts = product.text(product.language)
    ours: dict[str, object] = {
        **product.model_dump(include=set(TABLE_FIELDS)),
        "title": texts.title,
        "short_name": texts.short_name,
        "description": texts.description,
        "price": _money(product.price),
        "list_price": _money(product.list_price),
        "attributes": json.dumps(product.attributes, ensure_ascii=False) if product.attributes else None,
        "more_images": _joined(product.more_images),
    }
    return {theirs: ours.get(field) for field, theirs in TABLE_FIELDS.items() if theirs in _COLUMNS}


def _money(price: Money | None) -> str | None:
    return f"{price.amount:f} {price.currency}" if price else None


def _joined(texts: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(texts)
    return line.getvalue()
