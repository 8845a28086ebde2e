"""Who looks on while a turn is taken: counts, logs and traces."""

from typing import Protocol

from assistant.schema import ConfirmationRequested, Event, TurnFailed, TurnFinished, TurnRefused
from assistant.turns.turn_context import Usage

ENDS = (TurnFinished, TurnFailed, TurnRefused, ConfirmationRequested)
"""The events of which each turn has exactly one, its last."""


class Watch(Protocol):
    """Looks on, in the turn's thread; its clock runs from the message on."""

    def begun(self, usage: Usage) -> None:
        """The turn's thread runs; `usage` grows with what the model does."""

    def placed(self) -> None:
        """The turn has its place."""

    def saw(self, event: Event) -> None:
        """An event was written."""


class Watches:
    """Several who look on, or nobody."""

    def __init__(self, *watches: Watch) -> None:
        self._watches = watches

    def begun(self, usage: Usage) -> None:
        """Tell all."""
        for watch in self._watches:
            watch.begun(usage)

    def placed(self) -> None:
        """Tell all."""
        for watch in self._watches:
            watch.placed()

    def saw(self, event: Event) -> None:
        """Tell all."""
        for watch in self._watches:
            watch.saw(event)


def end_of(event: Event) -> str:
    """Return the name of a turn's end."""
    return "stopped" if isinstance(event, TurnFinished) and event.stopped else event.type
