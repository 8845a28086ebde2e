"""Spans of a turn, as a collector gets them."""

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from assistant.app import App
from tests.ui.server.test_routes import client, events, shop
from ui.server.spans import build_tracer

__all__ = ["shop"]


def test_a_turn_is_a_trace_with_its_own_id(shop: App) -> None:
    sent = InMemorySpanExporter()
    tracer, provider = build_tracer("http://localhost:1", sent)
    told = events(client(shop, tracer=tracer).post("/chat", json={"message": "candles for Zanzibar"}))
    provider.shutdown()
    spans = {span.name: span for span in sent.get_finished_spans()}
    assert set(spans) == {"turn", "wait for a place", "tool search_products"}
    turn = spans["turn"]
    assert turn.attributes is not None
    assert turn.attributes["shelftalk.end"] == "turn_finished"
    assert turn.attributes["shelftalk.conversation"] == told[0]["conversation_id"]
    assert [event.name for event in turn.events][:2] == ["card", "words"]
    trace = shop.records.traces.get(format(turn.get_span_context().trace_id, "032x"))
    assert trace is not None, "shelftalk trace finds it by the same id"
    for name in ("wait for a place", "tool search_products"):
        parent = spans[name].parent
        assert parent is not None
        assert parent.span_id == turn.get_span_context().span_id
    assert "Zanzibar" not in "".join(span.to_json() for span in spans.values())
