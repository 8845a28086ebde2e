"""Whether a Chinese query finds what the shop has, and is told what it lacks: python -m benchmarks search_chinese.

Shopper's queries by one writer (search_chinese.tsv), before anything of the Chinese search was changed: half of them
name a kind that the demo shop has, half one that it hasn't. Those marked 'development' were looked at while it was
changed, those marked 'unseen' weren't. The store is the configured one, with the demo shop in it.
"""

import csv
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

from assistant.app import open_configured_catalogue
from assistant.settings import Settings
from finetune.train_fit import wilson
from retrieval.schema import Query
from retrieval.search import Catalogue

_QUERIES = Path(__file__).with_name("search_chinese.tsv")
_SEEN = 5


def measure(settings: Settings) -> dict[str, Any]:
    catalogue = open_configured_catalogue(settings)
    with _QUERIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    catalogue.search(Query(text=rows[0]["query"], language="zh"))
    halves = dict.fromkeys(row["half"] for row in rows)
    return {half: _measure(catalogue, [row for row in rows if row["half"] == half]) for half in halves}


def _measure(catalogue: Catalogue, rows: Sequence[dict[str, str]]) -> dict[str, Any]:
    found: list[bool] = []
    first: list[bool] = []
    right: list[float] = []
    lacking: list[bool] = []
    seconds: list[float] = []
    wrong: list[str] = []
    for row in rows:
        wanted = set(filter(None, row["categories"].split("|")))
        began = time.perf_counter()
        categories = [hit.product.category for hit in catalogue.search(Query(text=row["query"], language="zh"))]
        seconds.append(time.perf_counter() - began)
        if wanted:
            found.append(bool(categories))
            first.append(bool(categories) and categories[0] in wanted)
            right.append(mean([category in wanted for category in categories[:_SEEN]] or [False]))
        else:
            lacking.append(not categories)
        if not (first[-1] if wanted else lacking[-1]):
            wrong.append(row["query"])
    return {
        "has": {"queries": len(found), "found": _share(found), "first_right": _share(first)},
        "right_of_first_5": round(mean(right), 3),
        "has_not": {"queries": len(lacking), "told": _share(lacking)},
        "p50_ms": round(median(seconds) * 1000, 1),
        "wrong": wrong,
    }


def _share(right: Sequence[bool]) -> dict[str, float]:
    low, high = wilson(sum(right), len(right))
    return {"share": round(mean(right), 3), "low": round(low, 3), "high": round(high, 3)}
