"""JSON Lines in our own form, one product a line: holds everything that a `Product` does."""

from collections.abc import Iterable
from pathlib import Path

from retrieval.exporters.files import open_output
from retrieval.schema import Product


class JsonlExporter:
    """Writes .jsonl files, for backups and for moving to another store. Nothing is lost."""

    suffix = ".jsonl"

    def write(self, products: Iterable[Product], path: Path) -> None:
        """Write the products to a file. Raises `CatalogueError` where it cannot be written."""
        with open_output(path) as file:
            for product in products:
                # `texts` tells the importer that this is our own form.
                file.write(product.model_dump_json(exclude_defaults=True) + "\n")
