"""What the shop's own shoppers searched and then clicked, put into the cart or bought: judgments to train a ranker on.

Only searches followed by something count, and only events that the records keep: those of customers who said no to it
aren't there. A product that was shown and left alone counts 0, like one that nobody judged.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from assistant.app import load_configured_encoder, ranker_name
from assistant.schema import Value
from assistant.settings import Settings
from assistant.shop.records import ShopRecords
from finetune.errors import TrainingError
from finetune.ranker_data import RankedQuery, ranked_shop
from finetune.search_data import make_search_set
from finetune.train_ranker import cross_validate, ndcg_of, train_ranker
from retrieval.ranking.fit import FIT_FILE
from retrieval.ranking.model import MODEL_FILE
from retrieval.ranking.ranker import LEARNED, NONE, load_ranker_named, shipped_ranker
from retrieval.schema import Product

_GAINS = {"purchase": 1.0, "cart_add": 0.5, "click": 0.3, "like": 0.3}
_LEAST = 30
"""Searches that were followed by something, below which chance decides more than shoppers do."""
_MOST = 1_000_000


class Judgments(Value):
    """Searches by number, and what each of their products is worth, 0 to 1."""

    queries: Mapping[str, str]
    gains: Mapping[str, Mapping[str, float]]


def shop_judgments(records: ShopRecords) -> Judgments:
    """Return the searches in the records that were followed by something, each of the same words once."""
    followed: dict[str, dict[str, float]] = {}
    for _, event in records.interactions.since():
        if event.attribution_id and (gain := _GAINS.get(event.kind)):
            held = followed.setdefault(event.attribution_id, {})
            held[event.product_id] = max(gain, held.get(event.product_id, 0.0))
    by_words: dict[str, dict[str, float]] = {}
    for trace in records.traces.list(limit=_MOST):
        words = [words for words, hits in trace.searches if hits]
        for showing, asked in zip(reversed(trace.showings), reversed(words), strict=False):
            if gains := followed.get(showing.attribution_id):
                held = by_words.setdefault(" ".join(asked.casefold().split()), {})
                for product_id in showing.product_ids:
                    held[product_id] = max(gains.get(product_id, 0.0), held.get(product_id, 0.0))
    numbered = {f"q{number}": words for number, words in enumerate(sorted(by_words))}
    return Judgments(queries=numbered, gains={number: by_words[words] for number, words in numbered.items()})


def train_shop_ranker(
    out: Path,
    settings: Settings,
    products: Sequence[Product],
    judgments: Judgments,
    report: Callable[[str, int, int], None],
) -> tuple[dict[str, float], dict[str, float]]:
    """Train a ranker on the shop's judgments into `out`; return NDCG@10 of the one in use, and of ours on unseen folds.

    Raises TrainingError where there are too few judgments.
    """
    if len(judgments.queries) < _LEAST:
        raise TrainingError(
            f"{len(judgments.queries)} searches in the records were followed by a click or more; {_LEAST} are needed. "
            "Let the shop's page send its events (docs/http.md) and come back later."
        )
    report("Reading the catalogue", 0, 1)
    gains = {query: dict(held) for query, held in judgments.gains.items()}
    encoder = load_configured_encoder(settings)
    with tempfile.TemporaryDirectory() as cache:
        shop = make_search_set("shop", products, encoder, Path(cache), dict(judgments.queries), gains)
    queries = list(ranked_shop(shop).own_queries())
    report("Reading the catalogue", 1, 1)
    before = load_ranker_named(ranker_name(settings))
    unseen = cross_validate(queries)
    in_use = {query.query_id: before.trees.score(query.features) for query in queries} if before else None
    train_ranker(queries).save(_made(out) / MODEL_FILE)
    name = ranker_name(settings)
    # Whether anything fits at all is learned from other data, and stays as it is.
    shutil.copyfile((shipped_ranker() if name in (LEARNED, NONE) else Path(name)) / FIT_FILE, out / FIT_FILE)
    return {"ndcg@10": _mean(queries, in_use)}, {"ndcg@10": _mean(queries, unseen)}


def _mean(queries: Sequence[RankedQuery], scores: "Mapping[str, np.ndarray] | None") -> float:
    figures = [ndcg_of(query, scores[query.query_id] if scores else None) for query in queries]
    return round(float(np.mean([figure for figure in figures if figure is not None])), 4)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
