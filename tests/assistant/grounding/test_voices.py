"""Sentences that a small model said to a customer, and that nobody should read."""

import pytest

from assistant.grounding import ungrounded_claims
from assistant.schema import Evidence, OrderDetails, ProductsFound
from tests.assistant.shop.makers import make_order

ORDER = Evidence(results=(OrderDetails(order=make_order("B1", "pending", 2)),), customer_texts=("return the socks",))
NOTHING = Evidence(results=(ProductsFound(query="piano", products=()),), customer_texts=("a piano?",))


@pytest.mark.parametrize(
    "text",
    [
        "I found nothing.",
        "Sorry, I can't find that.",
        "I couldn't find anything.",
        "抱歉，没有找到。",
        "我找不到这个。",
    ],
)
def test_something_was_found(text: str) -> None:
    assert ungrounded_claims(text, ORDER)
    assert not ungrounded_claims(text, NOTHING)


@pytest.mark.parametrize("text", ["I bought: First Mile Running Shoes.", "My order is pending.", "我上次买了跑鞋。"])
def test_the_assistant_has_bought_nothing(text: str) -> None:
    assert any("you bought" in claim.reason for claim in ungrounded_claims(text, ORDER))


def test_a_sentence_that_goes_in_circles_is_held_back() -> None:
    text = "The price of the Throw: the Throw (the Throw); the Throw (the Throw)."
    assert any(claim.kind == "repetition" for claim in ungrounded_claims(text, ORDER))
    assert any(
        claim.kind == "repetition" for claim in ungrounded_claims("价格是：冰川壶（冰川壶）；冰川壶（冰川壶）。", ORDER)
    )
    assert not any(claim.kind == "repetition" for claim in ungrounded_claims("It is very, very warm.", ORDER))
