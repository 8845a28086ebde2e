"""What is too old is removed, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from assistant.schema import Conversation, Interaction
from assistant.shop.conversations import Conversations
from assistant.shop.feedback import Feedback, FeedbackEntry
from assistant.shop.migrations import upgrade_records
from assistant.shop.records import open_records
from assistant.shop.retention import Kept, Retention
from tests.assistant.shop.makers import make_customer, make_order

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEPT = Kept(conversations=30, events=100, traces=10)


def at(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(("days", "stays"), [(29.9, True), (30.1, False)])
def test_conversations_and_thumbs_go_when_they_are_too_old(empty: Engine, days: float, stays: bool) -> None:
    upgrade_records(empty)
    Conversations(empty, lambda: at(days)).save(Conversation(id="c1"))
    Feedback(empty, lambda: at(days)).give(FeedbackEntry(conversation_id="c1", turn=1, rating="up"))
    counts = Retention(empty, lambda: NOW).tidy(KEPT)
    assert (counts["conversations"], counts["feedback"]) == ((0, 0) if stays else (1, 1))
    assert (open_records(empty).conversations.load("c1", None) is not None) is stays


def test_an_open_ticket_keeps_its_conversation_and_orders_stay(empty: Engine) -> None:
    upgrade_records(empty)
    records = open_records(empty)
    records.customers.add(make_customer("ann"))
    order = make_order("B1", "delivered", 1)
    records.orders.add(order)
    talk = Conversation(id="c1", customer_id="ann")
    records.tickets.open("c1", "ann", "a question")
    Conversations(empty, lambda: at(400)).save(talk)
    Retention(empty, lambda: NOW).tidy(KEPT)
    assert records.conversations.load("c1", "ann") is not None
    assert records.orders.get("B1", "ann") == order


def test_events_have_days_of_their_own(empty: Engine) -> None:
    upgrade_records(empty)
    records = open_records(empty)
    records.interactions.add(
        *(Interaction(visitor_id="v", product_id=f"p{days}", kind="view", at=at(days)) for days in (50, 99, 101))
    )
    assert Retention(empty, lambda: NOW).tidy(KEPT)["events"] == 1
    assert [each.product_id for each in records.interactions.of_visitor("v")] == ["p50", "p99"]
