"""What belongs to the turn that a thread works on: the id it is traced by, and whether anybody still wants it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from assistant.errors import TurnStopped


@dataclass
class Usage:
    """What the chat model did in a turn so far."""

    calls: int = 0
    tokens_read: int = 0
    tokens_written: int = 0


@dataclass(frozen=True)
class _UnderWay:
    trace_id: str
    stopped: threading.Event
    usage: Usage = field(default_factory=Usage)


_turn: ContextVar[_UnderWay | None] = ContextVar("turn", default=None)


@contextmanager
def turn_context(trace_id: str, stopped: threading.Event) -> Iterator[Usage]:
    """Trace what this thread does in the block by `trace_id`, until somebody sets `stopped`; count what it uses."""
    turn = _UnderWay(trace_id, stopped)
    before = _turn.set(turn)
    try:
        yield turn.usage
    finally:
        _turn.reset(before)


def check_stopped() -> None:
    """Raise TurnStopped where the turn under way isn't wanted any more; outside of a turn do nothing."""
    turn = _turn.get()
    if turn is not None and turn.stopped.is_set():
        raise TurnStopped


def count_usage(calls: int = 0, tokens_read: int = 0, tokens_written: int = 0) -> None:
    """Add to what the chat model did in the turn under way."""
    if turn := _turn.get():
        turn.usage.calls += calls
        turn.usage.tokens_read += tokens_read
        turn.usage.tokens_written += tokens_written
