"""Products of a table as arrays, with their titles encoded; vectors are kept between runs."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from platformdirs import user_cache_path

from retrieval.encoders import can_read, encode_all
from retrieval.errors import CatalogueError
from retrieval.evaluation.interactions import read_table
from retrieval.recommending.items import Items, make_items
from retrieval.schema import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read_items(file: Path, encoder: Encoder, report: Callable[[int, int], None] = lambda done, total: None) -> Items:
    """Read products, item_id and title, with brand, category and price where known. Raises `CatalogueError`."""
    table = read_table(file)
    if "item_id" not in table.columns or "title" not in table.columns:
        raise CatalogueError(f"{file.name} needs the columns item_id and title.")
    ids = [str(value) for value in table["item_id"]]
    if len(set(ids)) < len(ids):
        raise CatalogueError(f"{file.name} has an item_id twice. Give each item one row.")
    titles = [_text(value) for value in table["title"]]
    vectors = encoded(encoder, titles, lambda done: report(done, len(titles)))
    prices = [_number(value) for value in table["price"]] if "price" in table.columns else None
    return make_items(ids, _column(table, "category", "categories"), _column(table, "brand"), vectors, prices)


def encoded(encoder: Encoder, texts: Sequence[str], progress: Callable[[int], None]) -> "NDArray[np.float32]":
    """Return the texts' vectors, those of a text that can't be read zeros; kept between runs by their content."""
    digest = hashlib.sha256("\0".join([encoder.name, *texts]).encode()).hexdigest()[:20]
    kept = user_cache_path("shelftalk", appauthor=False) / f"vectors-{digest}.npy"
    if kept.is_file():
        held: NDArray[np.float32] = np.load(kept)
        return held
    vectors = encode_all(encoder, texts, progress)
    vectors[[row for row, text in enumerate(texts) if not text or not can_read(encoder, text)]] = 0.0
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(".new.npy")
    np.save(fresh, vectors)
    fresh.replace(kept)
    return vectors


def _column(table: Any, *names: str) -> list[str | None]:
    found = next((name for name in names if name in table.columns), None)
    if found is None:
        return [None] * len(table)
    return [_text(value) or None for value in table[found]]


def _text(value: Any) -> str:
    """Return a cell as text: a list as its parts, nothing for what is missing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple | np.ndarray):
        return " > ".join(str(part) for part in value)
    return "" if value is None or value != value else str(value)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number > 0 else None
