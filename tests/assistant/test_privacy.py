"""Personal data is found by its form, and what only looks like it stays."""

import time

import pytest

from assistant.privacy import find_personal, masked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I'm ann.o'neil@mail.example, hi", "I'm ‹e-mail›, hi"),
        ("write to li.wei+shop@example.com.cn please", "write to ‹e-mail› please"),
        ("my card is 4111 1111 1111 1111", "my card is ‹card›"),
        ("5500-0000-0000-0004, exp 11/27", "‹card›, exp 11/27"),
        ("我的身份证是11010519491231002X", "我的身份证是‹identity number›"),
        ("call me on +1 (415) 555-2671", "call me on ‹phone›"),
        ("or 415-555-2671 after six", "or ‹phone› after six"),
        ("ring 020 7946 0958", "ring ‹phone›"),
        ("text me at 4155552671", "text me at ‹phone›"),
        ("手机13812345678谢谢", "手机‹phone›谢谢"),
        ("电话：+86 138-1234-5678", "电话：‹phone›"),
        ("Mobil: 0151 23456789", "Mobil: ‹phone›"),
        ("12 Rose Lane, Leeds LS1 4AP", "12 Rose Lane, Leeds ‹postcode›"),
        ("5 Oak St, Portland, OR 97201", "5 Oak St, Portland, OR ‹postcode›"),
        ("5 Oak St, Portland 97201-1234", "5 Oak St, Portland ‹postcode›"),
        ("Lindenweg 4, 50667 Köln", "Lindenweg 4, ‹postcode› Köln"),
        ("my postcode is easy: postcode 97201", "my postcode is easy: postcode ‹postcode›"),
        ("上海市南京路1号，邮编200001", "上海市南京路1号，邮编‹postcode›"),
        ("A@B.example and c@d.example", "‹e-mail› and ‹e-mail›"),
    ],
)
def test_what_is_personal_is_replaced(text: str, said: str) -> None:
    assert masked(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "Where is my order A1001?",
        "Order 2026113012 came on 2026-11-30, not on 30.11.2026.",
        "running shoes under $100, size 42-44, 1,299.00 EUR",
        "article 4006381333931 in 10 pieces",
        "card ending in 4242",
        "tracking LH000123456789DE",
        "a 1920x1080 screen with 5000 mAh and 120 Hz",
        "4111 1111 1111 1112 is no card",
        "价格199元，尺码38",
        "",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert masked(text) == text


def test_a_caller_says_what_stands_instead() -> None:
    assert masked("mail a@b.example", lambda kind, text: f"<{kind}:{len(text)}>") == "mail <e-mail:11>"
    (found,) = find_personal("mail a@b.example")
    assert (found.kind, found.start, found.end) == ("e-mail", 5, 16)


def test_a_long_message_is_masked_in_time() -> None:
    began = time.monotonic()
    masked(("1 2 3 4 5 6 7 8 9 0 " * 200)[:4000])
    masked("a" * 2000 + "@" + "b." * 1000)
    assert time.monotonic() - began < 3
