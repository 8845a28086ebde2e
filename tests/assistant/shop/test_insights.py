"""The shop's figures on a small shop whose numbers one can count by hand, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assistant.schema import Interaction
from assistant.shop.feedback import FeedbackEntry
from assistant.shop.insights import Funnel, Overview
from assistant.shop.records import ShopRecords
from assistant.shop.traces import HeldBack, Showing, Trace
from tests.assistant.shop.test_traces import make_trace

_NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def _turn(number: int, talk: str = "t1", at: datetime = _NOON, **values: Any) -> Trace:
    trace = make_trace(f"trace{number:03}", None, None, at)
    return trace.model_copy(update={"conversation_id": talk, **values})


def _did(kind: str, product: str, showing: str | None, minutes: int, visitor: str = "v1") -> Interaction:
    at = _NOON + timedelta(minutes=minutes)
    return Interaction.model_validate(
        {"visitor_id": visitor, "product_id": product, "kind": kind, "at": at, "attribution_id": showing}
    )


def test_an_empty_shop_has_empty_figures(records: ShopRecords) -> None:
    insights = records.insights
    nothing = Overview(
        conversations=0, turns=0, failed=0, hand_overs=0, held_back=0, searches=0, without_hits=0, ups=0, downs=0,
        card_half=None, word_half=None, turn_half=None, turn_most=None,
    )  # fmt: skip
    assert insights.overview(_NOON) == nothing
    assert insights.funnel(_NOON) == Funnel(shown=0, clicked=0, in_cart=0, bought=0)
    assert (insights.busy(_NOON, "day"), insights.thumbs(_NOON, "hour")) == ((), ())


def test_an_overview_counts_what_happened_since(records: ShopRecords) -> None:
    held = (HeldBack(sentence="It floats.", reason="nothing says so"),)
    for number in range(20):
        records.traces.add(_turn(number, talk=f"t{number % 3}", seconds=float(number + 1), first_word=number / 10))
    records.traces.add(_turn(20, ended="turn_failed", held_back=held * 2, seconds=50.0, calls=()))
    records.traces.add(_turn(21, talk="old", at=_NOON - timedelta(days=9)))
    records.feedback.give(FeedbackEntry(conversation_id="t1", turn=1, rating="up"))
    records.tickets.open("t1", None, "a person, please")
    seen = records.insights.overview(_NOON - timedelta(days=1))
    assert (seen.conversations, seen.turns, seen.failed, seen.held_back) == (3, 21, 1, 2)
    assert (seen.searches, seen.without_hits, seen.ups, seen.downs, seen.hand_overs) == (20, 0, 1, 0, 1)
    # Of 21 turns the eleventh, and the twentieth; of 20 first words the tenth.
    assert (seen.turn_half, seen.turn_most, seen.word_half, seen.card_half) == (11.0, 20.0, 0.9, None)


@pytest.mark.parametrize("step", ["hour", "day"])
def test_busy_hours_and_days_are_told_in_order(records: ShopRecords, step: Any) -> None:
    for number, (hours, word) in enumerate([(0, 1.0), (0.5, 3.0), (30, None), (30, 2.0)]):
        records.traces.add(_turn(number, at=_NOON + timedelta(hours=hours), first_word=word))
    first, second = records.insights.busy(_NOON, step)
    assert (first.turns, first.word_half, first.word_most) == (2, 1.0, 3.0)
    assert (second.turns, second.word_half, second.word_most) == (2, 2.0, 2.0)
    assert first.at == (_NOON if step == "hour" else _NOON.replace(hour=0))
    assert second.at == (_NOON.replace(day=4, hour=18) if step == "hour" else _NOON.replace(day=4, hour=0))


def test_a_funnel_follows_each_product_of_each_showing(records: ShopRecords) -> None:
    records.traces.add(_turn(1, showings=(Showing(attribution_id="s1", product_ids=("a", "b", "c", "d", "d")),)))
    records.traces.add(_turn(2, showings=(Showing(attribution_id="s2", product_ids=("a",)),)))
    records.traces.add(
        _turn(3, at=_NOON - timedelta(days=40), showings=(Showing(attribution_id="s0", product_ids=("a",)),))
    )
    records.interactions.add(
        # a: tapped on, put into the cart, bought at a check-out that knows of no showing
        _did("click", "a", "s1", 1),
        _did("cart_add", "a", "s1", 2),
        _did("purchase", "a", None, 3),
        # b: bought by somebody else, before it was tapped on
        _did("purchase", "b", None, 0, visitor="v2"),
        _did("purchase", "b", None, 0),
        _did("click", "b", "s1", 1),
        # c: bought with the showing's name; not liked, of no showing
        _did("purchase", "c", "s1", 9),
        _did("dislike", "d", "s1", 9),
        _did("click", "z", "s1", 9),
    )
    assert records.insights.funnel(_NOON) == Funnel(shown=5, clicked=3, in_cart=2, bought=2)


def test_thumbs_are_counted_by_day(records: ShopRecords) -> None:
    for turn, rating in enumerate(("up", "up", "down")):
        records.feedback.give(FeedbackEntry.model_validate({"conversation_id": "t", "turn": turn, "rating": rating}))
    (day,) = records.insights.thumbs(datetime.now(UTC) - timedelta(minutes=5), "day")
    assert (day.ups, day.downs) == (2, 1)
