"""Importers by format. To add one: a file here, an entry in the table, golden files."""

from collections.abc import Mapping
from pathlib import Path

from retrieval.errors import CatalogueError
from retrieval.registry import load_entry
from retrieval.schema import Importer, Product, RowError

# The more particular formats go first: the first importer that knows the file reads it.
IMPORTERS: dict[str, str] = {
    "shopify": "retrieval.importers.shopify:ShopifyImporter",
    "json-ld": "retrieval.importers.json_ld:JsonLdImporter",
    "openai": "retrieval.importers.openai_feed:OpenAiFeedImporter",
    "acp": "retrieval.importers.acp:AcpImporter",
    "google-xml": "retrieval.importers.google:GoogleXmlImporter",
    "google-tsv": "retrieval.importers.google:GoogleTsvImporter",
    "jsonl": "retrieval.importers.jsonl:JsonlImporter",
    "csv": "retrieval.importers.csv_file:CsvImporter",
}


def load_importer(name: str) -> Importer:
    """Load an importer by the name of its format. Raises `UnknownName` with the names there are."""
    importer: Importer = load_entry("feed format", IMPORTERS, name)()
    return importer


def find_importer(path: Path) -> Importer:
    """Return the importer that reads this file. Raises `CatalogueError` with the formats there are."""
    if not path.is_file():
        raise CatalogueError(f"There is no file {path}.")
    for name in IMPORTERS:
        importer = load_importer(name)
        if importer.identify(path):
            return importer
    raise CatalogueError(
        f"{path.name} is in no known feed format. Known formats: {', '.join(IMPORTERS)} "
        "(each also as .gz, or as a .zip of one feed or several of the same kind)."
    )


def read_feed(path: Path, mapping: Mapping[str, str] | None = None) -> tuple[list[Product], list[RowError]]:
    """Read a whole feed: the good products, and what is wrong with the other rows.

    Raises `CatalogueError` where the file as a whole cannot be read.
    """
    products: list[Product] = []
    errors: list[RowError] = []
    for found in find_importer(path).extract(path, mapping or {}):
        if isinstance(found, RowError):
            errors.append(found)
        else:
            products.append(found)
    return products, errors
