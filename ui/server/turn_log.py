"""One line in the log for each turn: how it went, and nothing of what was said unless the shop wants that."""

import logging
import time

from assistant.schema import Event, ProductsShown, TextDelta, ToolCallFinished, TurnFinished, TurnRefused
from assistant.turns.turn_context import Usage
from ui.server.callers import Caller
from ui.server.watching import ENDS, end_of

_log = logging.getLogger("shelftalk.turn")


class TurnLog:
    """Notes one turn, and logs it at its end. `message` is what the customer said, where that may be logged."""

    def __init__(self, trace_id: str, conversation_id: str, caller: Caller, message: str | None) -> None:
        self._began = time.monotonic()
        self._usage = Usage()
        self._tools: list[str] = []
        self._seconds: dict[str, float] = {}
        self._about: dict[str, object] = {
            "trace_id": trace_id,
            "conversation_id": conversation_id,
            "caller": caller.key.partition(":")[0],
        }
        if message is not None:
            self._about["said"] = message

    def begun(self, usage: Usage) -> None:
        """Take what the model uses from there."""
        self._usage = usage

    def placed(self) -> None:
        """Note how long the wait for a place was."""
        self._reach("place")

    def saw(self, event: Event) -> None:
        """Note an event; log the turn at its end."""
        match event:
            case ProductsShown():
                self._reach("card")
            case TextDelta():
                self._reach("word")
            case ToolCallFinished():
                self._tools.append(event.name if event.ok else f"{event.name} failed")
        if isinstance(event, ENDS):
            self._reach("end")
            _log.info("turn", extra={"fields": self._about | self._told(event)})

    def _told(self, event: Event) -> dict[str, object]:
        return {
            "end": end_of(event),
            "reason": event.reason if isinstance(event, TurnRefused) else None,
            "tools": self._tools,
            "held_back": event.held_back if isinstance(event, TurnFinished) else 0,
            "model_calls": self._usage.calls,
            "tokens_read": self._usage.tokens_read,
            "tokens_written": self._usage.tokens_written,
            "brief": self._usage.brief,
            "seconds": self._seconds,
        }

    def _reach(self, what: str) -> None:
        self._seconds.setdefault(what, round(time.monotonic() - self._began, 3))
