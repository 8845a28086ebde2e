"""What `shelftalk evaluate recommend` does: read the tables, encode the items, measure, print."""

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from platformdirs import user_cache_path

from assistant.app import load_configured_encoder
from assistant.settings import Settings
from retrieval.encoders import can_read, encode_all
from retrieval.errors import CatalogueError
from retrieval.evaluation.interactions import read_histories, read_table
from retrieval.evaluation.recommending import BUCKETS, Figures, evaluate_recommending
from retrieval.recommending.items import Items, make_items
from retrieval.schema import Encoder
from ui.progress import console

if TYPE_CHECKING:
    from numpy.typing import NDArray

Report = Callable[[str, int, int], None]


def measure_recommending(
    settings: Settings, interactions: Path, items_file: Path, folds: int, report: Report
) -> tuple[dict[str, Figures], dict[str, int]]:
    """Return the figures by system, and what was read. Raises `CatalogueError` for tables that can't be used."""
    items = _read_items(settings, items_file, report)
    histories = read_histories(interactions, items.rows)
    read = {
        "users": histories.log.people,
        "events": len(histories.log),
        "cases": len(histories.cases),
        "items": len(items.ids),
        "left_out": histories.left_out,
    }
    figures = evaluate_recommending(histories, items, folds, lambda done, total: report("Ranking", done, total))
    return figures, read


def print_recommending(figures: dict[str, Figures], read: dict[str, int], as_json: bool) -> None:
    """Print the figures, a line a system."""
    if as_json:
        held = {"read": read, "systems": {name: each.model_dump() for name, each in figures.items()}}
        print(json.dumps(held, indent=2))
        return
    print(f"{'':<14} {'HR@10':>6} {'NDCG@10':>7} {'by earlier events':^27} {'varied':>6} {'cover':>6} {'popular':>7}")
    print(f"{'':<29} " + " ".join(f"{name:>6}" for name in BUCKETS))
    for name, each in figures.items():
        parts = (each.by_events.get(part) for part in BUCKETS)
        buckets = " ".join(f"{part['ndcg']:>6.3f}" if part else f"{'–':>6}" for part in parts)
        rest = f"{each.diversity:>6.3f} {each.coverage:>6.3f} {each.popularity_share:>7.3f}"
        print(f"{name:<14} {each.hr:>6.4f} {each.ndcg:>7.4f} {buckets} {rest}")
    counts = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in read.items())
    console.print(f"{counts}. Every product is ranked; by events: NDCG@10.", highlight=False)


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


def _read_items(settings: Settings, file: Path, report: Report) -> Items:
    table = read_table(file)
    if "item_id" not in table.columns or "title" not in table.columns:
        raise CatalogueError(f"{file.name} needs the columns item_id and title.")
    ids = [str(value) for value in table["item_id"]]
    if len(set(ids)) < len(ids):
        raise CatalogueError(f"{file.name} has an item_id twice. Give each item one row.")
    titles = [_text(value) for value in table["title"]]
    vectors = encoded(load_configured_encoder(settings), titles, lambda done: report("Encoding", done, len(titles)))
    prices = [_number(value) for value in table["price"]] if "price" in table.columns else None
    return make_items(ids, _column(table, "category", "categories"), _column(table, "brand"), vectors, prices)


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
