"""Spans of OpenTelemetry: a turn, its wait for a place and its tool calls, sent to a collector by setting."""

import secrets

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, Status, StatusCode, TraceFlags, Tracer

from assistant.schema import Event, ProductsShown, TextDelta, ToolCallFinished, ToolCallStarted, TurnFailed
from assistant.turns.turn_context import Usage
from ui.server.watching import ENDS, end_of


def build_tracer(url: str, exporter: SpanExporter | None = None) -> tuple[Tracer, TracerProvider]:
    """Return what makes spans, and what `shutdown()` is to be called of so that the last of them are sent.

    `url` is a collector's for OTLP over gRPC, such as http://collector:4317; `exporter` takes its place.
    """
    provider = TracerProvider(resource=Resource.create({"service.name": "shelftalk"}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=url)))
    return provider.get_tracer("shelftalk"), provider


class TurnSpans:
    """Makes the spans of one turn, whose trace has the turn's own id. They hold nothing of what was said."""

    def __init__(self, tracer: Tracer, trace_id: str, conversation_id: str) -> None:
        self._tracer = tracer
        parent = SpanContext(int(trace_id, 16), secrets.randbits(63) + 1, is_remote=True, trace_flags=TraceFlags(1))
        # The turn's id is the trace's: a remote parent is how OpenTelemetry takes an id from outside.
        context = trace.set_span_in_context(NonRecordingSpan(parent))
        self._turn = tracer.start_span("turn", context, attributes={"shelftalk.conversation": conversation_id})
        self._inside = trace.set_span_in_context(self._turn)
        self._wait: Span | None = tracer.start_span("wait for a place", self._inside)
        self._calls: dict[str, Span] = {}
        self._usage = Usage()

    def begun(self, usage: Usage) -> None:
        """Take what the model uses from there."""
        self._usage = usage

    def placed(self) -> None:
        """End the wait."""
        if self._wait is not None:
            self._wait.end()
            self._wait = None

    def saw(self, event: Event) -> None:
        """Begin and end spans with what they are of."""
        match event:
            case ToolCallStarted():
                self._calls[event.call.id] = self._tracer.start_span(f"tool {event.call.name}", self._inside)
            case ToolCallFinished():
                if span := self._calls.pop(event.call_id, None):
                    span.set_attribute("shelftalk.ok", event.ok)
                    span.end()
            case ProductsShown():
                self._turn.add_event("card")
            case TextDelta():
                self._turn.add_event("words")
        if isinstance(event, ENDS):
            self._end(event)

    def _end(self, event: Event) -> None:
        self.placed()
        for span in self._calls.values():
            span.end()
        self._turn.set_attributes(
            {
                "shelftalk.end": end_of(event),
                "shelftalk.model_calls": self._usage.calls,
                "gen_ai.usage.input_tokens": self._usage.tokens_read,
                "gen_ai.usage.output_tokens": self._usage.tokens_written,
            }
        )
        if isinstance(event, TurnFailed):
            self._turn.set_status(Status(StatusCode.ERROR))
        self._turn.end()
