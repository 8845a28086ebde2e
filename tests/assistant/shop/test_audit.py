"""Every look-up and write of a customer's records leaves a record of itself."""

from dataclasses import replace

import pytest

from assistant.errors import ToolError
from assistant.shop.records import ShopRecords
from assistant.tools import ToolContext
from assistant.tools.orders import cancel_pending_order, get_order


@pytest.fixture
def context(records: ShopRecords) -> ToolContext:
    return ToolContext(None, records, None, customer_id="ann", conversation_id="t1")  # type: ignore[arg-type]


def test_a_look_up_is_written_down_with_who_asked(context: ToolContext) -> None:
    get_order.run(context, {"order_id": "B1"})
    (record,) = context.records.audit.list()
    assert (record.tool, record.step, record.customer_id) == ("get_order", "run", "ann")
    assert (record.conversation_id, record.arguments, record.refusal) == ("t1", {"order_id": "B1"}, None)


def test_a_look_at_somebody_elses_order_is_written_down_as_refused(context: ToolContext) -> None:
    with pytest.raises(ToolError):
        get_order.run(replace(context, customer_id="bob"), {"order_id": "B1"})
    (record,) = context.records.audit.list("bob")
    assert record.refusal is not None
    assert "No order B1" in record.refusal
    assert context.records.audit.list("ann") == ()


def test_a_change_is_written_down_when_proposed_and_when_done_newest_first(context: ToolContext) -> None:
    proposal = cancel_pending_order.propose(context, {"order_id": "B1", "reason": "too big"})
    cancel_pending_order.apply(context, proposal, proposal.id)
    assert [record.step for record in context.records.audit.list("ann")] == ["apply", "propose"]
    assert len(context.records.audit.list("ann", limit=1)) == 1
