"""A conversation becomes a scripted one that plays, and names nobody."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assistant.app import App, assemble
from assistant.chat_models.scripted import ScriptedModel, SilentModel
from assistant.errors import AssistantError
from assistant.schema import Conversation, ToolCall
from assistant.testing.files import load_conversation
from assistant.testing.stage import ShopCopy, Stage
from assistant.testing.suite import run_scripted
from assistant.tracing.as_test import as_test

Step = str | Sequence[ToolCall]


@pytest.fixture
def stage(demo_shop: ShopCopy) -> Iterator[Stage]:
    with demo_shop.stage(SilentModel()) as stage:
        yield stage


def call(tool: str, **arguments: object) -> list[ToolCall]:
    return [ToolCall(id=f"call-{tool}", name=tool, arguments=arguments)]


def open_shop(stage: Stage, *steps: Step, tuned: bool = False) -> App:
    shop = stage.app
    return assemble(shop.settings, shop.catalogue, shop.records, shop.policies, ScriptedModel(steps, tuned))


def kept(shop: App, conversation: Conversation, *texts: str) -> str:
    """Say the texts, and return the conversation as a test."""
    for text in texts:
        list(shop.reply(conversation, text, "terminal"))
    return as_test(shop.records.traces.of_conversation(conversation.id), shop.records)


def assert_plays(shop: ShopCopy, folder: Path, text: str) -> None:
    file = folder / "kept.yaml"
    file.write_text(text, encoding="utf-8")
    (result,) = run_scripted([load_conversation(file)], shop).results
    assert result.runs[0].failures == ()
    # And it tests something: a model that does nothing fails it.
    assert result.silent.failures


def assert_names_nobody(shop: App, text: str, *customers: str) -> None:
    people = [shop.records.customers.get(customer) for customer in customers]
    private = [value for person in people for value in (person.name, person.email, person.address.line1, person.id)]
    private += [person.address.postcode for person in people]
    private += [order.id for person in people for order in shop.records.orders.list(person.id)]
    private += [str(method.id) for person in people for method in person.payment_methods]
    assert [value for value in private if value.casefold() in text.casefold()] == []


def test_a_cancellation_plays_on_an_order_like_it(stage: Stage, demo_shop: ShopCopy, tmp_path: Path) -> None:
    shop = open_shop(stage, call("cancel_pending_order", order_id="A1001", reason="Maya took the wrong size"))
    said = ("Maya Lindqvist here, cancel A1001, mail maya.lindqvist@example.com or call +1 503 555 0123", "yes")
    text = kept(shop, shop.start_conversation("C001"), *said)
    assert "T1001" in text and "Rosalind Achterberg here" in text and "503 555" not in text
    assert "status: cancelled" in text and "status: pending" in text
    assert_names_nobody(shop, text, "C001")
    assert_plays(demo_shop, tmp_path, text)


def test_a_guest_who_proves_who_they_are_does_so_as_somebody_else(
    stage: Stage, demo_shop: ShopCopy, tmp_path: Path
) -> None:
    shop = open_shop(stage, call("list_orders"), "", call("list_orders"), "Here they are.")
    said = ("where are my orders?", "andre.whitfield@example.com, order A1003")
    text = kept(shop, shop.start_conversation(), *said)
    assert "identify_customer" in text and "rosalind.achterberg@example.org" in text
    assert_names_nobody(shop, text, "C002")
    assert_plays(demo_shop, tmp_path, text)


def test_a_talk_in_chinese_with_a_tuned_model_and_a_hand_over_plays(
    stage: Stage, demo_shop: ShopCopy, tmp_path: Path
) -> None:
    steps: list[Step] = [call("list_orders"), call("get_order", order_id="A1008"), "订单A1008已送达。"]
    shop = open_shop(stage, *steps, call("hand_over_to_human", reason="陈雨要找人"), tuned=True)
    conversation = shop.start_conversation("C005")
    for said in ("我是陈雨，订单A1008到了吗？", "叫人来"):
        list(shop.reply(conversation, said, "terminal"))
    text = as_test(shop.records.traces.of_conversation(conversation.id), shop.records)
    assert "方知遥" in text and "expect_tickets: 1" in text
    assert_names_nobody(shop, text, "C005")
    assert_plays(demo_shop, tmp_path, text)


def test_somebody_elses_order_is_nobodys(stage: Stage, demo_shop: ShopCopy, tmp_path: Path) -> None:
    shop = open_shop(stage, call("get_order", order_id="A1003"), "", "I can't find it.")
    text = kept(shop, shop.start_conversation("C001"), "what about A1003?")
    assert "T9999" in text and "tool_errors" in text
    assert_names_nobody(shop, text, "C001", "C002")
    assert_plays(demo_shop, tmp_path, text)


def test_nothing_said_is_no_test(stage: Stage) -> None:
    with pytest.raises(AssistantError, match="Nothing was said"):
        as_test((), stage.app.records)
