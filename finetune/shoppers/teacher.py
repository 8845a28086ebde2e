"""The teacher: a chat model that knows what the shopper wants, and writes down what a model should have said.

It is put into the real agent over a real store. So whatever the training text shows, a prompt, a result, an error, is
what the agent and its tools made, and what the teacher says has passed the same check for evidence as a model's words.
"""

import random
from collections.abc import Iterator, Sequence

from assistant.chat_models import ToolChoice
from assistant.chat_models.tool_format import new_call_id
from assistant.schema import (
    AccountFound,
    Calculated,
    CartShown,
    Conversation,
    DeliveryEstimated,
    HandedOver,
    Message,
    OrderDetails,
    OrdersFound,
    PreferenceSet,
    PreferencesFound,
    ProductsRecommended,
    PurchasesFound,
    SizeAdvised,
    ToolCall,
    ToolSpec,
    Value,
)
from finetune.shoppers.goals import Goal
from finetune.shoppers.wording import worded, worded_both

_TOLD_BY_CODE = (
    CartShown, DeliveryEstimated, SizeAdvised, OrdersFound, OrderDetails, PurchasesFound, AccountFound, PreferenceSet,
    PreferencesFound, ProductsRecommended, Calculated, HandedOver,
)  # fmt: skip
"""Results that the agent words itself, so that a model has nothing to learn of their words."""


class Step(Value):
    """One answer of the model's: what it read, behind the system prompt, and what it should say."""

    known: bool
    read: tuple[Message, ...]
    answer: Message


class Teacher:
    """Plays the model of one conversation. `expect` tells it what the next message is about."""

    name = "teacher"
    tuned = True

    def __init__(self, rng: random.Random) -> None:
        self.steps: list[Step] = []
        self._rng = rng
        self._calls: list[ToolCall] = []
        self._goal: Goal | None = None
        self._goals: tuple[Goal, ...] = ()
        self._known = 0
        self._conversation: Conversation | None = None

    def expect(self, conversation: Conversation, *goals: Goal) -> None:
        """Prepare for a message that brings these goals, in this order."""
        self._conversation, self._goal, self._goals = conversation, goals[-1], goals
        self._known = len(conversation.results)
        self._calls = [
            ToolCall(id=new_call_id(), name=goal.tool, arguments=goal.arguments) for goal in goals if goal.tool
        ]

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        """Yield the next call that was planned, then words on what came back."""
        assert self._goal is not None and self._conversation is not None, "Tell the teacher first what to expect."
        call = self._calls.pop(0) if self._calls else None
        words = "" if call else self._words(self._conversation, self._goal)
        answer = Message(role="assistant", content=words, tool_calls=(call,) if call else ())
        known = self._conversation.customer_id is not None
        if call or not self._is_told(self._conversation):
            self.steps.append(Step(known=known, read=tuple(messages[1:]), answer=answer))
        yield call or words

    def _is_told(self, conversation: Conversation) -> bool:
        """Tell whether all that the turn found is worded by code."""
        found = conversation.results[self._known :]
        return bool(found) and all(isinstance(result, _TOLD_BY_CODE) for result in found)

    def _words(self, conversation: Conversation, goal: Goal) -> str:
        if len(self._goals) > 1 and len(conversation.results) - self._known >= len(self._goals):
            return worded_both(self._goals, conversation, self._rng)
        return goal.reply or worded(goal, conversation, self._rng)
