"""Places for turns that run side by side: whoever waits is served in turn, visitor by visitor."""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_FIRST_GUESS = 8.0
"""Seconds that a turn is taken to last before any was seen."""
_NEWEST = 0.2
"""How much the newest turn's length weighs in the mean."""


@dataclass(eq=False)
class Ticket:
    """One turn's claim to a place. `given` is set when it has one."""

    visitor: str
    given: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Outlook:
    """How things stand for a turn that waits: turns before it, and seconds that it will probably wait."""

    ahead: int
    seconds: int


class Places:
    """So many places, of which one visitor has at most `each`; the others wait in a line that is fair by visitor.

    A free place goes to the visitor who has waited longest since having been given one, not to the oldest turn: who
    asks ten things at once waits behind who asks one.
    """

    def __init__(self, count: int = 8, each: int = 2, longest_wait: float = 20.0) -> None:
        self._free = count
        self._count = count
        self._each = each
        self._longest = longest_wait
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._running: dict[str, int] = {}
        self._seconds = _FIRST_GUESS

    @property
    def waiting(self) -> int:
        """How many turns wait now."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    @property
    def taken(self) -> int:
        """How many places are taken now."""
        with self._lock:
            return self._count - self._free

    def claim(self, visitor: str) -> tuple[Ticket, Outlook | None]:
        """Ask for a place. The outlook is None where the place was given at once.

        Where the outlook is worse than the longest wait, the ticket isn't in the line.
        """
        ticket = Ticket(visitor)
        with self._lock:
            ahead = sum(map(len, self._waiting.values()))
            outlook = Outlook(ahead, math.ceil(self._seconds * (ahead + 1) / self._count))
            self._waiting.setdefault(visitor, deque()).append(ticket)
            self._give()
            if ticket.given.is_set():
                return ticket, None
            if outlook.seconds > self._longest:
                self._forget(ticket)
            return ticket, outlook

    def admits(self, outlook: Outlook) -> bool:
        """Tell whether waiting is worth it."""
        return outlook.seconds <= self._longest

    def wait(self, ticket: Ticket, stopped: threading.Event) -> bool:
        """Wait for the place; return False after the longest wait, or once nobody wants it any more."""
        until = time.monotonic() + self._longest
        while not ticket.given.wait(min(0.05, max(0.0, until - time.monotonic()))):
            if stopped.is_set() or time.monotonic() >= until:
                with self._lock:
                    if not ticket.given.is_set():
                        self._forget(ticket)
                        return False
        return True

    @contextmanager
    def held(self, ticket: Ticket) -> Iterator[None]:
        """Hold a place that was given; it goes on to the next at the block's end."""
        began = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._seconds += _NEWEST * (time.monotonic() - began - self._seconds)
                self._free += 1
                self._running[ticket.visitor] -= 1
                if not self._running[ticket.visitor]:
                    del self._running[ticket.visitor]
                self._give()

    def _give(self) -> None:
        """Give free places to those who wait, round and round the visitors."""
        while self._free:
            visitor = next((each for each in self._waiting if self._running.get(each, 0) < self._each), None)
            if visitor is None:
                return
            ticket = self._waiting[visitor].popleft()
            self._waiting.move_to_end(visitor)
            self._drop_if_empty(visitor)
            self._free -= 1
            self._running[visitor] = self._running.get(visitor, 0) + 1
            ticket.given.set()

    def _forget(self, ticket: Ticket) -> None:
        self._waiting[ticket.visitor].remove(ticket)
        self._drop_if_empty(ticket.visitor)

    def _drop_if_empty(self, visitor: str) -> None:
        if not self._waiting[visitor]:
            del self._waiting[visitor]
