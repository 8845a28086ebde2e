"""A trace as people read it."""

from collections.abc import Iterator, Sequence

from assistant.prompting import load_prompt, prompt_hash, window
from assistant.schema import Conversation, Message
from assistant.shop.records import ShopRecords
from assistant.shop.traces import Trace, TracedCall
from assistant.tracing.personal import Replacing, known_of, marked


def masked(trace: Trace, records: ShopRecords) -> Trace:
    """Return the trace with marks in the place of names, addresses, e-mails, orders and ways to pay."""
    customers = [trace.customer_id] if trace.customer_id else []
    replacing = Replacing(known_of(customers, [call.arguments for call in trace.calls], records), marked)
    kept = {name: getattr(trace, name) for name in ("id", "conversation_id", "at")}
    return Trace.model_validate(replacing.value(trace.model_dump(mode="json")) | kept)


def printed(trace: Trace, conversation: Conversation | None = None, prompt: bool = False) -> Iterator[str]:
    """Yield the lines of a trace; with `prompt` all that the model read, its beginning from the conversation."""
    who = trace.customer_id or trace.visitor_id or "a guest"
    yield f"trace {trace.id}"
    yield f"  {trace.at:%Y-%m-%d %H:%M:%S} UTC, {trace.surface}, {trace.language}; {who}"
    yield f"  conversation {trace.conversation_id}, turn {trace.turn}"
    yield f"  {trace.model}, adapter {_short(trace.adapter)}, prompt {_short(trace.prompt_sha256)}, index {trace.index}"
    waits = {"first card": trace.first_card, "first word": trace.first_word, "end": trace.seconds}
    yield "  " + ", ".join(f"{until} {_seconds(wait)}" for until, wait in waits.items())
    yield ""
    yield from _block("customer", trace.said if trace.accepted is None else ("yes" if trace.accepted else "no"))
    for number, request in enumerate(trace.requests, 1):
        yield from _block(f"  request {number}{' (waits)' if request.place is None else ''}", request.text)
    calls = {call.id: call for call in trace.calls}
    answers = {message.tool_call_id: message.content for message in trace.messages if message.role == "tool"}
    for call in trace.calls:
        if call.by == "code":
            yield from _call(call, answers)
    for number, step in enumerate(trace.steps, 1):
        yield f"step {number}: {step.seconds:.2f} s, tools {step.choice}"
        if prompt:
            yield from _read(trace, number - 1, conversation)
        if step.said.strip():
            yield from _block("  model wrote", step.said.strip())
        for made in step.calls:
            if made.id in calls:
                yield from _call(calls[made.id], answers)
    for each in trace.held_back:
        yield from _block("held back", each.sentence)
        yield f"    why: {each.reason}"
    for errand in trace.errands:
        missing = f"; {errand.missing} is missing" if errand.missing else ""
        yield f"waits: {errand.tool}({_arguments(errand.known)}){missing}"
    yield from _block("reply", trace.reply)
    yield f"ended: {trace.ended}" + (f" ({trace.error})" if trace.error else "")


def _call(call: TracedCall, answers: dict[str | None, str]) -> Iterator[str]:
    found = "" if call.results is None else f", {call.results} found"
    yield f"  {call.name}({_arguments(call.arguments)})"
    yield f"    {'ok' if call.ok else 'refused'}, {call.milliseconds} ms{found}, called by {call.by}"
    yield from _block("    ", answers.get(call.id, ""))


def _read(trace: Trace, place: int, conversation: Conversation | None) -> Iterator[str]:
    """Yield what the model read at a step, as far as it is still known."""
    step = trace.steps[place]
    if step.follows:
        yield "  model read all that it read before, and"
    elif not step.alone:
        tuned = trace.prompt_sha256 == prompt_hash()
        if tuned or trace.prompt_sha256 == prompt_hash(examples=True):
            yield from _messages(load_prompt(examples=not tuned))
        else:
            yield f"  (a prompt of another version: {_short(trace.prompt_sha256)})"
        yield from _messages(_earlier(trace, step.earlier, conversation))
        if step.earlier and conversation is None:
            yield f"  ({step.earlier} messages of earlier turns: the conversation isn't kept any more)"
    yield from _messages(step.read)


def _earlier(trace: Trace, count: int, conversation: Conversation | None) -> Sequence[Message]:
    """Return the messages of earlier turns that the model read, rebuilt from the conversation."""
    if conversation is None or not count:
        return ()
    talk = [*conversation.messages[: trace.begun], *trace.messages]
    return window(talk)[-len(trace.messages) - count : -len(trace.messages)]


def _messages(messages: Sequence[Message]) -> Iterator[str]:
    for message in messages:
        yield from _block(f"  [{message.role}]", message.content)
        for call in message.tool_calls:
            yield f"    {call.name}({_arguments(call.arguments)})"


def _block(title: str, text: str) -> Iterator[str]:
    first, *rest = text.splitlines() or [""]
    yield f"{title}: {first}" if title.strip() else f"{title}{first}"
    yield from (f"    {line}" for line in rest)


def _arguments(arguments: dict[str, object]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


def _seconds(seconds: float | None) -> str:
    return "none" if seconds is None else f"{seconds:.2f} s"


def _short(digest: str | None) -> str:
    return digest[:12] if digest else "none"
