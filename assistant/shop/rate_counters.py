"""Counters of who asked how often, in the shop's records, so that processes beside each other count as one."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, case, delete
from sqlalchemy.dialects import postgresql, sqlite

from assistant.shop.sessions import transaction, writing
from assistant.shop.tables import RateCounterRow

_UPSERT: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class RateCounters:
    """Counters that begin anew when their window is over; moments are seconds since 1970."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, key: str, window: float, amount: int = 1) -> int:
        """Count `amount` more, in a window of `window` seconds from the first; return what the window holds now."""
        now = self._clock()
        row = _UPSERT[self._engine.dialect.name](RateCounterRow).values(key=key, count=amount, expires_at=now + window)
        over = RateCounterRow.expires_at <= now
        statement = row.on_conflict_do_update(
            index_elements=[RateCounterRow.key],
            set_={
                "count": case((over, amount), else_=RateCounterRow.count + amount),
                "expires_at": case((over, now + window), else_=RateCounterRow.expires_at),
            },
        ).returning(RateCounterRow.count)
        with writing(self._engine) as session:
            return int(session.execute(statement).scalar_one())

    def get(self, key: str) -> tuple[int, float]:
        """Return what the open window holds and when it ends; (0, now) where none is open."""
        now = self._clock()
        with transaction(self._engine) as session:
            row = session.get(RateCounterRow, key)
            return (row.count, row.expires_at) if row is not None and row.expires_at > now else (0, now)

    def clear(self, key: str | None = None) -> int:
        """Forget one counter, or with None all; return how many."""
        gone = delete(RateCounterRow)
        with writing(self._engine) as session:
            done = session.execute(gone if key is None else gone.where(RateCounterRow.key == key))
            return int(getattr(done, "rowcount", 0))

    def tidy(self) -> int:
        """Forget the counters whose window is over; return how many."""
        with writing(self._engine) as session:
            done = session.execute(delete(RateCounterRow).where(RateCounterRow.expires_at <= self._clock()))
            return int(getattr(done, "rowcount", 0))
