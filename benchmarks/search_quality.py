"""How good the search is on judged sets, each system beside the others: python -m benchmarks search_quality.

The sets lie in the folder that SEARCH_SETS names, each with catalogue.jsonl.gz, queries_dev.csv and qrels_dev.csv. The
ranker that ships was trained on the development queries of esci and chorus: its own figures, cross-validated by query,
are in finetune/adapters/ranker/card.md, and those here of 'reranked' are on queries that it has seen.
"""

import os
import sys
from pathlib import Path
from typing import Any

from assistant.settings import Settings
from ui.evaluation_table import measure_search

_DEFAULT = Path(__file__).parents[2] / "shared" / "data" / "search"


def measure(settings: Settings) -> dict[str, Any]:
    folder = Path(os.environ.get("SEARCH_SETS", _DEFAULT))
    sets = sorted(path.parent for path in folder.glob("*/queries_dev.csv"))
    if not sets:
        sys.exit(f"There are no search sets in {folder}. Set SEARCH_SETS to a folder of them.")
    return {found.name: _measure_set(settings, found) for found in sets}


def _measure_set(settings: Settings, folder: Path) -> dict[str, Any]:
    evaluation = measure_search(
        settings,
        folder / "catalogue.jsonl.gz",
        folder / "queries_dev.csv",
        folder / "qrels_dev.csv",
        None,
        lambda stage, done, total: None,
    )
    return {
        "systems": [line.model_dump(by_alias=True) for line in evaluation.systems],
        "nothing_fits": evaluation.fit.model_dump() if evaluation.fit else None,
    }
