"""Customers, interactions, tickets and conversations survive the database whole."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, update

from assistant.errors import RecordsError
from assistant.schema import (
    Calculated,
    Conversation,
    Interaction,
    Message,
    OrderDetails,
    Preference,
    ProductsFound,
    Proposal,
    ToolCall,
)
from assistant.shop.conversations import from_json, to_json
from assistant.shop.migrations import upgrade_records
from assistant.shop.records import ShopRecords, open_records
from assistant.shop.tables import ConversationRow
from tests.assistant.shop.makers import VISA, make_customer, make_order, make_product, usd


def test_a_customer_comes_back_as_written(records: ShopRecords) -> None:
    assert records.customers.get("bob") == make_customer("bob", language="zh")
    assert [customer.id for customer in records.customers.list()] == ["ann", "bob"]
    assert records.customers.find("eve") is None
    with pytest.raises(RecordsError, match="'eve'"):
        records.customers.get("eve")


def test_a_customer_is_written_once(records: ShopRecords) -> None:
    with pytest.raises(RecordsError):
        records.customers.add(make_customer("cid"), make_customer("ann"))
    assert records.customers.find("cid") is None


def test_interactions_are_newest_first_and_keep_their_moment(records: ShopRecords) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    seen = Interaction(customer_id="ann", product_id="tents-01", kind="view", at=noon)
    bought = seen.model_copy(update={"kind": "purchase", "at": noon + timedelta(minutes=5)})
    records.interactions.add(seen, bought, seen.model_copy(update={"customer_id": "bob"}))

    assert records.interactions.of_customer("ann") == (bought, seen)
    assert records.interactions.of_customer("ann")[1].at.utcoffset() == timedelta(0)
    assert records.interactions.of_customer("ann", "view") == (seen,)
    assert records.interactions.of_customer("ann", limit=1) == (bought,)


def test_events_of_a_guest_become_those_of_the_customer_who_it_was(records: ShopRecords) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    clicked = Interaction(
        visitor_id="v1", product_id="tents-01", kind="click", at=noon, source="widget", attribution_id="list-1"
    )
    assert records.interactions.add(clicked, clicked.model_copy(update={"visitor_id": "v2"})) == 2

    assert records.interactions.of_visitor("v1") == (clicked,)
    assert records.interactions.adopt("v1", "ann") == 1
    assert records.interactions.of_customer("ann") == (clicked.model_copy(update={"customer_id": "ann"}),)
    assert records.interactions.of_visitor("v2")[0].customer_id is None


def test_who_says_no_to_a_history_has_none_and_gets_none(records: ShopRecords) -> None:
    seen = Interaction(customer_id="ann", product_id="tents-01", kind="view", at=datetime(2026, 3, 1, tzinfo=UTC))
    records.interactions.add(seen, seen.model_copy(update={"customer_id": "bob"}))
    assert records.preferences.set("ann", "leather", liked=False)
    assert records.preferences.of("ann") == (Preference(subject="leather", liked=False),)
    assert records.consents.of("ann") is None

    records.consents.set("ann", history=False)
    assert records.interactions.of_customer("ann") == ()
    assert records.preferences.of("ann") == ()
    assert records.interactions.add(seen, seen.model_copy(update={"customer_id": "bob"})) == 1
    assert not records.preferences.set("ann", "leather", liked=False)
    assert records.interactions.of_customer("ann") == ()
    assert len(records.interactions.of_customer("bob")) == 2

    records.consents.set("ann", history=True)
    assert records.interactions.add(seen) == 1


def test_events_come_in_the_order_in_which_they_were_written(records: ShopRecords) -> None:
    late = Interaction(customer_id="ann", product_id="a", kind="view", at=datetime(2026, 3, 2, tzinfo=UTC))
    early = late.model_copy(update={"product_id": "b", "at": datetime(2026, 3, 1, tzinfo=UTC)})
    records.interactions.add(late, early)
    (first, _), (second, event) = records.interactions.since()
    assert event == early
    assert records.interactions.since(first) == ((second, early),)


def test_a_moment_without_a_zone_is_refused(records: ShopRecords) -> None:
    naive = Interaction(customer_id="ann", product_id="p", kind="view", at=datetime(2026, 3, 1))

    with pytest.raises(RecordsError, match="time zone"):
        records.interactions.add(naive)


def test_a_ticket_keeps_what_was_said(records: ShopRecords) -> None:
    said = (Message(role="user", content="人工 please"), Message(role="assistant", content="Of course."))
    ticket = records.tickets.open("c1", "ann", "wants a person", said)

    assert records.tickets.get(ticket.id) == ticket
    assert (ticket.state, ticket.conversation_id, ticket.customer_id) == ("open", "c1", "ann")
    assert records.tickets.transcript(ticket.id) == said
    assert records.tickets.waiting() == (ticket,)


def test_asking_twice_for_a_human_opens_one_ticket(records: ShopRecords) -> None:
    first = records.tickets.open("c1", None, "reason", ())
    again = records.tickets.open("c1", None, "other", (Message(role="user", content="hello?"),))
    elsewhere = records.tickets.open("c2", None, "reason", ())

    assert again == first
    assert elsewhere.id != first.id
    assert [message.content for message in records.tickets.transcript(first.id)] == ["hello?"]


def test_two_turns_at_once_open_one_ticket(records: ShopRecords) -> None:
    with ThreadPoolExecutor(4) as pool:
        tickets = list(pool.map(lambda _: records.tickets.open("c1", None, "reason", ()), range(4)))

    assert len({ticket.id for ticket in tickets}) == 1


@pytest.mark.parametrize("ticket_id", ["T99", "", "Tx", "T²"])
def test_an_unknown_ticket_is_named(records: ShopRecords, ticket_id: str) -> None:
    with pytest.raises(RecordsError, match="No ticket"):
        records.tickets.get(ticket_id)


def test_a_conversation_comes_back_whole(records: ShopRecords) -> None:
    conversation = _conversation()
    records.conversations.save(conversation)

    assert records.conversations.load("c1", "ann") == conversation
    assert from_json(to_json(conversation)) == conversation


def test_saving_again_replaces(records: ShopRecords) -> None:
    conversation = _conversation()
    records.conversations.save(conversation)
    conversation.pending = None
    conversation.turns = 4
    records.conversations.save(conversation)

    assert records.conversations.load("c1", "ann") == conversation


def test_a_conversation_is_its_customers(records: ShopRecords) -> None:
    records.conversations.save(_conversation())
    records.conversations.save(Conversation(id="guest"))

    assert records.conversations.load("c1", "bob") is None
    assert records.conversations.load("c1", None) is None
    assert records.conversations.load("c9", "ann") is None
    assert records.conversations.load("guest", "ann") == Conversation(id="guest")


def test_a_damaged_conversation_is_named(records: ShopRecords, engine: Engine) -> None:
    records.conversations.save(_conversation())
    with engine.begin() as connection:
        connection.execute(update(ConversationRow).values(document='{"id": 3}'))

    with pytest.raises(RecordsError, match="'c1'"):
        records.conversations.load("c1", "ann")


def test_missing_tables_are_the_operators_matter(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    with pytest.raises(RecordsError, match="no such table"):
        open_records(engine).customers.list()
    upgrade_records(engine)
    upgrade_records(engine)
    assert open_records(engine).customers.list() == ()
    engine.dispose()


def _conversation() -> Conversation:
    call = ToolCall(id="t1", name="cancel_pending_order", arguments={"order_id": "B1", "n": [1, 2.5, None, "三"]})
    proposal = Proposal(
        id="p1",
        tool=call.name,
        arguments=call.arguments,
        summary="Cancel order B1",
        changes=("The order is cancelled.",),
        refund=usd("45.85"),
        refund_to=VISA,
        record_id="B1",
        record_version=1,
    )
    product = make_product("tents", 1)
    return Conversation(
        id="c1",
        customer_id="ann",
        language="zh",
        messages=[
            Message(role="user", content="取消 B1 🙏"),
            Message(role="assistant", content="", tool_calls=(call,)),
            Message(role="tool", content="waits", tool_call_id="t1"),
        ],
        results=[
            ProductsFound(query="tent", products=(product,), limits={"max_price": "50"}),
            OrderDetails(order=make_order("B1", "pending", day=2)),
            Calculated(expression="0.1+0.2", value=Decimal("0.30")),
        ],
        shown=[product],
        pending=proposal,
        ticket_id="T1001",
        turns=3,
    )


def test_the_clock_is_in_utc(records: ShopRecords) -> None:
    opened_at = records.tickets.open("c1", None, "reason", ()).opened_at

    assert abs(opened_at - datetime.now(UTC)) < timedelta(minutes=1)
