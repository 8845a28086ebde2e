"""What `shelftalk trace` does: say what was done in a turn, or in all turns of a conversation."""

from collections.abc import Iterator
from pathlib import Path

from assistant.app import open_shop_records
from assistant.errors import AssistantError
from assistant.schema import Conversation
from assistant.settings import Settings
from assistant.shop.records import ShopRecords
from assistant.shop.traces import Trace
from assistant.tracing.as_test import as_test
from assistant.tracing.printing import masked, printed


def told_traces(
    settings: Settings, trace_id: str | None, last: bool, conversation_id: str | None, mask: bool, prompt: bool,
    as_json: bool,
) -> Iterator[str]:  # fmt: skip
    """Yield the lines of the traces that were asked for. Raises AssistantError where there are none."""
    records = open_shop_records(settings)
    for number, trace in enumerate(find_traces(records, trace_id, last, conversation_id)):
        talk = _talk(records, trace) if prompt else None
        trace = masked(trace, records) if mask else trace
        if as_json:
            yield trace.model_dump_json()
        else:
            if number:
                yield ""
            yield from printed(trace, talk, prompt)


def write_test(settings: Settings, trace_id: str | None, last: bool, conversation_id: str | None, file: Path) -> int:
    """Write the conversation of a trace as a scripted one without personal data; return how many turns it has.

    Raises AssistantError where there is none, and for a file that is there already.
    """
    if file.exists():
        raise AssistantError(f"{file} is there already. Name another file, or remove it.")
    records = open_shop_records(settings)
    (found, *_) = find_traces(records, trace_id, last, conversation_id)
    traces = records.traces.of_conversation(found.conversation_id)
    text = as_test(traces, records)
    unfinished = file.with_name(f".{file.name}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
    return len(traces)


def find_traces(
    records: ShopRecords, trace_id: str | None, last: bool, conversation_id: str | None
) -> tuple[Trace, ...]:
    """Return the traces that are asked for. Raises AssistantError where there are none, or nothing is asked for."""
    if sum((trace_id is not None, last, conversation_id is not None)) != 1:
        raise AssistantError("Say which turn: shelftalk trace ID, --last, or --conversation ID")
    if conversation_id is not None:
        found = records.traces.of_conversation(conversation_id)
    else:
        one = records.traces.last() if trace_id is None else records.traces.get(trace_id)
        found = (one,) if one else ()
    if not found:
        raise AssistantError(
            f"There is no trace of {trace_id or conversation_id or 'any turn'}. The newest: shelftalk trace --last. "
            "Traces are kept for SHELFTALK_TRACE_DAYS days, and go when a person is forgotten."
        )
    return found


def _talk(records: ShopRecords, trace: Trace) -> Conversation | None:
    return records.conversations.load(trace.conversation_id, trace.customer_id)
