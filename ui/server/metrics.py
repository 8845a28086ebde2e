"""What Prometheus reads: turns, tokens, tool calls, sentences held back, and how long a visitor waits."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assistant.schema import (
    Event,
    ProductsShown,
    TextDelta,
    ToolCallFinished,
    TurnFinished,
)
from assistant.turns.turn_context import Usage
from ui.server.places import Places
from ui.server.watching import ENDS, end_of

_SECONDS = (0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 20, 40)


class Metrics:
    """The counts of one process since its start."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.turns = Counter("shelftalk_turns", "Turns, by how they ended.", ["end"], registry=registry)
        self.tokens = Counter(
            "shelftalk_tokens", "Tokens that the chat model read and wrote.", ["kind"], registry=registry
        )
        self.model_calls = Counter("shelftalk_model_calls", "Steps of the chat model.", registry=registry)
        self.tool_calls = Counter("shelftalk_tool_calls", "Tool calls.", ["tool", "ok"], registry=registry)
        self.held_back = Counter(
            "shelftalk_sentences_held_back", "Sentences without evidence, not shown.", registry=registry
        )
        self.brief = Counter(
            "shelftalk_brief_turns",
            "Turns told in a plain sentence, because others waited.",
            registry=registry,
        )
        self.waits = Histogram(
            "shelftalk_wait_seconds",
            "From the message to a place, the first card, the first word, the end.",
            ["until"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._under_way = Gauge("shelftalk_turns_under_way", "Turns that have a place now.", registry=registry)
        self._waiting = Gauge("shelftalk_turns_waiting", "Turns that wait for a place now.", registry=registry)

    def look_at(self, places: Places) -> None:
        """Tell from now on how many places are taken and how many turns wait."""
        self._under_way.set_function(lambda: places.taken)
        self._waiting.set_function(lambda: places.waiting)

    def text(self) -> bytes:
        """Return the counts in Prometheus's text format."""
        return generate_latest(self._registry)

    def watch(self) -> "TurnCounts":
        """Return what counts a turn that begins now."""
        return TurnCounts(self)


class TurnCounts:
    """Counts one turn; its clock runs from the message on."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._began = time.monotonic()
        self._usage = Usage()
        self.waited: dict[str, float] = {}
        """Seconds to the place, the first card, the first word and the end, as far as they have come."""

    def begun(self, usage: Usage) -> None:
        """Take what the model uses from there."""
        self._usage = usage

    def placed(self) -> None:
        """Note how long the turn waited for its place."""
        self._wait("place")

    def saw(self, event: Event) -> None:
        """Count an event."""
        match event:
            case ProductsShown():
                self._wait("card")
            case TextDelta():
                self._wait("word")
            case ToolCallFinished():
                self._metrics.tool_calls.labels(event.name, str(event.ok).lower()).inc()
            case TurnFinished():
                self._metrics.held_back.inc(event.held_back)
        if isinstance(event, ENDS):
            self._end(event)

    def _end(self, event: Event) -> None:
        self._wait("end")
        self._metrics.turns.labels(end_of(event)).inc()
        self._metrics.brief.inc(self._usage.brief)
        self._metrics.model_calls.inc(self._usage.calls)
        self._metrics.tokens.labels("read").inc(self._usage.tokens_read)
        self._metrics.tokens.labels("written").inc(self._usage.tokens_written)

    def _wait(self, until: str) -> None:
        if until not in self.waited:
            self.waited[until] = time.monotonic() - self._began
            self._metrics.waits.labels(until).observe(self.waited[until])
