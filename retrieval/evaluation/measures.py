"""The measures of a ranking, a value a query. NDCG has linear gains and the discount 1 / log2(rank + 1)."""

from collections.abc import Mapping, Sequence
from math import gcd

import ir_measures
from ir_measures import RR, R, nDCG

NDCG, RECALL, MRR, JUDGED = "ndcg@10", "recall@100", "mrr@10", "judged@10"
MEASURES = (NDCG, RECALL, MRR, JUDGED)
CUTOFF, DEEP_CUTOFF = 10, 100

Ranking = Mapping[str, Sequence[str]]
"""Query id → product ids, best first."""
Gains = Mapping[str, Mapping[str, float]]
"""Query id → product id → gain, 0 or more."""

# trec_eval counts products by whole level of relevance, from 0 up, so the levels must not be too many.
_HIGHEST_LEVEL = 10**7
_DECIMALS = 10**6


def measure(shown: Ranking, deep: Ranking, gains: Gains) -> dict[str, dict[str, float]]:
    """Return measure → query id → value, for the queries that have judgments.

    `shown` is what a shopper sees, read to rank 10 for NDCG (ideal from all judged products, an unjudged one counts
    0), MRR (the first product with a gain) and judged@10 (the share of those shown that have a judgment); `deep` is
    read to rank 100 for recall@100, which counts the products of a query's top grade. A query whose gains are all 0
    has a value of judged@10 only: nothing could be right.
    """
    levels = _whole_levels({query: judged for query, judged in gains.items() if max(judged.values()) > 0})
    top = {
        query: {product: int(level == max(judged.values())) for product, level in judged.items()}
        for query, judged in levels.items()
    }
    found = _values([nDCG @ CUTOFF, RR @ CUTOFF], levels, shown, CUTOFF)
    recalled = _values([R @ DEEP_CUTOFF], top, deep, DEEP_CUTOFF)
    return {
        NDCG: found[nDCG @ CUTOFF],
        RECALL: recalled[R @ DEEP_CUTOFF],
        MRR: found[RR @ CUTOFF],
        JUDGED: {query: _share_judged(shown.get(query, ())[:CUTOFF], judged) for query, judged in gains.items()},
    }


def _whole_levels(gains: Gains) -> dict[str, dict[str, int]]:
    """Scale the gains to the smallest whole numbers in the same proportions, which leaves NDCG as it is.

    The library takes whole numbers only, and cuts a fraction off without a word.
    """
    highest = max((gain for judged in gains.values() for gain in judged.values()), default=1.0)
    scale = min(_DECIMALS, _HIGHEST_LEVEL / highest)
    whole = {
        query: {product: max(round(gain * scale), int(gain > 0)) for product, gain in judged.items()}
        for query, judged in gains.items()
    }
    common = gcd(*(level for judged in whole.values() for level in judged.values())) or 1
    return {query: {product: level // common for product, level in judged.items()} for query, judged in whole.items()}


def _values(
    wanted: list[ir_measures.Measure], levels: Mapping[str, Mapping[str, int]], ranking: Ranking, cutoff: int
) -> dict[ir_measures.Measure, dict[str, float]]:
    # A score of its own for each rank: the library sorts by score, and breaks ties in its own way.
    run = {
        query: {product: float(-rank) for rank, product in enumerate(ranking.get(query, ())[:cutoff])}
        for query in levels
    }
    # A query that found nothing is missing from some of the library's measures: it counts 0.
    values: dict[ir_measures.Measure, dict[str, float]] = {name: dict.fromkeys(levels, 0.0) for name in wanted}
    for found in ir_measures.iter_calc(wanted, {query: dict(judged) for query, judged in levels.items()}, run):
        values[found.measure][found.query_id] = found.value
    return values


def _share_judged(shown: Sequence[str], judged: Mapping[str, float]) -> float:
    # By hand: the library divides by zero where nothing was found.
    return sum(product in judged for product in shown) / len(shown) if shown else 0.0
