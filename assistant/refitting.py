"""What is learned from a log that grows all the time: the old model serves on until the new one is whole."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from assistant.errors import AssistantError
from retrieval.errors import RetrievalError

_log = logging.getLogger(__name__)
Model = TypeVar("Model")


class Pace(NamedTuple):
    """How long is rested after a look or a fit: `every` seconds, and `times` what it took."""

    every: float = 30.0
    times: float = 9.0


class Refitted(Generic[Model]):
    """Keeps a model up to date with one thread. Only who asks before there is any waits. Safe to share.

    `state` names what the model is learned from, and `fit` learns it; both run outside of the asker's thread but for
    the first time. `quick` makes a plainer first model for those who ask while `fit` takes long, None where it doesn't.
    `learner` is whose model it is, for the log.
    """

    def __init__(
        self,
        state: Callable[[], str],
        fit: Callable[[], Model],
        pace: Pace = Pace(),
        quick: Callable[[], Model | None] = lambda: None,
        learner: str = "recommender",
    ) -> None:
        self._state = state
        self._learner = learner
        self._fit = fit
        self._pace = pace
        self._quick = quick
        self._lock = threading.Lock()
        self._first = threading.Lock()
        self._working: threading.Thread | None = None
        self._held: tuple[str | None, Model] | None = None
        self._due = 0.0

    def current(self) -> Model:
        """Return the newest model that is whole, and see to it that a newer one is made where one is due.

        Raises what `state`, `fit` and `quick` raise where there is no model yet.
        """
        held = self._held or self._make_first()
        if time.monotonic() >= self._due:
            self._begin()
        return held[1]

    def prepare(self) -> None:
        """Begin with the first model without waiting for it."""
        if self._held is None:
            self._begin()

    def settle(self, timeout: float | None = None) -> None:
        """Wait until no model is being made, `timeout` seconds at most."""
        if working := self._working:
            working.join(timeout)

    def _make_first(self) -> tuple[str | None, Model]:
        with self._first:
            if self._held is None and (plain := self._quick()) is not None:
                self._held = (None, plain)
            return self._held or self._refit()

    def _begin(self) -> None:
        with self._lock:
            if self._working is None or not self._working.is_alive():
                # A daemon: a shop that closes doesn't wait for a model that nobody will ask.
                self._working = threading.Thread(target=self._work, name=self._learner, daemon=True)
                self._working.start()

    def _work(self) -> None:
        try:
            self._make_first()
            self._refit()
        except (AssistantError, RetrievalError, SQLAlchemyError) as error:
            _log.warning("The %s goes on with what it knew: %s", self._learner, error)
        finally:
            self._due = max(self._due, time.monotonic() + self._pace.every)

    def _refit(self) -> tuple[str | None, Model]:
        """Learn anew where what is learned from has changed."""
        began = time.monotonic()
        state = self._state()
        held = self._held
        if held is None or held[0] != state:
            held = self._held = (state, self._fit())
        ended = time.monotonic()
        self._due = ended + max(self._pace.every, self._pace.times * (ended - began))
        return held
