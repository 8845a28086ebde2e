"""A customer who is forgotten stands nowhere any more, and the shop's books still add up."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from assistant.errors import RecordsError
from assistant.schema import Conversation, Interaction, Message
from assistant.shop.feedback import FeedbackEntry
from assistant.shop.forgetting import NOBODY, forget
from assistant.shop.importers.events import read_event_file
from assistant.shop.records import ShopRecords
from assistant.shop.tables import TicketRow
from retrieval.schema import RowError
from tests.assistant.shop.makers import make_customer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def lived_in(records: ShopRecords) -> ShopRecords:
    """Records in which Ann has left something everywhere, and Bob a little."""
    ann = records.customers.get("ann")
    records.interactions.add(
        Interaction(customer_id="ann", product_id="tents-01", kind="view", at=NOON),
        Interaction(customer_id="bob", product_id="tents-01", kind="view", at=NOON),
        Interaction(product_id="tents-02", visitor_id="v1", kind="click", at=NOON, conversation_id="talk"),
    )
    records.consents.set("ann", history=True)
    records.preferences.set("ann", "leather", liked=False)
    said = Message(role="user", content=f"I am {ann.name}, {ann.email}, of {ann.address.line1}.")
    records.conversations.save(Conversation(id="talk", customer_id="ann", messages=[said]))
    records.tickets.open("talk", "ann", "wants a person", [said])
    records.feedback.give(FeedbackEntry(conversation_id="talk", turn=1, rating="up", comment=ann.name))
    records.audit.add("get_order", "run", {"order_id": "B1"}, "talk", "ann")
    return records


def test_nothing_is_left_of_a_forgotten_customer_and_the_orders_stay(lived_in: ShopRecords, engine: Engine) -> None:
    total = lived_in.orders.get("B1", "ann").total
    done = forget(engine, "ann")
    assert done.left == ()
    assert set(done.tables.values()) == {0}
    assert {"interactions", "orders", "conversations", "tickets", "feedback", "audit"} <= done.tables.keys()
    assert {"conversations", "tickets", "feedback", "audit", "preferences", "consents"} <= done.removed.keys()
    assert done.orders == 2
    assert lived_in.customers.find("ann") is None
    kept = lived_in.orders.get("B1", NOBODY)
    assert (kept.total, kept.address.name, kept.address.line1, kept.payment_method.label) == (total, "", "", "")
    assert kept.address.country


def test_others_lose_nothing(lived_in: ShopRecords, engine: Engine) -> None:
    forget(engine, "ann")
    assert lived_in.customers.get("bob") == make_customer("bob", language="zh")
    assert len(lived_in.interactions.of_customer("bob")) == 1


def test_what_somebody_else_keeps_of_a_customer_is_told(lived_in: ShopRecords, engine: Engine) -> None:
    ann = lived_in.customers.get("ann")
    lived_in.tickets.open("other", "bob", "a present", [Message(role="user", content=f"for {ann.email}")])
    (left,) = forget(engine, "ann").left
    assert (left.table, left.column, left.rows) == ("tickets", "transcript", 1)


def test_nobody_can_prove_to_be_the_forgotten(lived_in: ShopRecords, engine: Engine) -> None:
    forget(engine, "ann")
    assert lived_in.customers.find_by_email("") is None
    assert lived_in.customers.find_by_name_and_postcode("", "") == ()


def test_a_second_time_and_a_stranger_are_refused(lived_in: ShopRecords, engine: Engine) -> None:
    forget(engine, "ann")
    for customer_id in ("ann", "eve", NOBODY):
        with pytest.raises(RecordsError, match=customer_id):
            forget(engine, customer_id)
    with engine.begin() as connection:
        connection.execute(update(TicketRow).values(reason="still writable"))


def test_events_are_read_under_the_names_of_other_systems(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text(
        "user_id,session_id,sku,event_type,timestamp\n"
        "ann,,tents-01,add_to_cart,2026-03-01T12:00:00Z\n"
        ",v7,tents-02,view,1772366400\n"
        "eve,,tents-01,view,2026-03-01\n"
        "ann,,tents-01,dance,2026-03-01\n"
        "ann,,tents-01,view,yesterday\n"
        "ann,,,view,2026-03-01\n"
        ",,tents-01,view,2026-03-01\n",
        encoding="utf-8",
    )
    read = list(read_event_file(file, lambda given: given if given == "ann" else None))
    good = [each for each in read if isinstance(each, Interaction)]
    assert [(each.customer_id, each.visitor_id, each.kind, each.at) for each in good] == [
        ("ann", None, "cart_add", NOON),
        (None, "v7", "view", NOON),
    ]
    bad = [each for each in read if isinstance(each, RowError)]
    assert [(each.row, each.column) for each in bad] == [
        (4, "user_id"), (5, "event_type"), (6, "timestamp"), (7, "sku"), (8, "user_id"),
    ]  # fmt: skip


def test_an_import_of_events_adds_each_once(records: ShopRecords) -> None:
    seen = Interaction(customer_id="ann", product_id="tents-01", kind="view", at=NOON, source="import")
    assert records.interactions.add_new([seen, seen]) == 1
    assert records.interactions.add_new([seen, seen.model_copy(update={"kind": "click"})]) == 1
    purchases = records.interactions.purchases_in_orders()
    assert {event.customer_id for event in purchases} == {"ann"}
    assert records.interactions.add_new(purchases) == len({(p.product_id, p.at) for p in purchases})
    assert records.interactions.add_new(records.interactions.purchases_in_orders()) == 0
