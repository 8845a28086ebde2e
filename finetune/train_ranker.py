"""Train the learned ranker on judged search sets: python -m finetune.train_ranker FOLDER… --base ENCODER --work CACHE.

Cross-validated by query; what ships is trained on all of them.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import lightgbm
import numpy as np
import typer

from finetune.ranker_card import ranker_card
from finetune.ranker_data import RankedQuery, ranked_shop
from finetune.search_data import load_search_set
from retrieval.encoders import load_encoder
from retrieval.evaluation.bootstrap import Difference, paired_difference
from retrieval.evaluation.folds import fold_of
from retrieval.ranking.features import FEATURES
from retrieval.ranking.model import MODEL_FILE, LearnedRanker

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENCODER = "all-minilm-l6-v2"
FOLDS, SEEDS, ROUNDS = 5, 3, 100
# A hundred-odd queries are few: shallow trees, heavy regularisation, a random half of the features a tree.
PARAMETERS = {
    "num_leaves": 6,
    "max_depth": 4,
    "learning_rate": 0.06,
    "min_data_in_leaf": 150,
    "lambda_l2": 10.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "feature_pre_filter": False,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
# A listwise objective wants whole grades; their worth is linear, as the measure counts them.
_GRADES = 30
_POINTWISE = {"objective": "cross_entropy"}
_LISTWISE = {"objective": "rank_xendcg", "label_gain": [grade / 3 for grade in range(_GRADES + 1)]}
# More of these is never worse …
_RISING = {
    "fused", "lexical_near", "dense_near", "cosine", "cosine_below", "cosine_standard", "centroid", "centroid_standard",
    "bm25f", "bm25f_below", "bm25f_standard", "bm25_title", "bm25_title_below", "title_coverage", "any_coverage",
    "place_coverage", "head_in_title", "head_in_place", "head_in_attributes", "phrase", "bigrams", "number_with_unit",
    "digits_in_title", "digits_anywhere", "brand", "title_agreement", "place_agreement", "keys_agreement",
}  # fmt: skip
# … and more of these never better.
_FALLING = {"weightiest_missing", "head_after_connective", "unwanted_in_title"}


def train_ranker(queries: Iterable[RankedQuery], seeds: int = SEEDS, rounds: int = ROUNDS) -> LearnedRanker:
    """Fit the forests to the gains, an unjudged candidate counting 0; queries without anything relevant are left out.

    Raises ValueError when no query is left.
    """
    told = [query for query in queries if query.gains.any()]
    if not told:
        raise ValueError("No query has a relevant product among its candidates: there is nothing to learn from.")
    rows = np.concatenate([query.features for query in told])
    gains = np.concatenate([query.gains for query in told])
    sizes = [len(query.rows) for query in told]
    directions = [int(name in _RISING) - int(name in _FALLING) for name in FEATURES]
    shared = {**PARAMETERS, "monotone_constraints": directions, "num_threads": 1}
    pointwise, listwise = [], []
    for seed in range(seeds):
        parameters = {**shared, "seed": seed}
        # LightGBM drops a data set's rows once it has binned them, so each forest gets its own.
        pointwise.append(lightgbm.train({**parameters, **_POINTWISE}, lightgbm.Dataset(rows, gains), rounds))
        grades = lightgbm.Dataset(rows, np.round(gains * _GRADES).astype(int), group=sizes)
        listwise.append(lightgbm.train({**parameters, **_LISTWISE}, grades, rounds))
    return LearnedRanker(pointwise, listwise, ENCODER)


def cross_validate(queries: Sequence[RankedQuery], folds: int = FOLDS) -> "dict[str, NDArray[np.float64]]":
    """Return query id → scores of its candidates, by a ranker that hasn't seen the query."""
    scores: dict[str, NDArray[np.float64]] = {}
    for fold in range(folds):
        held = [query for query in queries if fold_of(query.query_id, folds) == fold]
        if held:
            ranker = train_ranker(query for query in queries if fold_of(query.query_id, folds) != fold)
            scores |= {query.query_id: ranker.score(query.features) for query in held}
    return scores


def ndcg_of(query: RankedQuery, scores: "NDArray[np.float64] | None", k: int = 10) -> float | None:
    """Return NDCG@k of the candidates by score, or in fused order without scores; None where nothing is relevant."""
    if not any(query.ideal):
        return None
    discounts = 1 / np.log2(np.arange(2, k + 2))
    order = np.arange(len(query.rows)) if scores is None else np.argsort(-scores, kind="stable")
    found = query.gains[order][:k]
    ideal = np.array(query.ideal[:k])
    return float(found @ discounts[: len(found)] / (ideal @ discounts[: len(ideal)]))


def compare(
    queries: Sequence[RankedQuery], scores: "dict[str, NDArray[np.float64]]"
) -> dict[str, tuple[float, float, Difference]]:
    """Return set → NDCG@10 of the fused order, of the ranker's, and the paired difference."""
    figures: dict[str, tuple[float, float, Difference]] = {}
    for shop in dict.fromkeys(query.shop for query in queries):
        before: dict[str, float] = {}
        after: dict[str, float] = {}
        for query in (query for query in queries if query.shop == shop):
            fused, ranked = ndcg_of(query, None), ndcg_of(query, scores[query.query_id])
            if fused is not None and ranked is not None:
                before[query.query_id], after[query.query_id] = fused, ranked
        if difference := paired_difference(after, before):
            figures[shop] = (float(np.mean(list(before.values()))), float(np.mean(list(after.values()))), difference)
    return figures


def main(
    sets: Annotated[list[Path], typer.Argument(help="Folders of judged search sets.")],
    base: Annotated[Path, typer.Option(help="The encoder's folder.")],
    work: Annotated[Path, typer.Option(help="Where vectors and out-of-fold scores are kept.")],
    out: Annotated[Path, typer.Option(help="Where the ranker goes.")] = Path("finetune/adapters/ranker"),
) -> None:
    """Cross-validate, train on everything, write the ranker and its card."""
    encoder = load_encoder(ENCODER, base)
    queries = [query for folder in sets for query in ranked_shop(load_search_set(folder, encoder, work)).own_queries()]
    scores = cross_validate(queries)
    figures = compare(queries, scores)
    for shop, (before, after, difference) in figures.items():
        typer.echo(f"{shop}: {before:.3f} → {after:.3f} ({difference.low:+.3f} to {difference.high:+.3f})")
    outside = {query.query_id: scores[query.query_id].tolist() for query in queries}
    (work / "ranker_oof.json").write_text(json.dumps(outside), encoding="utf-8")
    out.mkdir(parents=True, exist_ok=True)
    train_ranker(queries).save(out / MODEL_FILE)
    (out / "card.md").write_text(ranker_card(queries, figures), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
