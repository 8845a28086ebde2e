"""What the teacher says: the answer to what was asked, and nothing where the agent has words of its own."""

import random

import pytest

from assistant.schema import (
    Conversation,
    Message,
    OrdersFound,
    Passage,
    PoliciesFound,
    ProductsFound,
    ToolResult,
)
from finetune.shoppers.goals import Goal
from finetune.shoppers.teacher import Teacher
from finetune.shoppers.wording import worded

PAYMENT = Passage(
    source="payment",
    title="Payment: Ways to pay",
    text="We are glad of every order. We take Visa, Mastercard and PayPal. You can pay with a gift card and with one "
    "other way together. You can pay when you order, and you can pay with the same card again.",
)


def asked(question: str, tool: str | None = "search_policies") -> Goal:
    return Goal(name="policy", language="en", text=question, tool=tool, arguments={"question": question})


def talk_with(*results: ToolResult, last: str = "found", customer: str | None = "C001") -> Conversation:
    messages = [Message(role="user", content="hello"), Message(role="tool", content=last, tool_call_id="1")]
    return Conversation(id="1", customer_id=customer, messages=messages, results=list(results))


@pytest.mark.parametrize(
    ("question", "answer"),
    [("can i pay with paypal", "PayPal"), ("can i use a gift card and something else together", "gift card")],
)
def test_a_policy_is_answered_by_the_sentence_with_the_telling_word(question: str, answer: str) -> None:
    words = worded(asked(question), talk_with(PoliciesFound(passages=(PAYMENT,))), random.Random(1))
    assert answer in words.split(". ")[0]


def test_what_is_sold_out_is_not_looked_for_elsewhere() -> None:
    refused = talk_with(last="Error: Cordelia Dress is sold out. None is in stock.")
    assert "sold out" in worded(asked("add it", "add_to_cart"), refused, random.Random(1))
    unknown = talk_with(last="Error: No order has the number A1.")
    assert "sold out" not in worded(asked("where is A1", "get_order"), unknown, random.Random(1))


@pytest.mark.parametrize("is_told", [True, False])
def test_no_words_are_learned_where_the_agent_says_them_itself(is_told: bool) -> None:
    found = OrdersFound(orders=()) if is_told else ProductsFound(query="tents", products=())
    conversation = talk_with()
    teacher = Teacher(random.Random(1))
    teacher.expect(conversation, asked("where is my order", "list_orders"))
    assert list(teacher.stream(conversation.messages, ()))
    conversation.results.append(found)
    assert list(teacher.stream(conversation.messages, ()))
    assert len(teacher.steps) == (1 if is_told else 2)
