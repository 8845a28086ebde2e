import pytest

from assistant.listening.languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("where is my order", "en"),
        ("我的订单在哪", "zh"),
        ("我想买 iPhone 的手机壳", "zh"),
        ("What does 好 mean in this shop's return policy?", "en"),
        ("我的邮箱maya.long-name@example.com，订单号A1001", "zh"),
        ("ann@example.com", "zh"),
        ("👍", "zh"),
        ("1234 $", "zh"),
    ],
)
def test_the_language_is_that_of_most_of_the_message(text: str, language: str) -> None:
    assert language_of(text, fallback="zh") == language
