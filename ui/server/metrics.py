"""What Prometheus reads: turns, tool calls, sentences held back, and how long a visitor waits."""

import time
from collections.abc import Generator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from assistant.schema import (
    ConfirmationRequested,
    Event,
    ProductsShown,
    TextDelta,
    ToolCallFinished,
    TurnFailed,
    TurnFinished,
    TurnRefused,
)

_SECONDS = (0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 20, 40)
_ENDS = (TurnFinished, TurnFailed, TurnRefused, ConfirmationRequested)


class Metrics:
    """The counts of one process since its start."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._turns = Counter("shelftalk_turns", "Turns, by how they ended.", ["end"], registry=self._registry)
        self._calls = Counter("shelftalk_tool_calls", "Tool calls.", ["tool", "ok"], registry=self._registry)
        self._held_back = Counter(
            "shelftalk_sentences_held_back", "Sentences without evidence, not shown.", registry=self._registry
        )
        self._waits = Histogram(
            "shelftalk_wait_seconds", "From the message to the first card, the first word, the end.", ["until"],
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip

    def text(self) -> bytes:
        """Return the counts in Prometheus's text format."""
        return generate_latest(self._registry)

    def observed(self, events: Generator[Event, None, None]) -> Generator[Event, None, None]:
        """Pass a turn's events on and count them."""
        began = time.monotonic()
        waited: set[str] = set()
        try:
            for event in events:
                self._count(event, time.monotonic() - began, waited)
                yield event
        finally:
            events.close()
            if "end" not in waited:
                self._turns.labels("broken_off").inc()

    def refused(self, refusal: TurnRefused) -> None:
        """Count a turn that didn't begin."""
        self._turns.labels(refusal.type).inc()

    def _count(self, event: Event, seconds: float, waited: set[str]) -> None:
        match event:
            case ProductsShown():
                self._wait("card", seconds, waited)
            case TextDelta():
                self._wait("word", seconds, waited)
            case ToolCallFinished():
                self._calls.labels(event.name, str(event.ok).lower()).inc()
            case _ if isinstance(event, _ENDS):
                self._wait("end", seconds, waited)
                self._turns.labels(event.type).inc()
        if isinstance(event, TurnFinished):
            self._held_back.inc(event.held_back)

    def _wait(self, until: str, seconds: float, waited: set[str]) -> None:
        if until not in waited:
            waited.add(until)
            self._waits.labels(until).observe(seconds)
