"""What tests of talks share: calls, an agent with tools of a test's own, and what holds of every record."""

from collections.abc import Callable, Sequence
from typing import Any

from assistant.agent import Agent
from assistant.app import App
from assistant.chat_models import ChatModel
from assistant.grounding import Grounder
from assistant.prompting import load_prompt
from assistant.schema import Conversation, ToolCall
from assistant.testing.stage import Stage
from assistant.tools import Tool, ToolContext

ENDINGS = {"turn_finished", "turn_failed", "turn_refused", "confirmation_requested"}
Step = str | Sequence[ToolCall]
OpenApp = Callable[..., App]


def call(name: str, **arguments: Any) -> ToolCall:
    call.count = getattr(call, "count", 0) + 1  # type: ignore[attr-defined]
    return ToolCall(id=f"call-{call.count}", name=name, arguments=arguments)  # type: ignore[attr-defined]


def cancel(order_id: str) -> ToolCall:
    return call("cancel_pending_order", order_id=order_id, reason="Not needed")


def agent_with(stage: Stage, tools: Sequence[Tool], model: ChatModel) -> Agent:
    context = ToolContext(stage.app.catalogue, stage.app.records, stage.app.policies)
    return Agent(model, tools, load_prompt(), context, Grounder())


def assert_every_call_is_answered(conversation: Conversation) -> None:
    called = [call.id for message in conversation.messages for call in message.tool_calls]
    answered = [message.tool_call_id for message in conversation.messages if message.role == "tool"]
    assert sorted(called) == sorted(map(str, answered))
