"""`shelftalk export`: the shop's products as a feed, in a file or on the standard output."""

import shutil
import sys
import tempfile
from pathlib import Path

from assistant.errors import AssistantError
from retrieval.database import DATABASE_FILE, open_database
from retrieval.exporters import load_exporter
from retrieval.product_store import ProductStore


def export_products(store: Path, format_name: str, out: Path | None) -> int:
    """Write the store's products to `out`, or to the standard output, and return how many they are.

    Raises `UnknownName` for a format that there is not, `AssistantError` where there is no shop, and `CatalogueError`
    for a file that cannot be written or a product that the format cannot hold.
    """
    exporter = load_exporter(format_name)
    if not (store / DATABASE_FILE).is_file():
        raise AssistantError(
            f"There is no shop in {store}. Import a catalogue first: shelftalk import FILE --store DIR"
        )
    engine = open_database(store)
    try:
        products = ProductStore(engine)
        if out is not None:
            exporter.write(products.all(), out)
        else:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"products{exporter.suffix}"
                exporter.write(products.all(), path)
                with path.open("rb") as file:
                    shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.buffer.flush()
        return products.count()
    finally:
        engine.dispose()
