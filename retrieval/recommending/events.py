"""The event log as arrays, brought to what can be learned from: no robots, no future, no unknown products."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from retrieval.recommending.items import Items
from retrieval.schema import Interaction

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("view", "click", "cart_add", "purchase", "return", "like", "dislike")
# How much each says of liking the product. What was sent back or disliked says nothing good, and counts nowhere.
STRENGTH = np.array([0.25, 0.35, 0.7, 1.0, 0.0, 0.6, 0.0], dtype=np.float32)
PURCHASE, RETURN, LIKE, DISLIKE = (KINDS.index(kind) for kind in ("purchase", "return", "like", "dislike"))
# Of one person the newest count, of one person's day no more than a person can do: beyond it a robot is at work, and
# nothing of that day is learned from.
MOST_EVENTS = 300
MOST_A_DAY = 200
_DAY = 86400.0


class RawEvent(NamedTuple):
    """One event as it stands in a table: who, which product, which kind, when (seconds since 1970, UTC)."""

    person: str
    product_id: str
    kind: str
    at: float


@dataclass(frozen=True)
class EventLog:
    """Events by person and time: parallel arrays, one entry an event. `people` counts the persons."""

    persons: "NDArray[np.int32]"
    rows: "NDArray[np.int32]"
    kinds: "NDArray[np.int8]"
    days: "NDArray[np.float64]"
    """Days since 1970."""
    people: int
    now: float
    """The day the log is read on."""
    left_out: int = 0
    segments: "NDArray[np.int16] | None" = None
    """By person the number of their segment, -1 where it is unknown."""
    segment_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def strengths(self) -> "NDArray[np.float32]":
        """What each event says of liking, from 0 to 1."""
        return np.asarray(STRENGTH[self.kinds])


def read_events(
    events: Iterable[RawEvent], items: Items, now: datetime, segments: Mapping[str, str] | None = None
) -> EventLog:
    """Sort events by person and time, and leave out what can't be learned from. `segments`: person → their segment.

    Left out are events of products that aren't there, of the future, of a kind that isn't known, the second and further
    of one kind on one product on one day by one person, all of a person's day of more than `MOST_A_DAY`, and all but a
    person's newest `MOST_EVENTS`.
    """
    people: dict[str, int] = {}
    codes = {kind: code for code, kind in enumerate(KINDS)}
    latest, rows_of = now.timestamp(), items.rows
    table: list[tuple[int, int, int, float]] = []
    total = 0
    for event in events:
        total += 1
        row, kind = rows_of.get(event.product_id), codes.get(event.kind)
        if row is not None and kind is not None and event.at <= latest:
            table.append((people.setdefault(event.person, len(people)), row, kind, event.at / _DAY))
    if not table:
        return _empty(now.timestamp() / _DAY, total)
    persons, rows, kinds, days = (np.array(column) for column in zip(*table, strict=True))
    kept = _learnable(persons, rows, kinds, days)
    names = tuple(sorted(set(segments.values()))) if segments else ()
    numbers = {name: number for number, name in enumerate(names)}
    return EventLog(
        persons=persons[kept].astype(np.int32),
        rows=rows[kept].astype(np.int32),
        kinds=kinds[kept].astype(np.int8),
        days=days[kept],
        people=len(people),
        now=now.timestamp() / _DAY,
        left_out=total - len(kept),
        segments=np.array([numbers.get(segments.get(person, ""), -1) for person in people], dtype=np.int16)
        if segments
        else None,
        segment_names=names,
    )


def raw_events(interactions: Iterable[Interaction]) -> list[RawEvent]:
    """Return interactions as raw events; a guest is known by their browser."""
    return [
        RawEvent(event.customer_id or f"visitor:{event.visitor_id}", event.product_id, event.kind, event.at.timestamp())
        for event in interactions
        if event.customer_id or event.visitor_id
    ]


def _learnable(
    persons: "NDArray[np.int64]", rows: "NDArray[np.int64]", kinds: "NDArray[np.int64]", days: "NDArray[np.float64]"
) -> "NDArray[np.int64]":
    """Return the places of the events that count, by person and time."""
    order = np.lexsort((days, persons))
    persons, rows, kinds, days = persons[order], rows[order], kinds[order], days[order]
    dates = np.floor(days)
    # Sorted by person and time, a person's day is one run.
    starts = np.r_[True, (persons[1:] != persons[:-1]) | (dates[1:] != dates[:-1])]
    day_of = np.cumsum(starts) - 1
    # A wholesaler's order has hundreds of lines: what was paid for is no robot's.
    human = (np.bincount(day_of)[day_of] <= MOST_A_DAY) | (kinds == PURCHASE)
    # The first of a day: what follows on the same product adds nothing.
    _, first = np.unique((day_of * (rows.max() + 1) + rows) * len(KINDS) + kinds, return_index=True)
    once = np.zeros(len(order), dtype=bool)
    once[first] = True
    kept = np.flatnonzero(human & once)
    from_end = _from_end(persons[kept])
    return np.asarray(order[kept[from_end < MOST_EVENTS]])


def _from_end(persons: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Return how many events of the same person follow each; the persons are sorted."""
    ends = np.searchsorted(persons, persons, side="right")
    return np.asarray(ends - 1 - np.arange(len(persons)))


def _empty(now: float, left_out: int) -> EventLog:
    none = np.zeros(0, dtype=np.int32)
    return EventLog(none, none, none.astype(np.int8), none.astype(np.float64), 0, now, left_out)
