"""Who is read next by a model that many share: who has seen nothing yet, then words, then what nobody waits for."""

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Generic, TypeVar

_PATIENCE = 2.0
"""Seconds that words stand back at most for those who have seen nothing yet: a turn that is read has to end, too."""
_AHEAD = 8
"""Talks of which what was read last is read ahead, at most."""


Request = TypeVar("Request")


class Rank(IntEnum):
    """What is waited for: the first thing to see, words on something that was seen, nothing at all."""

    FIRST = 0
    WORDS = 1
    AHEAD = 2


class Line(Generic[Request]):
    """Requests that wait to join the model's batch. Any thread joins them; the model's own takes them out.

    Words cost the most where they begin, since a whole result is read for them; so they begin while nobody is there who
    has seen nothing yet, and go on then whoever comes.
    """

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._first: deque[Request] = deque()
        self._words: deque[tuple[float, Request]] = deque()
        # The talk that went on last is the likeliest to go on next; of a crowd's the oldest are given up.
        self._ahead: deque[Request] = deque(maxlen=_AHEAD)
        self._looking = 0
        self._closed = False

    def join(self, request: Request, rank: Rank) -> None:
        """Put a request into the line."""
        with self._changed:
            match rank:
                case Rank.FIRST:
                    self._first.append(request)
                case Rank.WORDS:
                    self._words.append((time.monotonic() + self._patience, request))
                case Rank.AHEAD:
                    self._ahead.append(request)
            self._changed.notify()

    def look(self, change: int) -> None:
        """Count who has seen nothing yet, between two requests of theirs as well: 1 for one more, -1 for one less."""
        with self._changed:
            self._looking += change
            self._changed.notify()

    def drop_ahead(self, useless: Callable[[Request], bool]) -> None:
        """Read ahead no more what is of no use."""
        with self._changed:
            self._ahead = deque((each for each in self._ahead if not useless(each)), maxlen=_AHEAD)

    def close(self) -> None:
        """Let nobody wait for a request any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def take(self, busy: bool, ahead: bool) -> list[Request] | None:
        """Return what joins the batch now, None once the line is closed. Waits for something unless `busy`.

        `busy`: somebody's request is in the batch. `ahead`: a reading ahead is.
        """
        with self._changed:
            while not self._closed:
                due = list(self._first)
                self._first.clear()
                while self._words and (not self._looking or self._words[0][0] <= time.monotonic()):
                    due.append(self._words.popleft()[1])
                if due or busy or ahead:
                    return due
                if self._ahead and not self._looking and not self._words:
                    return [self._ahead.pop()]
                self._changed.wait(max(0.0, self._words[0][0] - time.monotonic()) if self._words else None)
            return None
