"""Small shops with two kinds of goods, and people who buy of them."""

from datetime import UTC, datetime, timedelta

import numpy as np

from retrieval.recommending.events import RawEvent
from retrieval.recommending.items import Items, make_items

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_shop(kinds: int = 4, each: int = 8) -> Items:
    """Products k0-0, k0-1 … of some kinds: of one kind they are close, of two they aren't."""
    rng = np.random.default_rng(3)
    middles = np.eye(32, dtype=np.float32)[:kinds]
    ids, categories, vectors, prices = [], [], [], []
    for kind in range(kinds):
        for number in range(each):
            ids.append(f"k{kind}-{number}")
            categories.append(f"kind {kind}")
            vectors.append(middles[kind] + 0.08 * rng.standard_normal(32))
            prices.append(10.0 + number)
    table = np.array(vectors, dtype=np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    return make_items(ids, categories, [None] * len(ids), table, prices)


def did(person: str, product_id: str, days_ago: float, kind: str = "purchase") -> RawEvent:
    return RawEvent(person, product_id, kind, (NOW - timedelta(days=days_ago)).timestamp())
