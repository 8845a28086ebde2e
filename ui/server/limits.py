"""How much may be asked: by one visitor, from one address, by all together, and in a day."""

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerDay, parse_many
from limits.errors import ConfigurationError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from assistant.errors import RecordsError, SettingsError
from assistant.settings import Settings
from assistant.shop.rate_counters import RateCounters
from ui.server.callers import Caller

_EVENTS = "120/minute"
"""Reports of what a visitor did, of up to 100 events each."""


class RecordsStorage(Storage):
    """The `limits` library's counters, kept in the shop's records."""

    STORAGE_SCHEME = None

    def __init__(self, counters: RateCounters) -> None:
        super().__init__()
        self._counters = counters

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong here."""
        return RecordsError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return the count of the window."""
        return self._counters.add(key, expiry, amount)

    def get(self, key: str) -> int:
        """Return the count of the window."""
        return self._counters.get(key)[0]

    def get_expiry(self, key: str) -> float:
        """Return when the window ends."""
        return self._counters.get(key)[1]

    def check(self) -> bool:
        """Tell whether the records answer."""
        return self.get("check") >= 0

    def reset(self) -> int:
        """Forget all counters."""
        return self._counters.clear()

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._counters.clear(key)


@dataclass(frozen=True)
class Limits:
    """The limits of a shop. A request that is refused by one isn't counted by those after it."""

    counters: FixedWindowRateLimiter
    visitor: tuple[RateLimitItem, ...]
    address: tuple[RateLimitItem, ...]
    everybody: tuple[RateLimitItem, ...]
    new_visitors: tuple[RateLimitItem, ...]
    events: tuple[RateLimitItem, ...]

    def wait_for_turn(self, caller: Caller) -> int | None:
        """Count a turn of the caller's. Return None where it may begin, else after how many seconds it could."""
        return (
            self._wait("visitor", caller.key, self.visitor)
            or self._wait("address", caller.address, self.address)
            or self._wait("everybody", "", self.everybody)
        )

    def wait_for_visitor(self, caller: Caller) -> int | None:
        """Count a new visitor's id of the caller's address; the same answer."""
        return self._wait("new visitor", caller.address, self.new_visitors)

    def wait_for_events(self, caller: Caller) -> int | None:
        """Count a report of events of the caller's; the same answer."""
        return self._wait("events", caller.key, self.events)

    def _wait(self, what: str, who: str, limits: tuple[RateLimitItem, ...]) -> int | None:
        for limit in limits:
            if not self.counters.hit(limit, what, who):
                return max(1, math.ceil(self.counters.get_window_stats(limit, what, who).reset_time - time.time()))
        return None


def build_limits(settings: Settings, counters: RateCounters) -> Limits:
    """Return the limits that the settings name. Raises SettingsError for one that cannot be read."""
    cap = settings.daily_cap
    return Limits(
        FixedWindowRateLimiter(_storage(_place_of(settings), counters)),
        visitor=_parsed("rate_limit", settings.rate_limit),
        address=_parsed("rate_limit_address", settings.rate_limit_address),
        everybody=(*_parsed("rate_limit_all", settings.rate_limit_all), *([RateLimitItemPerDay(cap)] if cap else [])),
        new_visitors=_parsed("rate_limit_visitors", settings.rate_limit_visitors),
        events=_parsed("", _EVENTS),
    )


def _place_of(settings: Settings) -> str:
    # SQLite takes one writer at a time: who isn't many processes is better off without more writers.
    if settings.rate_storage == "auto":
        return "records" if settings.records_url else "memory"
    return settings.rate_storage


def _storage(name: str, counters: RateCounters) -> Storage:
    if name == "records":
        return RecordsStorage(counters)
    if name == "memory":
        return MemoryStorage()
    try:
        storage = storage_from_string(name)
    except ConfigurationError as error:
        raise SettingsError(f"SHELFTALK_RATE_STORAGE: {name} cannot be used: {error}.") from error
    assert isinstance(storage, Storage)
    return storage


def _parsed(name: str, limit: str) -> tuple[RateLimitItem, ...]:
    try:
        return tuple(parse_many(limit))
    except ValueError as error:
        raise SettingsError(
            f"SHELFTALK_{name.upper()}: '{limit}' is no limit. Write it as '20/minute', several as '20/minute;300/day'."
        ) from error
