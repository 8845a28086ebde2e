"""Recommending at scale: made products and events, as many as RECOMMEND_PRODUCTS and RECOMMEND_EVENTS say."""

import os
import resource
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.settings import Settings
from retrieval.recommend import Recommender
from retrieval.recommending.events import KINDS, RawEvent, read_events
from retrieval.recommending.fitted import fit
from retrieval.recommending.items import Items, make_items
from retrieval.recommending.learning import cases_of, train_ranking

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DIMENSION = 384
_CATEGORIES, _BRANDS = 400, 2000
_ASKED = 300
_CASES = 3000
_NOW = datetime(2026, 3, 1, tzinfo=UTC)


def measure(_settings: Settings) -> dict[str, Any]:
    products = int(os.environ.get("RECOMMEND_PRODUCTS", "100000"))
    events = int(os.environ.get("RECOMMEND_EVENTS", "1000000"))
    rng = np.random.default_rng(7)
    items = _items(products, rng)
    raw = _events(items, events, rng)
    seconds: dict[str, float] = {}

    def timed(name: str, started: float) -> None:
        seconds[name] = round(time.perf_counter() - started, 2)

    started = time.perf_counter()
    log = read_events(raw, items, _NOW)
    timed("reading the events", started)
    started = time.perf_counter()
    _ = items.neighbours, items.close
    timed("nearest products", started)
    started = time.perf_counter()
    fitted = fit(log, items)
    timed("counting", started)
    started = time.perf_counter()
    ranking = train_ranking(log, items, list(cases_of(log, _CASES)))
    timed(f"training on {_CASES} cases", started)
    assert ranking is not None
    recommender = Recommender(fitted, ranking)
    by_person: dict[str, list[RawEvent]] = {}
    for event in raw:
        by_person.setdefault(event.person, []).append(event)
    people = rng.choice(list(by_person), _ASKED, replace=False)
    spent, worked = [], []
    for place, person in enumerate([*people[:20], *people]):
        began, begun = time.perf_counter(), time.thread_time()
        found = recommender.recommend(by_person[person], _NOW, k=8)
        assert len(found) == 8
        if place >= 20:
            spent.append((time.perf_counter() - began) * 1000)
            worked.append((time.thread_time() - begun) * 1000)
    heavy = max(by_person.values(), key=len)
    began = time.perf_counter()
    recommender.recommend(heavy * (10_000 // len(heavy) + 1), _NOW, k=8)
    return {
        "products": products,
        "events": events,
        "people": len(by_person),
        "one_customer_ms": _shares(spent),
        # Without the waiting for a core that others use.
        "one_customer_cpu_ms": _shares(worked),
        "customer_with_10000_events_ms": round((time.perf_counter() - began) * 1000, 1),
        "seconds": seconds,
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _shares(spent: list[float]) -> dict[str, float]:
    return {f"p{share}": round(float(np.percentile(spent, share)), 1) for share in (50, 95, 99)}


def _items(count: int, rng: np.random.Generator) -> Items:
    """Products around the middles of their categories."""
    categories = rng.integers(0, _CATEGORIES, count)
    middles = _unit(rng.standard_normal((_CATEGORIES, _DIMENSION)).astype(np.float32))
    vectors = middles[categories] + 0.05 * rng.standard_normal((count, _DIMENSION)).astype(np.float32)
    return make_items(
        [f"p{number}" for number in range(count)],
        [f"category {number}" for number in categories],
        [f"brand {number}" for number in rng.integers(0, _BRANDS, count)],
        _unit(vectors),
        list(rng.uniform(5, 200, count)),
    )


def _events(items: Items, count: int, rng: np.random.Generator) -> list[RawEvent]:
    """People who like a few categories each, some products far more than others, over a year."""
    by_category = [np.flatnonzero(items.categories == code) for code in range(len(items.category_names))]
    events: list[RawEvent] = []
    person = 0
    while len(events) < count:
        liked = rng.integers(0, len(by_category), 3)
        for _ in range(min(int(rng.geometric(1 / 20)), count - len(events))):
            shelf = by_category[int(rng.choice(liked))]
            row = int(shelf[min(int(rng.exponential(len(shelf) / 6)), len(shelf) - 1)])
            kind = KINDS[int(rng.choice(4, p=(0.7, 0.12, 0.08, 0.1)))]
            at = (_NOW - timedelta(days=float(rng.uniform(0, 365)))).timestamp()
            events.append(RawEvent(f"u{person}", items.ids[row], kind, at))
        person += 1
    return events


def _unit(vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
