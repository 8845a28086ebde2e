"""What belongs to the turn that a thread works on: its trace's id, whether anybody still wants it, who else waits."""

import threading
from collections.abc import Callable, Iterator
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
    brief: bool = False
    """Whether code told in few words what the model would have told in more, because others waited."""


def _no_crowd() -> bool:
    return False


@dataclass(frozen=True)
class _UnderWay:
    trace_id: str
    stopped: threading.Event
    crowded: Callable[[], bool] = _no_crowd
    usage: Usage = field(default_factory=Usage)


_turn: ContextVar[_UnderWay | None] = ContextVar("turn", default=None)


@contextmanager
def turn_context(trace_id: str, stopped: threading.Event, crowded: Callable[[], bool] = _no_crowd) -> Iterator[Usage]:
    """Trace what this thread does in the block by `trace_id`, until somebody sets `stopped`; count what it uses.

    `crowded` says whether so many others wait that the turn is to be brief.
    """
    turn = _UnderWay(trace_id, stopped, crowded)
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


def is_to_be_brief() -> bool:
    """Tell whether others wait for what this turn would take for its words; outside of a turn nobody does."""
    turn = _turn.get()
    return turn is not None and turn.crowded()


def note_brevity() -> None:
    """Count the turn under way as a brief one."""
    if turn := _turn.get():
        turn.usage.brief = True


def count_usage(calls: int = 0, tokens_read: int = 0, tokens_written: int = 0) -> None:
    """Add to what the chat model did in the turn under way."""
    if turn := _turn.get():
        turn.usage.calls += calls
        turn.usage.tokens_read += tokens_read
        turn.usage.tokens_written += tokens_written
