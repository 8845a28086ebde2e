"""Slots that the customer fills, one at a time."""

from typing import Any

import pytest

from assistant.errors import Missing
from assistant.schema import Errand, ToolCall
from assistant.tools import ALL_TOOLS
from assistant.turns.errands import answered, completed, errand_of, question, recounted

SPECS = {tool.name: tool.spec for tool in ALL_TOOLS}
CANCEL, RETURN, SWAP = "cancel_pending_order", "return_delivered_items", "exchange_delivered_items"


def call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(id="c", name=name, arguments=arguments)


def test_what_was_wrong_is_not_known() -> None:
    errand = errand_of(call(CANCEL, order_id="B2041", reason="Too late"), Missing("order_id"))
    assert errand == Errand(tool=CANCEL, known={"reason": "Too late"}, missing="order_id")


@pytest.mark.parametrize(
    ("tool", "known", "missing", "item", "answer", "arguments"),
    [
        (CANCEL, {"reason": "r"}, "order_id", None, "It's #A1001, please.", {"reason": "r", "order_id": "#A1001"}),
        (CANCEL, {"reason": "r"}, "order_id", None, "A1004那个", {"reason": "r", "order_id": "A1004"}),
        (CANCEL, {"order_id": "A1"}, "reason", None, "too late.", {"order_id": "A1", "reason": "too late"}),
        (RETURN, {"order_id": "A1"}, "items", None, "the lamp and 2 mugs", {"order_id": "A1", "items": ["the lamp", "2 mugs"]}),
        (RETURN, {"order_id": "A1"}, "items", None, "台灯和杯子", {"order_id": "A1", "items": ["台灯", "杯子"]}),
        (SWAP, {"changes": {"hat": "x", "bag": "red"}}, "changes", "hat", "size 9", {"changes": {"hat": "size 9", "bag": "red"}}),
    ],
)  # fmt: skip
def test_an_answer_goes_into_the_slot(
    tool: str, known: dict[str, Any], missing: str, item: str | None, answer: str, arguments: dict[str, Any]
) -> None:
    assert answered(Errand(tool=tool, known=known, missing=missing, item=item), answer, SPECS[tool]) == arguments


@pytest.mark.parametrize(
    ("missing", "answer"),
    [("order_id", "the last one"), ("reason", "why do you ask?"), ("reason", "x" * 81), ("reason", "!"), (None, "yes")],
)
def test_what_is_no_bare_answer_is_left_to_the_model(missing: str | None, answer: str) -> None:
    assert answered(Errand(tool=CANCEL, known={}, missing=missing), answer, SPECS[CANCEL]) is None


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ("make it 2", 2), ("two of them please", 2), ("3 pieces", 3), ("要两个", 2), ("改成3件吧", 3), ("5", 5),
        ("make it blue", None), ("size 2", None), ("2 person tents", None), ("do you have 2?", None), ("2 or 3", None),
        ("0", None), ("换成2号", None),
    ],
)  # fmt: skip
def test_a_number_of_pieces_may_come_in_the_place_of_an_answer(said: str, pieces: int | None) -> None:
    errand = Errand(tool="add_to_cart", known={"product_id": "p1", "quantity": 1}, missing="options", item="Mug")
    counted = recounted(errand, said, SPECS["add_to_cart"])
    assert counted == ({"product_id": "p1", "quantity": pieces} if pieces else None)
    assert recounted(Errand(tool=CANCEL, known={}, missing="order_id"), said, SPECS[CANCEL]) is None


def test_a_call_is_completed_by_what_is_known_of_its_errand() -> None:
    errands = [Errand(tool=RETURN, known={"order_id": "A1", "refund_to": "gift card"})]
    assert completed(errands, call(RETURN, items=["lamp"])).arguments == {
        "order_id": "A1",
        "refund_to": "gift card",
        "items": ["lamp"],
    }
    assert completed(errands, call(CANCEL, order_id="A2")) == call(CANCEL, order_id="A2")


@pytest.mark.parametrize(
    ("missing", "language", "text"),
    [
        (Missing("order_id", ("A1", "A2")), "en", "Which order do you mean? You can choose from: A1, A2."),
        (Missing("reason"), "zh", "请问是什么原因？"),
        (Missing("changes", item="Hat"), "en", "What would you like instead for Hat?"),
        (Missing("something_new"), "en", "Could you tell me a bit more about that?"),
    ],
)
def test_the_question_fits_what_is_missing(missing: Missing, language: str, text: str) -> None:
    assert question(missing, language) == text
