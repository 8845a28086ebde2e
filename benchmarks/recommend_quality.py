"""Recommendations on purchase histories, as `shelftalk evaluate recommend` does it: RECOMMEND_TABLES names the folder.

Of each NAME_dev.parquet there (user_id, history, target) NAME_items.parquet holds the products (item_id, title, …).
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from assistant.settings import Settings
from ui.recommend_evaluation import measure_recommending

_FOLDS = 5


def measure(settings: Settings) -> dict[str, Any]:
    folder = Path(os.environ.get("RECOMMEND_TABLES", ""))
    tables = sorted(folder.glob("*_dev.parquet"))
    if not tables:
        raise SystemExit("Set RECOMMEND_TABLES to the folder with NAME_dev.parquet and NAME_items.parquet.")
    return {file.stem.removesuffix("_dev"): _one(settings, file) for file in tables}


def _one(settings: Settings, file: Path) -> dict[str, Any]:
    print(f"  {file.stem} …", file=sys.stderr, flush=True)
    items = file.with_name(file.name.replace("_dev.", "_items."))
    began = time.perf_counter()
    figures, read = measure_recommending(settings, file, items, _FOLDS, lambda stage, done, total: None)
    ndcg = {name: each.ndcg for name, each in figures.items()}
    return {
        "read": read,
        "folds": _FOLDS,
        "over_the_counter": {name: round(value / ndcg["co-occurrence"] - 1, 3) for name, value in ndcg.items()},
        "systems": {name: each.model_dump() for name, each in figures.items()},
        "seconds": round(time.perf_counter() - began),
    }
