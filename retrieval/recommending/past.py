"""One person's events as arrays, newest last, with what each weighs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.events import DISLIKE, PURCHASE, RETURN, STRENGTH, RawEvent, read_events
from retrieval.recommending.items import Items
from retrieval.recommending.purchases import Purchases, sorted_purchases

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEPTH = 30
"""Different products that count, the newest."""
_STEP = 0.85
_DAY = 86400.0


@dataclass(frozen=True)
class Past:
    """What one person had to do with, a product once, oldest first; `days` since 1970 of the latest time.

    `disliked` are rows that were disliked or sent back. `bought` are rows → day of the latest purchase. `purchases`
    are all of them, by product and day.
    """

    rows: "NDArray[np.int32]"
    weights: "NDArray[np.float32]"
    days: "NDArray[np.float64]"
    kinds: "NDArray[np.int8]"
    """The strongest that was done with each."""
    bought: dict[int, float]
    disliked: frozenset[int]
    times: dict[int, int]
    """How many days each was bought on."""
    purchases: Purchases

    def __len__(self) -> int:
        return len(self.rows)

    def weights_over(self, vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """Return the weighted mean of the products' vectors, zeros where there is no past: shape (dimension,)."""
        total = max(float(self.weights.sum()), 1e-9)
        return np.asarray((self.weights @ vectors[self.rows]) / total, dtype=np.float32)


def read_past(events: Sequence[RawEvent], items: Items, now: datetime) -> Past:
    """Read one person's events; what the log leaves out is left out here, too."""
    one = [event._replace(person="") for event in events]
    log = read_events(one, items, now)
    return past_of_rows(log.rows, log.kinds, log.days)


def past_of_rows(rows: "NDArray[np.int32]", kinds: "NDArray[np.int8]", days: "NDArray[np.float64]") -> Past:
    """Put one person's events, oldest first, together by product."""
    # The newest word counts: who buys again what they sent back likes it after all.
    latest = dict(zip(rows.tolist(), kinds.tolist(), strict=True))
    disliked = frozenset(row for row, kind in latest.items() if kind in (RETURN, DISLIKE))
    last: dict[int, tuple[float, int]] = {}
    bought: dict[int, float] = {}
    times: dict[int, int] = {}
    for row, kind, day in zip(rows.tolist(), kinds.tolist(), days.tolist(), strict=True):
        if kind == PURCHASE:
            bought[row] = day
            times[row] = times.get(row, 0) + 1
        if row in disliked or STRENGTH[kind] <= 0:
            continue
        stronger = max(kind, last[row][1], key=lambda code: STRENGTH[code]) if row in last else kind
        last.pop(row, None)
        last[row] = (day, stronger)
    kept = list(last.items())[-_DEPTH:]
    paid = kinds == PURCHASE
    strengths = np.array([STRENGTH[kind] for _, (_, kind) in kept], dtype=np.float32)
    steps = _STEP ** np.arange(len(kept) - 1, -1, -1, dtype=np.float32)
    return Past(
        rows=np.array([row for row, _ in kept], dtype=np.int32),
        weights=strengths * steps,
        days=np.array([day for _, (day, _) in kept], dtype=np.float64),
        kinds=np.array([kind for _, (_, kind) in kept], dtype=np.int8),
        bought=bought,
        disliked=disliked,
        times=times,
        purchases=sorted_purchases(np.zeros_like(rows[paid]), rows[paid].astype(np.int64), days[paid]),
    )


def moment(day: float) -> datetime:
    """Return a day since 1970 as a moment in UTC."""

    return datetime.fromtimestamp(day * _DAY, UTC)
