"""A training set of the shop's own talks: of customers who agreed, of turns that went well, with nobody in it.

A turn is learned from if the customer said yes to the keeping of their history, the turn ended well (nothing held back,
no tool refused, no thumb down), and a model trained for the prompt wrote it. Names, addresses, numbers and everything
else that tells who somebody is are replaced by made-up ones before anything is written.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from assistant.prompting import window
from assistant.schema import Message
from assistant.shop.records import ShopRecords
from assistant.shop.traces import Trace
from assistant.tracing.personal import Personal, Replacing, known_of
from finetune.shoppers.goals import Goal
from finetune.shoppers.grammar import load_grammar
from finetune.shoppers.teacher import Step
from finetune.synthesize import as_lines
from finetune.unnamed import without_unnamed

_MOST_TURNS = 100_000
_ENDED_WELL = {"turn_finished", "confirmation_requested"}
_FORM = {"id", "role", "tool_call_id", "product_id", "product_ids", "expression"}
"""What names no person: a message's own form, and the shop's things."""
_NAMES = {
    "en": ("Robin Ashdown", "Casey Lindqvist", "Morgan Abara", "Jamie Falk", "Alex Winterbourne", "Sasha Okoye"),
    "zh": ("许望舒", "顾青禾", "陆知秋", "沈一帆", "乔云起", "方予安"),
}


def shop_lines(records: ShopRecords, left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Yield lines of a training set from the traces in the records, and count by reason what is left out."""
    talks: dict[str, list[Trace]] = {}
    for trace in reversed(records.traces.list(limit=_MOST_TURNS)):
        talks.setdefault(trace.conversation_id, []).append(trace)
    downs = {(entry.conversation_id, entry.turn) for entry in records.feedback.list() if entry.rating == "down"}
    for conversation_id, traces in talks.items():
        customers = {trace.customer_id for trace in traces}
        if not all(customer and records.consents.of(customer) for customer in customers):
            left_out["without consent"] += len(traces)
            continue
        good: list[Trace] = []
        for trace in traces:
            if reason := _bad(trace, (conversation_id, trace.turn) in downs):
                left_out[reason] += 1
            else:
                good.append(trace)
        yield from _lines(traces, good, records)


def _bad(trace: Trace, is_down: bool) -> str | None:
    """Return why nothing should be learned from a turn."""
    if is_down:
        return "a thumb down"
    if trace.ended not in _ENDED_WELL or not trace.said:
        return "ended otherwise"
    if trace.held_back:
        return "a sentence held back"
    if not all(call.ok for call in trace.calls):
        return "a tool refused"
    return None if trace.tuned else "by an untuned model"


def _lines(traces: Sequence[Trace], good: Sequence[Trace], records: ShopRecords) -> Iterator[dict[str, Any]]:
    customers = [trace.customer_id for trace in traces if trace.customer_id]
    arguments = [call.arguments for trace in traces for call in trace.calls]
    known = known_of(customers, arguments, records)
    instead = _Instead(traces[0].conversation_id, traces[0].language, {each.text.casefold() for each in known})
    replacing = Replacing(known, instead)
    said: list[Message] = []
    for trace in traces:
        steps = list(_steps(trace, said)) if trace in good else []
        said += trace.messages
        for line in as_lines(steps, Goal(name="shop", language=trace.language, text=trace.said)):
            yield {**line, "messages": _nameless(replacing.value(line["messages"]), instead)}


def _nameless(value: Any, instead: Callable[[Personal], str]) -> Any:
    """Return messages without what looks like personal data, though no record knows it."""
    match value:
        case str():
            return without_unnamed(value, instead)
        case dict():
            return {name: each if name in _FORM else _nameless(each, instead) for name, each in value.items()}
        case list():
            return [_nameless(each, instead) for each in value]
        case _:
            return value


def _steps(trace: Trace, before: Sequence[Message]) -> Iterator[Step]:
    """Yield what the model itself wrote in a turn, with what it read."""
    by_code = {call.id for call in trace.calls if call.by == "code"}
    own = {step.said.strip() for step in trace.steps}
    for place, message in enumerate(trace.messages):
        is_call = bool(message.tool_calls) and not by_code & {call.id for call in message.tool_calls}
        is_said = not message.tool_calls and message.content.strip() in own
        if message.role == "assistant" and (is_call or is_said):
            read = window([*before, *trace.messages[:place]])
            yield Step(known=trace.customer_id is not None, read=tuple(read), answer=message)


class _Instead:
    """Makes up who somebody is: in one talk always the same, in each talk somebody else."""

    def __init__(self, talk: str, language: str, taken: Collection[str]) -> None:
        self._rng = random.Random(talk)
        self._grammar = load_grammar("zh" if language == "zh" else "en")
        names = _NAMES[self._grammar.language]
        # Nobody is called what the customer is called, not even by half.
        free = [name for name in names if not {name.casefold(), *name.casefold().split()} & {*taken}]
        self._name = self._rng.choice(free or names)
        self._city, self._region, self._postcode = self._grammar.pick("cities", self._rng)
        self._made: dict[tuple[str, str], str] = {}

    def __call__(self, found: Personal) -> str:
        """Return what stands in the place of a piece of personal data."""
        key = (found.kind, found.text.casefold())
        if key not in self._made:
            self._made[key] = self._make(found)
        return self._made[key]

    def _make(self, found: Personal) -> str:
        given, _, family = self._name.partition(" ")
        number = self._rng.randrange(1000, 9999)
        match found.kind:
            case "name":
                return self._name
            case "given name":
                return given
            case "family name":
                return family or given
            case "e-mail":
                return f"shopper{number}@example.org"
            case "street":
                street = self._grammar.pick("streets", self._rng)
                return f"{street}{number % 300}号" if self._grammar.language == "zh" else f"{number % 300} {street}"
            case "city":
                return str(self._city)
            case "region":
                return str(self._region)
            case "postcode":
                return str(self._postcode)
            case "order":
                return f"A{number}"
            case "payment":
                return f"Visa ending in {number}"
            case "phone":
                return "555 0100"
            case "card":
                return "4111 1111 1111 1111"
            case kind:
                return f"{kind.replace(' ', '-')}-{number}"
