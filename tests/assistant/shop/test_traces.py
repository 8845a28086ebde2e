"""Traces in the records, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta

from assistant.shop.records import ShopRecords
from assistant.shop.traces import Trace


def test_old_traces_go_and_so_do_those_of_who_is_forgotten(records: ShopRecords) -> None:
    now = datetime.now(UTC)
    for number, (customer, visitor, age) in enumerate([("ann", None, 0), (None, "v1", 1), ("bob", None, 40)]):
        records.traces.add(make_trace(f"trace{number}", customer, visitor, now - timedelta(days=age)))
    assert records.traces.prune(now - timedelta(days=30)) == 1
    assert records.traces.get("trace2") is None
    assert records.traces.searches()[0].times == 2
    assert records.traces.forget(customer_id="ann") == 1 and records.traces.forget(visitor_id="v1") == 1
    assert records.traces.list() == () and records.traces.searches() == ()


def test_searches_that_found_nothing_come_first(records: ShopRecords) -> None:
    now = datetime.now(UTC)
    for number, (words, hits) in enumerate([("kettle", 4), ("kettle", 4), ("piano", 0), ("Piano ", 0)]):
        records.traces.add(make_trace(f"trace{number}", None, None, now, words, hits))
    found = records.traces.searches(limit=1)
    assert [(each.words, each.times, each.without_hits) for each in found] == [("piano", 2, 2)]
    assert records.traces.searches(since=now + timedelta(hours=1)) == ()


def make_trace(
    trace_id: str, customer: str | None, visitor: str | None, at: datetime, words: str = "kettle", hits: int = 4
) -> Trace:
    made = {"id": "1", "name": "search_products", "arguments": {"query": words}, "by": "model", "ok": True}
    return Trace.model_validate(
        {
            "id": trace_id, "conversation_id": "talk", "turn": 1, "customer_id": customer, "visitor_id": visitor,
            "at": at, "surface": "http", "language": "en", "begun": 0, "messages": [], "reply": "Hello",
            "calls": [made | {"milliseconds": 3, "results": hits}], "prompt_sha256": "0", "model": "m",
            "adapter": None, "index": None, "seconds": 1.0, "ended": "turn_finished",
        }
    )  # fmt: skip
