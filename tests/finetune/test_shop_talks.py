"""What is learned of the shop's own talks: only from those who agreed, only what went well, and nobody is in it."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import Conversation, ToolCall
from assistant.shop.feedback import FeedbackEntry
from assistant.testing.stage import ShopCopy, Stage
from finetune.data import read_talks
from finetune.shop_talks import shop_lines

LOOK_UP = ToolCall(id="1", name="list_orders", arguments={})


@pytest.fixture
def stage(demo_shop: ShopCopy) -> Iterator[Stage]:
    steps = [(LOOK_UP,), "You're welcome!", "You're welcome!"]
    with demo_shop.stage(ScriptedModel(steps, tuned=True)) as stage:
        yield stage


def talk(stage: Stage, *said: str) -> Conversation:
    conversation = stage.app.start_conversation("C001")
    for text in said:
        list(stage.app.reply(conversation, text, "app"))
    stage.app.records.conversations.save(conversation)
    return conversation


def test_without_a_yes_nothing_is_learned(stage: Stage) -> None:
    talk(stage, "where is my order")
    left_out: Counter[str] = Counter()
    assert list(shop_lines(stage.app.records, left_out)) == []
    stage.app.records.consents.set("C001", history=False)
    assert list(shop_lines(stage.app.records, left_out)) == []
    assert left_out == {"without consent": 2}


def test_what_went_well_is_learned_and_names_nobody(stage: Stage) -> None:
    customer = stage.app.records.customers.get("C001")
    stage.app.records.consents.set("C001", history=True)
    talk(
        stage,
        f"hello, this is {customer.name}, {customer.email}, where is my order?",
        "thanks, call me on +1 415 555 2671",
    )
    lines = list(shop_lines(stage.app.records, Counter()))
    written = json.dumps(lines, ensure_ascii=False)
    assert "list_orders" in written
    for personal in (customer.name, customer.email, "555 2671", *customer.name.split()):
        assert personal not in written
    for order in stage.app.records.orders.list("C001"):
        assert order.id not in written
    assert all(line["messages"][place]["role"] == "assistant" for line in lines for place in line["learned"])


def test_a_thumb_down_keeps_its_turn_out(stage: Stage) -> None:
    stage.app.records.consents.set("C001", history=True)
    conversation = talk(stage, "where is my order", "thanks")
    both = list(shop_lines(stage.app.records, Counter()))
    stage.app.records.feedback.give(FeedbackEntry(conversation_id=conversation.id, turn=1, rating="down"))
    left_out: Counter[str] = Counter()
    without = list(shop_lines(stage.app.records, left_out))
    assert left_out == {"a thumb down": 1}
    assert sum(len(line["learned"]) for line in without) < sum(len(line["learned"]) for line in both)


def test_the_lines_are_a_training_set(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    stage.app.records.consents.set("C001", history=True)
    talk(stage, "where is my order")
    file = tmp_path_factory.mktemp("set") / "set.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in shop_lines(stage.app.records, Counter())))
    assert read_talks(file, lambda text: [1] * len(text)).talks
