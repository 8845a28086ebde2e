"""Turns under way: each runs in a thread of its own, and whoever lost the line finds what it missed.

The agent writes events into a turn; any number of readers follow, each from where it stands. When the last reader has
been gone for a while the turn is stopped, and with it the model.
"""

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import closing

from assistant.phrases import phrase
from assistant.schema import Event, TurnRefused

GRACE = 15.0
"""Seconds that a turn goes on without a reader."""
WAIT = 20.0
"""Seconds that a turn waits for one of the places."""
_KEPT = 500
"""Ended turns that may still be read again."""
_log = logging.getLogger(__name__)


class LiveTurn:
    """One turn's events, numbered from 1. `owner` is the customer who alone may read it, None whoever knows its id."""

    def __init__(self, owner: str | None = None, grace: float = GRACE) -> None:
        self.owner = owner
        self._events: list[Event] = []
        self._bells: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._lock = threading.Lock()
        self._over = False
        self._stopped = threading.Event()
        self._grace = grace

    @property
    def is_over(self) -> bool:
        """Whether no further event will come."""
        return self._over

    def write(self, event: Event) -> bool:
        """Add an event; return whether more are wanted."""
        with self._lock:
            self._events.append(event)
            self._ring()
        return not self._stopped.is_set()

    def end(self) -> None:
        """Say that this was all."""
        with self._lock:
            self._over = True
            self._ring()

    def stop(self) -> None:
        """Ask the turn to break off at its next event."""
        self._stopped.set()

    async def read(self, after: int = 0) -> AsyncIterator[tuple[int, Event]]:
        """Yield the events behind number `after`, each with its number, as they come."""
        bell = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._bells.append(bell)
        try:
            while True:
                bell[1].clear()
                with self._lock:
                    fresh, over = self._events[after:], self._over
                for event in fresh:
                    after += 1
                    yield after, event
                if over and not fresh:
                    return
                if not over:
                    await bell[1].wait()
        finally:
            with self._lock:
                self._bells.remove(bell)
            self._watch()

    def _ring(self) -> None:
        for loop, bell in self._bells:
            loop.call_soon_threadsafe(bell.set)

    def _watch(self) -> None:
        """Stop the turn if nobody comes back in time."""
        if self._bells or self._over:
            return
        timer = threading.Timer(self._grace, lambda: None if self._bells else self.stop())
        timer.daemon = True
        timer.start()


class Turns:
    """The turns of all conversations: one at a time in each, `places` at once in all."""

    def __init__(self, places: int = 8, wait: float = WAIT, grace: float = GRACE) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._wait = wait
        self._grace = grace
        self._lock = threading.Lock()
        self._turns: OrderedDict[str, LiveTurn] = OrderedDict()

    def last_of(self, conversation_id: str) -> LiveTurn | None:
        """Return the conversation's last turn in this process, under way or over."""
        return self._turns.get(conversation_id)

    def start(
        self,
        conversation_id: str,
        language: str,
        events: Generator[Event, None, None],
        ended: Callable[[], None],
        owner: str | None = None,
    ) -> LiveTurn | None:
        """Begin a turn and return it; None while another one of the conversation is under way.

        `ended` is called when the turn is over, before its readers are told so, however it ended.
        """
        turn = LiveTurn(owner, self._grace)
        with self._lock:
            last = self._turns.get(conversation_id)
            if last is not None and not last.is_over:
                return None
            self._turns[conversation_id] = turn
            self._turns.move_to_end(conversation_id)
            while len(self._turns) > _KEPT and next(iter(self._turns.values())).is_over:
                self._turns.popitem(last=False)
        work = threading.Thread(target=self._work, args=(turn, language, events, ended), name="turn", daemon=True)
        work.start()
        return turn

    def _work(
        self, turn: LiveTurn, language: str, events: Generator[Event, None, None], ended: Callable[[], None]
    ) -> None:
        try:
            if not self._places.acquire(timeout=self._wait):
                turn.write(TurnRefused(reason="busy", text=phrase("busy", language)))
                return
            try:
                with closing(events):
                    for event in events:
                        if not turn.write(event):
                            _log.info("nobody reads any more: the turn is broken off")
                            break
                ended()
            finally:
                self._places.release()
        finally:
            turn.end()
