"""`shelftalk evaluate search`: what the settings say is measured, and the figures on a screen and in a file."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from assistant.app import load_configured_encoder
from assistant.errors import AssistantError
from assistant.settings import Settings
from retrieval.evaluation.bootstrap import Difference
from retrieval.evaluation.evaluate import Evaluation, evaluate_search
from retrieval.evaluation.judgments import read_judged_queries
from retrieval.evaluation.runs import SystemFigures, check_systems
from retrieval.ranking.ranker import load_ranker_named
from retrieval.rerankers import load_reranker
from retrieval.search import SYSTEMS
from ui.progress import Report, console

_UNKNOWN = "–"
_PIPED_WIDTH = 140


def measure_search(
    settings: Settings, feed: Path, queries: Path, qrels: Path, systems: str | None, report: Report
) -> Evaluation:
    """Measure the systems, named with commas between; None for all that the settings allow.

    Raises what `evaluate_search` and `read_judged_queries` raise, before anything slow is begun.
    """
    ranker, reranker = load_ranker_named(settings.ranker), load_reranker(settings.reranker)
    reranks = ranker is not None or reranker is not None
    possible = [name for name in SYSTEMS if reranks or name != "reranked"]
    names = possible if systems is None else [name.strip() for name in systems.split(",")]
    check_systems(names, reranks)
    judged = read_judged_queries(queries, qrels)
    return evaluate_search(feed, judged, names, load_configured_encoder(settings), reranker, report, ranker=ranker)


def print_evaluation(evaluation: Evaluation, as_json: bool) -> None:
    """Print the figures to stdout, as a table or as JSON, and what was left out to stderr."""
    for note in evaluation.notes:
        console.print(note, style="yellow", markup=False, highlight=False)
    if as_json:
        print(json.dumps({"systems": [line.model_dump(by_alias=True) for line in evaluation.systems]}, indent=2))
    else:
        # In a pipe there is no width to keep to.
        Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH).print(figures_table(evaluation.systems))


def figures_table(figures: Sequence[SystemFigures]) -> Table:
    """Return a line a system; Δ is the difference of NDCG@10 to the first one, with its 95 % interval.

    The last column is the share of resamples in which the difference is 0 or below.
    """
    table = Table("System", box=None, pad_edge=False)
    for heading in ("NDCG@10", "Recall@100", "MRR@10", "judged@10", "p50 ms", "p95 ms", "Δ first", "95 %", "Δ ≤ 0"):
        table.add_column(heading, justify="right", no_wrap=True)
    for line in figures:
        shares = [_share(value) for value in (line.ndcg, line.recall, line.mrr, line.judged)]
        times = [f"{line.p50_ms:.1f}", f"{line.p95_ms:.1f}"]
        table.add_row(line.system, *shares, *times, *_difference(line.ndcg_against_first))
    return table


def write_per_query(path: Path, values: Mapping[str, Mapping[str, float]]) -> None:
    """Write NDCG@10 by query as TSV, a column a system. Raises AssistantError where the file cannot be written."""
    systems = list(values)
    queries = dict.fromkeys(query for held in values.values() for query in held)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t", lineterminator="\n")
            writer.writerow(["query_id", *systems])
            writer.writerows([query, *(f"{values[system][query]:.6f}" for system in systems)] for query in queries)
    except OSError as error:
        raise AssistantError(f"{path} cannot be written ({error.strerror}).") from error


def _share(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.3f}"


def _difference(difference: Difference | None) -> tuple[str, str, str]:
    if difference is None:
        return "", "", ""
    interval = f"{difference.low:+.3f} to {difference.high:+.3f}"
    return f"{difference.mean:+.3f}", interval, f"{difference.share_not_better:.1%}"
