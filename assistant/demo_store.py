"""The demo shop as a store: products and index, people and orders, policies, pictures."""

import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from assistant.shop.demo import fill_demo_records, write_demo_policies
from retrieval.database import open_database
from retrieval.demo.catalogue import demo_products
from retrieval.demo.pictures import write_pictures
from retrieval.generations import sweep
from retrieval.indexing import INDEX_FOLDER, build_index
from retrieval.schema import Encoder
from retrieval.vector_places import STORE_FOLDER, VectorPlace

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much of it is done, and how much there is."""


def build_demo_store(
    store: Path,
    encoder: Encoder,
    today: date,
    progress: Progress = lambda stage, done, total: None,
    place: VectorPlace = STORE_FOLDER,
) -> int:
    """Build the demo shop in the folder `store`, in the place of what was there; return how many products it has.

    Orders are dated relative to `today`; the vectors go to `place`. Everything is made in a folder beside `store` and
    renamed at the end, so that an interrupted set-up leaves the old store or none.
    """
    store.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".demo-", dir=store.parent) as scratch:
        fresh = Path(scratch) / "store"
        fresh.mkdir()
        products = demo_products()
        build_index(products, fresh, encoder, progress, place=place)
        engine = open_database(fresh)
        fill_demo_records(engine, products, today)
        # Closing the last connection folds the write-ahead log into the file that is about to be renamed.
        engine.dispose()
        write_demo_policies(fresh)
        progress("Drawing", 0, len(products))
        write_pictures(products, fresh)
        progress("Drawing", len(products), len(products))
        old = Path(scratch) / "old"
        if store.exists():
            store.replace(old)
        fresh.replace(store)
        if (old / INDEX_FOLDER).is_dir():
            sweep(old, set(), place)
        shutil.rmtree(old, ignore_errors=True)
    return len(products)
