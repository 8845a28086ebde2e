"""Search measured from end to end: a feed and judged queries in, a line of figures a system out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from retrieval.database import open_database
from retrieval.evaluation.judgments import JudgedQueries, name_some
from retrieval.evaluation.runs import FitFigures, SystemFigures, check_systems, measure_fit, run_system, summarise
from retrieval.evaluation.stores import cached_store
from retrieval.product_store import ProductStore
from retrieval.ranking.ranker import Ranker
from retrieval.schema import Encoder, Filters, Reranker
from retrieval.search import open_catalogue

_ROWS_TOLD = 5


@dataclass(frozen=True)
class Evaluation:
    """What came of an evaluation. `notes` says what was left out of it."""

    systems: list[SystemFigures]
    ndcg: dict[str, dict[str, float]]
    """System → query id → NDCG@10, for the queries that have a relevant product."""
    notes: tuple[str, ...]
    fit: FitFigures | None = None
    """Of the system 'reranked', where a ranker tells that nothing fits."""


def evaluate_search(
    feed: Path,
    judged: JudgedQueries,
    systems: Sequence[str],
    encoder: Encoder,
    reranker: Reranker | None = None,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
    cache: Path | None = None,
    ranker: Ranker | None = None,
) -> Evaluation:
    """Rank the feed's whole catalogue for each query by each system, and measure it.

    The feed is imported into a store under `cache` that is kept for the next time. Raises `UnknownName` for a system
    that isn't there, and what reading a feed raises.
    """
    check_systems(systems, ranker is not None or reranker is not None)
    store, problems = cached_store(feed, encoder, progress, cache)
    engine = open_database(store)
    try:
        catalogue = open_catalogue(store, encoder, reranker, engine, ranker)
        notes = [*judged.notes, *_rows_left_out(feed, problems), *_unknown_products(engine, judged)]
        fit = measure_fit(catalogue, judged.texts, judged.gains) if "reranked" in systems and ranker else None
        runs = [run_system(catalogue, system, judged.texts, progress) for system in dict.fromkeys(systems)]
    finally:
        engine.dispose()
    figures, ndcg = summarise(runs, judged.gains)
    return Evaluation(figures, ndcg, tuple(notes), fit)


def _rows_left_out(feed: Path, problems: Sequence[str]) -> list[str]:
    if not problems:
        return []
    more = ["…"] if len(problems) > _ROWS_TOLD else []
    return [f"{len(problems)} rows of {feed.name} cannot be read:", *problems[:_ROWS_TOLD], *more]


def _unknown_products(engine: Engine, judged: JudgedQueries) -> list[str]:
    products = list(dict.fromkeys(product for gains in judged.gains.values() for product in gains))
    there = ProductStore(engine).admitted_ids(Filters(), among=products)
    absent = [product for product in products if product not in there]
    if not absent:
        return []
    told = name_some(absent, "judged product is", "judged products are")
    return [f"{told} not in the catalogue: no system can find them."]
