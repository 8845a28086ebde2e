"""Conversation files: what is wrong with one is said by file, line and word."""

from pathlib import Path

import pytest

from assistant.errors import ConversationFileError
from assistant.testing.files import load_conversations
from tests.assistant.testing.makers import CANDLES, conversation, write


def test_file_is_read(tmp_path: Path) -> None:
    file = conversation(
        tmp_path,
        """
        about: A pending order is cancelled.
        customer: C001
        turns:
          - user: Cancel A1001 and call someone
            script:
              - call: {name: cancel_pending_order, arguments: {order_id: A1001, reason: none}}
            expect:
              tools: [[get_order, list_orders], cancel_pending_order]
              reply: {contains: [A1001, [maybe, perhaps]], not_contains: sorry}
          - confirm: yes
        expect_orders: {A1001: {status: cancelled}}
        """,
    )
    assert file.customer == "C001"
    first, second = file.turns
    assert first.expect is not None and first.expect.tools == (("get_order", "list_orders"), ("cancel_pending_order",))
    assert first.expect.reply is not None and first.expect.reply.contains == (("A1001",), ("maybe", "perhaps"))
    assert first.expect.reply.not_contains == ("sorry",)
    assert second.confirm is True
    assert first.script[0].call[0].arguments == {"order_id": "A1001", "reason": "none"}


@pytest.mark.parametrize("customer", ["", "customer: none", "customer: null"])
def test_nobody_may_be_the_customer(tmp_path: Path, customer: str) -> None:
    assert conversation(tmp_path, CANDLES + customer).customer is None


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        ("about: a\nturn:\n  - user: hi\n", 2, ["unknown word 'turn'", "did you mean 'turns'", "expect_orders"]),
        ("about: a\nturns:\n  - user: hi\n    expcet: {tools: []}\n", 4, ["'expcet'", "'expect'", "confirm, script"]),
        ("about: a\nturns:\n  - user: hi\n    expect: {tolls: []}\n", 4, ["'tolls'", "'tools'", "held_back"]),
        ("about: a\nturns:\n- user: hi\n  expect:\n    reply:\n      contain: [x]\n", 6, ["'contain'", "'contains'"]),
        ("about: a\nturns:\n- user: hi\n  expect:\n    products:\n      all: {maxprice: 3}\n", 6, ["'max_price'"]),
        ("about: a\nturns:\n- user: hi\n  script:\n  - cal: {name: x}\n", 5, ["'cal'", "'call'", "say, call"]),
        (
            "about: a\nturns:\n- user: hi\nexpect_orders:\n  A1:\n    state: x\n",
            6,
            ["'state'", "status, cancel_reason"],
        ),
        ("about: a\nturns:\n  - user: hi\n    expect: {}\n", 4, ["'expect': expects nothing", "tools, tool_errors"]),
        ("about: a\nturns:\n- user: hi\n  expect:\n    reply: {}\n", 5, ["'reply': expects nothing"]),
        ("about: a\nturns:\n- user: hi\n  expect:\n    products: {all: {}}\n", 5, ["'all' limits nothing"]),
        ("about: a\nturns:\n  - user: hi\n", 1, ["expects nothing"]),
        ("about: a\nturns: []\nexpect_tickets: 1\n", 2, ["'turns'"]),
        ("turns:\n  - user: hi\nexpect_tickets: 1\n", 1, ["the word 'about' is missing"]),
        ("about: a\nturns:\n  - user: hi\n    confirm: yes\nexpect_tickets: 1\n", 3, ["either 'user'"]),
        ("about: a\nturns:\n  - confirm: perhaps\nexpect_tickets: 1\n", 3, ["'confirm'", "'perhaps'"]),
        ("about: a\nturns:\n- user: hi\n  script:\n  - {}\nexpect_tickets: 1\n", 5, ["either 'say' or 'call'"]),
        ("about: a\nturns:\n- user: hi\n  expect: {tools: [serch]}\n", 4, ["no tool 'serch'", "search_products"]),
        ("about: a\nturns:\n- user: hi\n  expect: {confirmation: serch}\n", 4, ["no tool 'serch'"]),
        ("about: a\nturns:\n- user: hi\n  expect: {ends: never}\n", 4, ["'ends'", "turn_finished"]),
        ("about: a\nturns:\n- user: hi\n  expect: {reply: {contains: [30]}}\n", 4, ["quotes"]),
        ("about: a\nturns:\n- user: Yes\nexpect_tickets: 1\n", 3, ["'user'", "True", "quotes"]),
        ("about: a\nturns:\n- user:\nexpect_tickets: 1\n", 3, ["either 'user'"]),
        ("about: a\nabout: b\nturns:\n- user: hi\n", 2, ["'about' stands here twice"]),
        (
            "about: a\nturns:\n- user: hi\n  expect:\n    tools: []\n    tools: [calculate]\n",
            6,
            ["'tools' stands here twice"],
        ),
        ("about: [a\nturns: x\n", 2, ["not YAML"]),
        ("about: 'a\n", 2, ["not YAML"]),
        ("- user: hi\n", 1, ["a conversation is a table", "about"]),
        ("", 1, ["a conversation is a table"]),
        ("about: a\nturns:\n- user: hi\nexpect_orders: {A1: {status: gone}}\n", 4, ["'status'", "pending"]),
    ],
)
def test_what_is_wrong_is_named_by_file_line_and_word(tmp_path: Path, text: str, line: int, parts: list[str]) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConversationFileError) as caught:
        load_conversations(path)
    message = str(caught.value)
    assert f"{path}, line {line}:" in message
    assert all(part in message for part in parts), message


def test_every_mistake_of_a_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "abuot: a\nturns:\n- usr: hi\n")
    with pytest.raises(ConversationFileError) as caught:
        load_conversations(path)
    assert {"'abuot'", "'usr'", "'about'"} <= {word.strip(";") for word in str(caught.value).split()}


def test_folder_is_searched_to_its_depth_in_order(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.yaml", "deep/a.yml", "a.yaml", "notes.txt"):
        write(tmp_path, CANDLES, name)
    found = [Path(file.name).relative_to(tmp_path).as_posix() for file in load_conversations(tmp_path)]
    assert found == ["a.yaml", "b.yaml", "deep/a.yml"]


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_nothing_to_run_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConversationFileError, match=r"not there|no conversations"):
        load_conversations(tmp_path / name)


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "picture.yaml"
    path.write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ConversationFileError, match=r"picture\.yaml cannot be read"):
        load_conversations(path)
