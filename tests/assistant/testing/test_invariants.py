"""Each invariant can be seen to break: a good turn is spoilt in one way, and the invariant says so."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import (
    Event,
    Message,
    ProductsShown,
    QuickRepliesOffered,
    TextDelta,
    ToolCall,
    ToolCallFinished,
    TurnFinished,
)
from assistant.testing.files import Turn
from assistant.testing.invariants import INVARIANTS, broken_invariants
from assistant.testing.seen import SeenTurn
from assistant.testing.stage import ShopCopy

Spoil = Callable[[SeenTurn], SeenTurn]


@pytest.fixture(scope="module")
def good(demo_shop: ShopCopy) -> SeenTurn:
    """A turn that searched and spoke."""
    call = ToolCall(id="call-1", name="search_products", arguments={"query": "candles"})
    with demo_shop.stage(ScriptedModel([[call], "Here are candles."])) as stage:
        conversation = stage.app.start_conversation()
        events = tuple(stage.app.agent.reply(conversation, "candles"))
        return SeenTurn(
            turn=Turn(user="candles"),
            first=True,
            may_write=False,
            events=events,
            conversation=conversation,
            messages=tuple(conversation.messages),
            on_screen=tuple(conversation.shown),
            orders_before=stage.orders(),
            orders_after=stage.orders(),
        )


def test_good_turn_breaks_nothing(good: SeenTurn) -> None:
    assert list(broken_invariants(good)) == []
    assert len(good.cards) == 4


def _events(change: Callable[[list[Event]], Sequence[Event]]) -> Spoil:
    return lambda seen: replace(seen, events=tuple(change(list(seen.events))))


def _record(change: Callable[[list[Message]], list[Message]]) -> Spoil:
    def spoil(seen: SeenTurn) -> SeenTurn:
        return replace(seen, conversation=replace(seen.conversation, messages=change(list(seen.conversation.messages))))

    return spoil


def _without(*kinds: type) -> Spoil:
    return _events(lambda events: [event for event in events if not isinstance(event, kinds)])


def _order_changed(seen: SeenTurn) -> SeenTurn:
    order = seen.orders_before["A1001"].model_copy(update={"status": "cancelled"})
    return replace(seen, orders_after=seen.orders_before | {"A1001": order})


def _card_changed(seen: SeenTurn) -> SeenTurn:
    def dearer(event: Event) -> Event:
        if not isinstance(event, ProductsShown):
            return event
        return ProductsShown(products=(event.products[0].model_copy(update={"stock": 987}), *event.products[1:]))

    return replace(seen, events=tuple(map(dearer, seen.events)))


def _forgotten_on_screen(seen: SeenTurn) -> SeenTurn:
    return replace(seen, conversation=replace(seen.conversation, shown=seen.conversation.shown[:3]))


def _nothing_named(seen: SeenTurn) -> SeenTurn:
    silent = [event for event in seen.events if not isinstance(event, TextDelta | TurnFinished)]
    messages = [message for message in seen.messages if message.role != "assistant" or message.tool_calls]
    return replace(seen, events=(*silent, TurnFinished(text="", steps=2)), messages=tuple(messages))


def _cards_last(events: list[Event]) -> list[Event]:
    cards = [event for event in events if isinstance(event, ProductsShown)]
    rest = [event for event in events if not isinstance(event, ProductsShown)]
    return [*rest[:-1], *cards, rest[-1]]


SPOILT: list[tuple[Spoil, str]] = [
    (_without(TurnFinished), "exactly one ending event"),
    (_events(lambda events: [*events, events[-1]]), "exactly one ending event"),
    (_events(lambda events: [*events, QuickRepliesOffered(replies=("a",))]), "exactly one ending event"),
    (_events(lambda events: events[1:]), "disclosure"),
    (lambda seen: replace(seen, first=False), "disclosure"),
    (_events(lambda events: [*events[:-1], TextDelta(text="More."), events[-1]]), "must equal the text kept"),
    (_events(lambda events: [*events[:-1], TurnFinished(text="Other.", steps=2)]), "must equal the deltas"),
    (_record(lambda messages: [each for each in messages if each.role != "tool"]), "answered before"),
    (_record(lambda messages: messages[:2]), "have no tool message"),
    (_record(lambda messages: [*messages[:3], messages[2], *messages[3:]]), "answers no open call"),
    (_without(ToolCallFinished), "tool_call_finished"),
    (_order_changed, "without a confirmed proposal"),
    (_forgotten_on_screen, "must be the products in the record"),
    (_card_changed, "what the product store says"),
    (_events(_cards_last), "must follow its tool call at once"),
    (_nothing_named, "must be named in the reply"),
    (_events(lambda events: [*events[:-1], TextDelta(text=""), events[-1]]), "must not be empty"),
]


@pytest.mark.parametrize(("spoil", "complaint"), SPOILT)
def test_spoilt_turn_is_noticed(good: SeenTurn, spoil: Spoil, complaint: str) -> None:
    assert any(complaint in broken for broken in broken_invariants(spoil(good)))


def test_every_invariant_is_seen_to_break(good: SeenTurn) -> None:
    broken = {check for spoil, _ in SPOILT for check in INVARIANTS if list(check(spoil(good)))}
    assert broken == set(INVARIANTS)


def test_a_confirmed_change_is_no_break(good: SeenTurn) -> None:
    assert list(broken_invariants(replace(_order_changed(good), may_write=True))) == []
