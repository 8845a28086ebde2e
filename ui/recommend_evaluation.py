"""What `shelftalk evaluate recommend` does: read the tables, encode the items, measure, print."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from assistant.app import load_configured_encoder
from assistant.settings import Settings
from retrieval.evaluation.interactions import read_histories
from retrieval.evaluation.item_tables import read_items
from retrieval.evaluation.recommending import BUCKETS, Figures, evaluate_recommending
from ui.progress import console

Report = Callable[[str, int, int], None]


def measure_recommending(
    settings: Settings, interactions: Path, items_file: Path, folds: int, report: Report
) -> tuple[dict[str, Figures], dict[str, int]]:
    """Return the figures by system, and what was read. Raises `CatalogueError` for tables that can't be used."""
    items = read_items(items_file, load_configured_encoder(settings), partial(report, "Encoding"))
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
