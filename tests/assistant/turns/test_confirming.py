"""A change waits for a yes to that very question, and is made once."""

import pytest

from assistant.chat_models.scripted import ScriptedModel, SilentModel
from assistant.errors import RecordsError
from assistant.schema import Calculated, Proposal, ToolResult, TurnFinished
from assistant.testing.stage import ShopCopy
from assistant.tools import ToolContext, tool
from tests.assistant.talks import agent_with, assert_every_call_is_answered, call, cancel


@pytest.mark.parametrize("text", ["yes", "Yes, please!", "OK", "好的", "ja", "sí"])
def test_whole_message_yes_applies(demo_shop: ShopCopy, text: str) -> None:
    with demo_shop.stage(ScriptedModel([[cancel("A1001")]])) as stage:
        conversation = stage.app.start_conversation("C001")
        list(stage.app.agent.reply(conversation, "Cancel A1001"))
        list(stage.app.agent.reply(conversation, text))
        assert stage.orders()["A1001"].status == "cancelled"


@pytest.mark.parametrize("text", ["yes, but keep the socks", "yes?? why", "no yes", "maybe", "是吗为什么"])
def test_anything_else_is_no_yes(demo_shop: ShopCopy, text: str) -> None:
    with demo_shop.stage(ScriptedModel([[cancel("A1001")], "What would you like to know?"])) as stage:
        conversation = stage.app.start_conversation("C001")
        list(stage.app.agent.reply(conversation, "Cancel A1001"))
        list(stage.app.agent.reply(conversation, text))
        assert stage.orders()["A1001"].status == "pending"
        assert conversation.pending is not None


def test_order_that_was_shipped_before_the_yes_is_not_cancelled(demo_shop: ShopCopy) -> None:
    with demo_shop.stage(ScriptedModel([[cancel("A1001")]])) as stage:
        conversation = stage.app.start_conversation("C001")
        list(stage.app.agent.reply(conversation, "Cancel A1001"))
        with stage.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE orders SET status = 'shipped', version = version + 1 WHERE id = 'A1001'")
        events = list(stage.app.agent.reply(conversation, "yes"))
        assert isinstance(events[-1], TurnFinished)
        assert "couldn't" in events[-1].text
        assert stage.orders()["A1001"].status == "shipped"
    assert_every_call_is_answered(conversation)


@pytest.mark.parametrize(
    ("words", "yes", "told"), [("Cancel A1001", "yes", "has changed since"), ("取消A1001", "好的", "情况已经有了变化")]
)
def test_a_customer_reads_no_error_that_was_written_for_the_model(
    demo_shop: ShopCopy, words: str, yes: str, told: str
) -> None:
    with demo_shop.stage(ScriptedModel([[cancel("A1001")]])) as stage:
        conversation = stage.app.start_conversation("C001")
        list(stage.app.agent.reply(conversation, words))
        with stage.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE orders SET version = version + 1 WHERE id = 'A1001'")
        ending = list(stage.app.agent.reply(conversation, yes))[-1]
        assert isinstance(ending, TurnFinished) and told in ending.text
        assert stage.orders()["A1001"].status == "pending"


def test_yes_that_could_not_be_carried_out_can_be_said_again(demo_shop: ShopCopy) -> None:
    attempts = []

    @tool(writes=True)
    def pay(context: ToolContext) -> Proposal:
        """Pay."""
        return Proposal(id="P1", tool="pay", arguments={}, summary="Pay", record_id="R1", record_version=1)

    @pay.applies
    def _pay(context: ToolContext, proposal: Proposal, idempotency_key: str) -> ToolResult:
        attempts.append(idempotency_key)
        if len(attempts) == 1:
            raise RecordsError("the database is locked")
        return Calculated(expression="1", value=1)

    with demo_shop.stage(SilentModel()) as stage:
        agent = agent_with(stage, [pay], ScriptedModel([[call("pay")]]))
        conversation = stage.app.start_conversation()
        list(agent.reply(conversation, "Pay"))
        first = list(agent.confirm(conversation, "P1", True))
        second = list(agent.confirm(conversation, "P1", True))
        third = list(agent.confirm(conversation, "P1", True))
    assert [events[-1].type for events in (first, second, third)] == ["turn_failed", "turn_finished", "turn_refused"]
    assert attempts == ["P1", "P1"]
    assert_every_call_is_answered(conversation)
