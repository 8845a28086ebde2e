"""Where a message is cut into requests, and where it isn't."""

import pytest

from assistant.listening.several import as_read, begin_next, is_question, note_requests, request_under_way, requests_in
from assistant.schema import Conversation, Message


@pytest.mark.parametrize(
    ("message", "requests"),
    [
        (
            "how long do returns take and do you have gift cards?",
            ["how long do returns take", "do you have gift cards?"],
        ),
        ("Show me tents under $200 and do you ship to Spain?", ["Show me tents under $200", "do you ship to Spain?"]),
        ("Where is A1001? What's your return policy?", ["Where is A1001?", "What's your return policy?"]),
        ("Cancel A1001, and also what's your return policy?", ["Cancel A1001", "also what's your return policy?"]),
        ("and for shoes? also do you sell gift cards", ["for shoes?", "also do you sell gift cards"]),
        ("is it waterproof and does it come in blue", ["is it waterproof", "does it come in blue"]),
        ("¿Cuánto tarda el envío? ¿Tienen tarjetas regalo?", ["¿Cuánto tarda el envío?", "¿Tienen tarjetas regalo?"]),
        ("退货要多久？你们有礼品卡吗？", ["退货要多久？", "你们有礼品卡吗？"]),
        ("帮我取消A1001，另外退货政策是什么", ["帮我取消A1001", "另外退货政策是什么"]),
    ],
)
def test_a_message_that_asks_for_two_things(message: str, requests: list[str]) -> None:
    assert requests_in(message) == requests


@pytest.mark.parametrize(
    "message",
    [
        "Can I return the socks from A1001 and get the money back on my gift card?",
        "Do you have a tent that sleeps 4 and is waterproof?",
        "I bought shoes in May and can I still return them?",
        "I'm looking for a tent. It should be for 4 people. Can you show me some under $200?",
        "Cancel order A1001. Change my address to 5 Hill Road.",
        "Should I take the Aurora or is the Breeze better?",
        "If I order today, when will it arrive?",
        "Based on my orders, what would you recommend?",
        "tell me what it costs and how long it takes",
        "The kettle I bought is broken, what can I do?",
        "Do you have red shoes? In size 9? Under $100.50?",
        "Really? Why?",
        "我上周买的鞋子不合适，能退吗",
        "有没有红色的，多少钱",
        "😀",
    ],
)
def test_a_message_that_asks_for_one_thing(message: str) -> None:
    assert requests_in(message) == [message]


def test_many_questions_are_no_more_than_three_requests() -> None:
    assert len(requests_in("do you ship to Spain? " * 40)) == 3


@pytest.mark.parametrize(
    ("message", "asks"),
    [("is it washable", True), ("有货吗", True), ("blue?", True), ("the blue one", False), ("我要蓝色的", False)],
)
def test_a_question_with_or_without_its_sign(message: str, asks: bool) -> None:
    assert is_question(message) == asks


def test_the_requests_are_read_one_after_the_other() -> None:
    message = "do you ship abroad? do you sell tents?"
    conversation = Conversation(id="c", messages=[Message(role="user", content=message)])
    note_requests(conversation)
    assert request_under_way(conversation) == "do you ship abroad?"
    conversation.messages.append(Message(role="assistant", content="Yes."))
    assert begin_next(conversation)
    assert request_under_way(conversation) == "do you sell tents?"
    assert [message.content for message in as_read(conversation)] == [
        "do you ship abroad?",
        "Yes.",
        "do you sell tents?",
    ]
    assert not begin_next(conversation)
    conversation.messages.append(Message(role="user", content="thanks"))
    assert request_under_way(conversation) is None
