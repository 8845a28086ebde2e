"""Running the systems over judged queries, and the figures that come of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean

import numpy as np
from pydantic import Field

from retrieval.errors import UnknownName
from retrieval.evaluation.bootstrap import Difference, paired_difference
from retrieval.evaluation.measures import CUTOFF, DEEP_CUTOFF, JUDGED, MRR, NDCG, RECALL, Gains, measure
from retrieval.registry import unknown_name
from retrieval.schema import Value
from retrieval.search import SYSTEMS, Catalogue
from retrieval.words import guess_language

_WARM_UP = 3


class SystemFigures(Value):
    """One system's line: means over the queries, None where no query has a value."""

    system: str
    ndcg: float | None = Field(serialization_alias=NDCG)
    recall: float | None = Field(serialization_alias=RECALL)
    mrr: float | None = Field(serialization_alias=MRR)
    judged: float | None = Field(serialization_alias=JUDGED)
    p50_ms: float
    p95_ms: float
    ndcg_against_first: Difference | None = Field(serialization_alias=f"{NDCG}_against_first")


class FitFigures(Value):
    """How often the shop's search tells that nothing fits, of the queries without and with a relevant product."""

    told: int
    nothing_relevant: int
    false_alarms: int
    something_relevant: int


@dataclass(frozen=True)
class SystemRun:
    """What a system found. Both rankings are query id → product ids, best first."""

    system: str
    shown: dict[str, list[str]]
    """The search for ten products that a shopper makes, and that is timed."""
    deep: dict[str, list[str]]
    """The search for a hundred."""
    milliseconds: list[float]
    """How long each query of `shown` took."""


def check_systems(names: Sequence[str], reranker: bool) -> None:
    """Raise `UnknownName` for a system that isn't there; `reranker` tells whether there is one to measure."""
    for name in names:
        if name not in SYSTEMS:
            raise UnknownName(unknown_name("system", dict.fromkeys(SYSTEMS), name))
    if "reranked" in names and not reranker:
        raise UnknownName(
            "The system 'reranked' needs a ranker, and none is chosen that knows the encoder: set SHELFTALK_RANKER, or "
            f"leave 'reranked' out (--systems {','.join(name for name in SYSTEMS if name != 'reranked')})."
        )


def run_system(
    catalogue: Catalogue,
    system: str,
    queries: Mapping[str, str],
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> SystemRun:
    """Ask each query (id → text) by itself, warm, in the language that its script tells."""
    for text in islice(queries.values(), _WARM_UP):
        catalogue.rank(text, CUTOFF, system, guess_language(text))
    run = SystemRun(system, {}, {}, [])
    for done, (query_id, text) in enumerate(queries.items(), start=1):
        language = guess_language(text)
        start = time.perf_counter()
        run.shown[query_id] = catalogue.rank(text, CUTOFF, system, language)
        run.milliseconds.append((time.perf_counter() - start) * 1000)
        run.deep[query_id] = catalogue.rank(text, DEEP_CUTOFF, system, language)
        progress(f"Searching: {system}", done, len(queries))
    return run


def measure_fit(catalogue: Catalogue, queries: Mapping[str, str], gains: Gains) -> FitFigures:
    """Ask of each query (id → text) whether anything fits, and compare with its judgments."""
    missing = {query_id: not catalogue.fits(text, guess_language(text)) for query_id, text in queries.items()}
    lacking = [query_id for query_id in queries if not any(gain > 0 for gain in gains[query_id].values())]
    return FitFigures(
        told=sum(missing[query_id] for query_id in lacking),
        nothing_relevant=len(lacking),
        false_alarms=sum(missing.values()) - sum(missing[query_id] for query_id in lacking),
        something_relevant=len(queries) - len(lacking),
    )


def summarise(runs: Sequence[SystemRun], gains: Gains) -> tuple[list[SystemFigures], dict[str, dict[str, float]]]:
    """Return the systems' figures, each compared with the first, and system → query id → NDCG@10."""
    values = [measure(run.shown, run.deep, gains) for run in runs]
    figures = []
    for position, (run, held) in enumerate(zip(runs, values, strict=True)):
        p50, p95 = np.percentile(run.milliseconds, [50, 95])
        figures.append(
            SystemFigures(
                system=run.system,
                ndcg=_mean(held[NDCG]),
                recall=_mean(held[RECALL]),
                mrr=_mean(held[MRR]),
                judged=_mean(held[JUDGED]),
                p50_ms=float(p50),
                p95_ms=float(p95),
                ndcg_against_first=paired_difference(held[NDCG], values[0][NDCG]) if position else None,
            )
        )
    return figures, {run.system: held[NDCG] for run, held in zip(runs, values, strict=True)}


def _mean(values: Mapping[str, float]) -> float | None:
    return fmean(values.values()) if values else None
