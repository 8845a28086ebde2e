"""What a search gains by knowing the customer, on a year of order lines (`benchmarks.order_lines`).

Each next basket gives searches: the last two words of a product's name, which many products have, by a customer who
then bought that one. The hits are the nearest by their vectors; the customer's past moves some of them up, by two
places at most. Made searches, real purchases: it tells the direction and the size, not what a shop will see.
"""

from typing import Any

import numpy as np
import pandas as pd

from assistant.app import load_configured_encoder
from assistant.settings import Settings
from benchmarks.order_lines import names_of, read_order_lines, until
from benchmarks.recommend_baskets import REPORTED, baskets, day_number, raw_events
from retrieval.evaluation.item_tables import encoded
from retrieval.recommend import Recommender, nearer_first
from retrieval.recommending.fitted import fit
from retrieval.recommending.formula import Formula

_BASKETS = 400
_EACH = 2
"""Products of one basket that are searched for."""
_DEPTH = 24
"""Hits that are put in order."""
_DRAWS = 2000


def measure(settings: Settings) -> dict[str, Any]:
    items, log = read_order_lines(settings)
    origin = day_number(REPORTED[0])
    recommender = Recommender(fit(until(log, origin), items), Formula())
    rng = np.random.default_rng(2)
    found = list(baskets(log, origin))
    chosen = [found[place] for place in rng.permutation(len(found))[:_BASKETS]]
    wanted = [
        (basket, int(row)) for basket in chosen for row in rng.permutation(np.unique(log.rows[basket.target]))[:_EACH]
    ]
    names = names_of(items)
    words = [" ".join(names[row].split()[-2:]) for _, row in wanted]
    queries = encoded(load_configured_encoder(settings), sorted(set(words)), lambda done: None)
    query_of = dict(zip(sorted(set(words)), queries, strict=True))
    rows = []
    for (basket, target), text in zip(wanted, words, strict=True):
        hits = [items.ids[row] for row in np.argsort(-(items.vectors @ query_of[text]), kind="stable")[:_DEPTH]]
        events, now = raw_events(log, items, basket)
        near = recommender.affinity(events, hits, now)
        before = target in set(log.rows[basket.before].tolist())
        plain, personal = (_gain(order, items.ids[target]) for order in (hits, nearer_first(hits, near)))
        rows.append({"bought_before": before, "plain": plain, "personal": personal})
    table = pd.DataFrame(rows)
    parts = {"all": table, "bought_before": table[table.bought_before], "new": table[~table.bought_before]}
    return {"searches": len(table), **{name: _figures(part) for name, part in parts.items()}}


def _gain(order: list[str], target: str) -> float:
    """Return the gain of NDCG@10 with one target."""
    place = order.index(target) if target in order else 10
    return 1 / float(np.log2(place + 2)) if place < 10 else 0.0


def _figures(part: pd.DataFrame) -> dict[str, Any]:
    difference = (part.personal - part.plain).to_numpy()
    draws = np.random.default_rng(0).choice(difference, (_DRAWS, len(difference))).mean(axis=1)
    return {
        "searches": len(part),
        "ndcg_at_10": {"plain": round(float(part.plain.mean()), 4), "personal": round(float(part.personal.mean()), 4)},
        "difference_95": [round(float(bound), 4) for bound in np.quantile(draws, (0.025, 0.975))],
        "better": int((difference > 0).sum()),
        "worse": int((difference < 0).sum()),
    }
