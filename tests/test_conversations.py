"""The scripted conversations of this project, on the demo shop."""

from pathlib import Path

import pytest

from assistant.testing.files import ConversationFile, load_conversation, load_conversations
from assistant.testing.stage import ShopCopy
from assistant.testing.suite import run_scripted
from assistant.tools import ALL_TOOLS

FOLDER = Path(__file__).parent / "conversations"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_conversation_passes_by_its_script_and_fails_in_silence(path: Path, demo_shop: ShopCopy) -> None:
    (result,) = run_scripted([load_conversation(path)], demo_shop).results
    assert result.runs, "every conversation of this project has a script"
    assert result.runs[0].failures == ()
    assert not result.silent.passed, "a model that does nothing meets all that this file expects"


def test_conversations_cover_every_tool() -> None:
    expected = {
        name
        for file in _all()
        for turn in file.turns
        if turn.expect
        for names in (*(turn.expect.tools or ()), (turn.expect.confirmation,))
        for name in names
    }
    assert {tool.name for tool in ALL_TOOLS} <= expected


def test_conversations_cover_every_refusal_that_a_tool_can_give() -> None:
    expectations = [
        each for file in _all() for turn in file.turns for each in (turn.expect, turn.expect_scripted) if each
    ]
    refused = {name for each in expectations for names in each.tool_errors or () for name in names}
    assert {
        "search_products",
        "get_product",
        "compare_products",
        "get_order",
        "list_orders",
        "cancel_pending_order",
        "change_pending_order_address",
        "change_pending_order_items",
        "change_pending_order_payment",
        "return_delivered_items",
        "exchange_delivered_items",
        "change_saved_address",
        "search_policies",
        "calculate",
    } <= refused


def test_conversations_are_in_english_and_in_chinese() -> None:
    chinese = [file for file in _all() if any("一" <= sign <= "鿿" for turn in file.turns for sign in turn.user or "")]
    assert len(chinese) >= 6
    assert len(_all()) - len(chinese) >= 20


def _all() -> list[ConversationFile]:
    return load_conversations(FOLDER)
