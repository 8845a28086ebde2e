"""Turns under way: each runs in a thread of its own, and whoever lost the line finds what it missed.

The agent writes events into a turn; any number of readers follow, each from where it stands. When the last reader has
been gone for a while, or the shopper says stop, the turn ends, and with it the model's work.
"""

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from uuid import uuid4

from assistant.errors import TurnStopped
from assistant.schema import (
    Event,
    TextDelta,
    TurnFailed,
    TurnFinished,
    TurnQueued,
    TurnRefused,
)
from assistant.telling.phrases import phrase
from assistant.turns.turn_context import turn_context
from ui.server.places import Outlook, Places, Ticket
from ui.server.watching import ENDS, Watch, Watches

GRACE = 15.0
"""Seconds that a turn goes on without a reader."""
_KEPT = 500
"""Ended turns that may still be read again."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TurnOrder:
    """A turn to be taken. `events` are the agent's, the first of them the conversation's id where it `greets`.

    `caller` is who waits for a place. `ended` is called when the turn is over, before its readers are told.
    """

    conversation_id: str
    caller: str
    language: str
    events: Generator[Event, None, None]
    ended: Callable[[], None] = lambda: None
    greets: bool = False
    watch: Watch = field(default_factory=Watches)
    trace_id: str = field(default_factory=lambda: uuid4().hex)


class LiveTurn:
    """One turn's events, numbered from 1."""

    def __init__(self, order: TurnOrder, grace: float = GRACE) -> None:
        self.order = order
        self.stopped = threading.Event()
        self._events: list[Event] = []
        self._bells: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._lock = threading.Lock()
        self._over = False
        self._grace = grace
        self._began = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether no further event will come."""
        return self._over

    def write(self, event: Event) -> bool:
        """Add an event; return whether more are wanted."""
        self.order.watch.saw(event)
        with self._lock:
            self._events.append(event)
            self._ring()
        return not self.stopped.is_set()

    def end(self) -> None:
        """Say that this was all, and how it ended where no event says so yet."""
        if not self._events or not isinstance(self._events[-1], ENDS):
            self.write(self._last_event())
        with self._lock:
            self._over = True
            self._ring()

    def stop(self) -> None:
        """Ask the turn to break off at the model's next token."""
        self.stopped.set()

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

    def _last_event(self) -> Event:
        """Return the end of a turn that has none of its own: it was stopped, or it broke off by a mistake of ours."""
        if not self.stopped.is_set():
            return TurnFailed(text=phrase("turn_failed", self.order.language), trace_id=self.order.trace_id)
        said = "".join(event.text for event in self._events if isinstance(event, TextDelta))
        return TurnFinished(text=said, steps=0, seconds=round(time.monotonic() - self._began, 3), stopped=True)

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
    """The turns of all conversations: one at a time in each, and so many at once as there are places."""

    def __init__(self, places: Places | None = None, grace: float = GRACE, brief_from: int = 0) -> None:
        """`brief_from`: turns under way and waiting from which on all are brief; 0 for never."""
        self.places = places or Places()
        self._brief_from = brief_from
        self._grace = grace
        self._lock = threading.Lock()
        self._turns: OrderedDict[str, LiveTurn] = OrderedDict()
        self._closed = False

    def last_of(self, conversation_id: str) -> LiveTurn | None:
        """Return the conversation's last turn in this process, under way or over."""
        return self._turns.get(conversation_id)

    def start(self, order: TurnOrder) -> LiveTurn | None:
        """Begin a turn and return it; None while another one of the conversation is under way, or after `close`."""
        turn = LiveTurn(order, self._grace)
        with self._lock:
            last = self._turns.get(order.conversation_id)
            if self._closed or (last is not None and not last.is_over):
                return None
            self._turns[order.conversation_id] = turn
            self._turns.move_to_end(order.conversation_id)
            while len(self._turns) > _KEPT and next(iter(self._turns.values())).is_over:
                self._turns.popitem(last=False)
        threading.Thread(target=self._work, args=(turn,), name="turn", daemon=True).start()
        return turn

    @property
    def is_closed(self) -> bool:
        """Whether no further turn begins."""
        return self._closed

    def close(self, patience: float, hurried: Callable[[], bool] = lambda: False) -> int:
        """Begin no further turn, wait for those under way, and stop those that take longer; return how many.

        They have `patience` seconds, or until `hurried` says so.
        """
        with self._lock:
            self._closed = True
            under_way = [turn for turn in self._turns.values() if not turn.is_over]
        until = time.monotonic() + patience
        for turn in under_way:
            while not turn.is_over and time.monotonic() < until and not hurried():
                time.sleep(0.02)
        late = [turn for turn in under_way if not turn.is_over]
        for turn in late:
            turn.stop()
        # What was said is put into the records on the way out; a model that hangs may keep nobody waiting for it.
        until = time.monotonic() + 2
        while any(not turn.is_over for turn in late) and time.monotonic() < until:
            time.sleep(0.02)
        return len(late)

    def _work(self, turn: LiveTurn) -> None:
        order = turn.order
        try:
            with turn_context(order.trace_id, turn.stopped, self._is_crowded) as usage:
                order.watch.begun(usage)
                with closing(order.events):
                    self._take_when_due(turn)
                order.ended()
        finally:
            turn.end()

    def _is_crowded(self) -> bool:
        return bool(self._brief_from) and self.places.taken + self.places.waiting >= self._brief_from

    def _take_when_due(self, turn: LiveTurn) -> None:
        """Wait for a place and take the turn there, or tell the visitor that there is none to be had."""
        if turn.order.greets:
            # The conversation's id comes before any wait, so that a dropped line can be taken up.
            turn.write(next(turn.order.events))
        ticket, outlook = self.places.claim(turn.order.caller)
        if outlook is not None and not self._came_up(turn, ticket, outlook):
            if not turn.stopped.is_set():
                text = phrase("busy", turn.order.language)
                turn.write(TurnRefused(reason="busy", text=text, retry_after=outlook.seconds))
            return
        with self.places.held(ticket):
            turn.order.watch.placed()
            _take(turn)

    def _came_up(self, turn: LiveTurn, ticket: Ticket, outlook: Outlook) -> bool:
        if not self.places.admits(outlook):
            return False
        turn.write(TurnQueued(ahead=outlook.ahead, expected_seconds=outlook.seconds))
        return self.places.wait(ticket, turn.stopped)


def _take(turn: LiveTurn) -> None:
    """Let the agent work until its turn's end, or until nobody wants it any more."""
    try:
        for event in turn.order.events:
            if not turn.write(event):
                raise TurnStopped
    except TurnStopped:
        _log.info("the turn was broken off: nobody wants it any more")
