"""The life of a ticket: open, taken, answered, closed."""

from datetime import UTC

import pytest

from assistant.errors import RecordsError
from assistant.shop.records import ShopRecords


def test_tickets_wait_in_the_order_they_came(records: ShopRecords) -> None:
    first, second = (
        records.tickets.open("c1", None, "angry"),
        records.tickets.open("c2", "ann", "lost", summary="Lost."),
    )
    assert (first.ahead, second.ahead) == (0, 1)
    assert [ticket.id for ticket in records.tickets.waiting()] == [first.id, second.id]
    taken = records.tickets.take(first.id, "Sam")
    assert (taken.state, taken.taken_by, taken.ahead) == ("taken", "Sam", None)
    assert records.tickets.get(second.id).ahead == 0
    assert [ticket.id for ticket in records.tickets.in_hand()] == [first.id]
    assert records.tickets.of_conversation("c2") == records.tickets.get(second.id)
    assert records.tickets.of_conversation("c2").summary == "Lost."  # type: ignore[union-attr]
    assert records.tickets.of_conversation("c9") is None


def test_one_person_takes_a_ticket(records: ShopRecords) -> None:
    ticket = records.tickets.open("c1", None, "angry")
    records.tickets.take(ticket.id, "Sam")
    assert records.tickets.take(ticket.id, "Sam").taken_by == "Sam"
    with pytest.raises(RecordsError, match="taken by Sam"):
        records.tickets.take(ticket.id, "Kim")


def test_both_write_on_a_ticket_that_is_in_hand(records: ShopRecords) -> None:
    ticket = records.tickets.open("c1", None, "angry")
    with pytest.raises(RecordsError, match="Take it first"):
        records.tickets.answer(ticket.id, "Hello")
    records.tickets.take(ticket.id, "Sam")
    records.tickets.answer(ticket.id, " Hello, I'm Sam. ")
    records.tickets.hear(ticket.id, "At last!")
    messages = records.tickets.messages(ticket.id)
    assert [(each.sender, each.name, each.text) for each in messages] == [
        ("shop", "Sam", "Hello, I'm Sam."),
        ("customer", None, "At last!"),
    ]
    assert all(each.at.tzinfo is UTC for each in messages)
    with pytest.raises(RecordsError, match="empty"):
        records.tickets.answer(ticket.id, "  ")


def test_a_closed_ticket_is_over_and_the_talk_may_have_another(records: ShopRecords) -> None:
    ticket = records.tickets.open("c1", None, "angry")
    closed = records.tickets.close(ticket.id)
    assert (closed.state, closed.closed_at is not None) == ("closed", True)
    assert records.tickets.close(ticket.id) == closed
    for act in (lambda: records.tickets.take(ticket.id, "Sam"), lambda: records.tickets.hear(ticket.id, "Hello?")):
        with pytest.raises(RecordsError, match="closed"):
            act()
    assert records.tickets.open("c1", None, "again").id != ticket.id
