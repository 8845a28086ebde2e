"""The card that is written beside the ranker."""

from collections.abc import Mapping, Sequence

from finetune.ranker_data import RankedQuery
from retrieval.evaluation.bootstrap import Difference
from retrieval.ranking.features import FEATURES


def ranker_card(queries: Sequence[RankedQuery], figures: Mapping[str, tuple[float, float, Difference]]) -> str:
    """Return the card as Markdown: data, licence, recipe, and NDCG@10 before and after."""
    candidates = sum(len(query.rows) for query in queries)
    lines = [
        f"| {shop} | {before:.3f} | {after:.3f} | {gap.mean:+.3f} ({gap.low:+.3f} to {gap.high:+.3f}) |"
        for shop, (before, after, gap) in figures.items()
    ]
    return _TEXT.format(
        queries=len(queries),
        candidates=candidates,
        features=", ".join(FEATURES),
        count=len(FEATURES),
        lines="\n".join(lines),
    )


_TEXT = """# The learned ranker

Orders the fused candidates of a query. Boosted trees (LightGBM) over
{count} features that hold for any shop's catalogue: none is an id, a word or a price. It is left out for a query that
the encoder can't read: trained on queries that it can, it made search/zh worse.

## Data and licence
- {queries} queries with {candidates} candidates of the development parts of esci and chorus.
- esci: Amazon Shopping Queries (Reddy et al. 2022, arXiv 2206.06588), Apache-2.0.
- chorus: ratings Apache-2.0; product data © Icecat, under the Open Content License (OPL).
- The files here hold neither queries nor products, only thresholds and values; they are under Apache-2.0.

## Recipe
`python -m finetune.train_ranker SETS --base ENCODER --work CACHE`. Two kinds of forests over the graded gains, an
unjudged candidate counting 0: cross-entropy, each candidate by itself, and XE-NDCG (Bruch 2021), all candidates of a
query together; their scores are averaged. Each: 3 seeds of 100 trees of at most 6 leaves, monotone where more can't be
worse; all numbers are in the trainer. Five folds by query; what ships is trained on all queries.

## NDCG@10, cross-validated by query
| set | fused | ranked | difference, paired bootstrap 95 % |
|---|---|---|---|
{lines}

## Features
{features}
"""
