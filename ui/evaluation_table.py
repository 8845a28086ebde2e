"""`shelftalk evaluate search`: what the settings say is measured, and the figures on a screen and in a file."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from assistant.app import load_configured_encoder
from assistant.errors import AssistantError
from assistant.settings import Settings
from retrieval.evaluation.bootstrap import Difference
from retrieval.evaluation.evaluate import Evaluation, evaluate_search
from retrieval.evaluation.judgments import read_judged_queries
from retrieval.evaluation.runs import FitFigures, SystemFigures, check_systems
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
    asked = None if systems is None else [name.strip() for name in systems.split(",")]
    check_systems(asked or (), reranker=True)
    judged = read_judged_queries(queries, qrels)
    encoder, reranker = load_configured_encoder(settings), load_reranker(settings.reranker)
    ranker = load_ranker_named(settings.ranker)
    reranks = reranker is not None or (ranker is not None and ranker.knows(encoder))
    names = asked or [name for name in SYSTEMS if reranks or name != "reranked"]
    check_systems(names, reranks)
    return evaluate_search(feed, judged, names, encoder, reranker, report, ranker=ranker)


def print_evaluation(evaluation: Evaluation, as_json: bool) -> None:
    """Print the figures to stdout, as a table or as JSON, and what was left out to stderr."""
    for note in evaluation.notes:
        console.print(note, style="yellow", markup=False, highlight=False)
    if as_json:
        fit = {"nothing_fits": evaluation.fit.model_dump()} if evaluation.fit else {}
        systems = [line.model_dump(by_alias=True) for line in evaluation.systems]
        print(json.dumps({"systems": systems, **fit}, indent=2))
        return
    # In a pipe there is no width to keep to.
    out = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH)
    out.print(figures_table(evaluation.systems))
    if evaluation.fit:
        out.print(_fit_line(evaluation.fit), highlight=False)


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


def _fit_line(fit: FitFigures) -> str:
    return (
        f"Nothing fits: told of {fit.told} of {fit.nothing_relevant} queries without a relevant product, "
        f"falsely of {fit.false_alarms} of {fit.something_relevant} with one"
    )


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


def print_side_by_side(figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Print a line a figure, a column a model; groups of figures are told by their path."""
    flat = {name: dict(_flat(entries)) for name, entries in figures.items()}
    rows = list(dict.fromkeys(row for entries in flat.values() for row in entries))
    width = max(map(len, rows), default=0)
    print(f"{'':<{width}}  " + "  ".join(f"{name[-24:]:>24}" for name in flat))
    for row in rows:
        print(f"{row:<{width}}  " + "  ".join(f"{entries.get(row, ''):>24}" for entries in flat.values()))


def _flat(entries: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in entries.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}/")
        elif not isinstance(value, list):
            yield f"{path}{name}", value
