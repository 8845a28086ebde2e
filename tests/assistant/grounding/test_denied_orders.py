"""What may be said of orders that have just been looked up."""

import pytest

from assistant.grounding import Grounder
from assistant.schema import Evidence, OrdersFound
from tests.assistant.shop.makers import make_order

ORDERS = Evidence(results=(OrdersFound(orders=(make_order("B1", "pending", 2),)),), customer_texts=("my order?",))
NONE = Evidence(results=(OrdersFound(orders=()),), customer_texts=("my order?",))

DENIALS = [
    "I'm sorry, but I don't have any order details to provide.",
    "I couldn't find any orders.",
    "Could you please provide me with the order number?",
    "抱歉，我没有找到您的订单。",
    "请提供您的订单号。",
]


@pytest.mark.parametrize("text", DENIALS)
def test_orders_that_are_there_are_not_denied(text: str) -> None:
    reasons = {claim.reason for claim in Grounder().check(text, ORDERS).claims_without_evidence}
    assert "The orders were just looked up, with their numbers: tell of them." in reasons


@pytest.mark.parametrize("text", [DENIALS[1], DENIALS[3]])
def test_where_there_are_none_that_may_be_said(text: str) -> None:
    assert Grounder().check(text, NONE).grounded


@pytest.mark.parametrize("text", ["Order B1 hasn't been shipped yet.", "Which of your orders do you mean?"])
def test_what_is_no_denial_stays(text: str) -> None:
    assert Grounder().check(text, ORDERS).grounded
