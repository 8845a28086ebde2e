"""A reply that says nothing of what was looked up is completed from the result."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from assistant.left_out import left_out
from assistant.schema import (
    Address,
    Calculated,
    Order,
    OrderDetails,
    OrderLine,
    OrdersFound,
    PaymentMethod,
    PurchasesFound,
)
from retrieval.schema import Money

_TEN = Money(amount=Decimal("10.00"), currency="USD")
_ORDER = Order(
    id="A7",
    customer_id="C1",
    status="shipped",
    placed_at=datetime(2026, 5, 1, tzinfo=UTC),
    lines=(OrderLine(product_id="p", title="Speckled Stoneware Mug", quantity=1, price=_TEN),),
    shipping=_TEN,
    total=_TEN + _TEN,
    payment_method=PaymentMethod(id="m", kind="card", label="Visa ending in 1111"),
    address=Address(name="Ada Winter", line1="1 Hill Road", city="X", postcode="1", country="US"),
    carrier="Parcelway",
    tracking_number="PW1",
    expected_on=date(2026, 5, 9),
)
_STATUS = "Order A7 has been shipped with Parcelway, tracking number PW1. It should arrive by 2026-05-09."


@pytest.mark.parametrize(
    "text", ["Sure, here is your order A7.", "Let me see.", "It came with the Speckled Stoneware Mug."]
)
def test_an_order_of_which_nothing_is_said(text: str) -> None:
    assert left_out(OrderDetails(order=_ORDER), text, "en") == _STATUS
    assert left_out(OrdersFound(orders=(_ORDER,)), text, "en") == _STATUS


@pytest.mark.parametrize(
    "text",
    [
        "It's on its way.",
        "You paid $20.00 for it.",
        "It went to 1 Hill Road.",
        "It should be there on 2026-05-09.",
    ],
)
def test_an_order_of_which_a_fact_is_said(text: str) -> None:
    assert left_out(OrderDetails(order=_ORDER), text, "en") is None


def test_a_status_that_the_order_is_not_in_says_nothing_of_it() -> None:
    assert left_out(OrderDetails(order=_ORDER), "It was cancelled.", "en") == _STATUS


def test_no_orders_are_admitted() -> None:
    nothing = OrdersFound(orders=())
    assert left_out(nothing, "Sure, I can show you your orders.", "en") == "You have no orders with us yet."
    assert left_out(nothing, "There are none yet.", "en") is None
    assert left_out(nothing, "您还没有订单。", "zh") is None


def test_purchases_are_named() -> None:
    bought = PurchasesFound(orders=(_ORDER,))
    assert left_out(bought, "You have bought something before.", "en") == "You bought: Speckled Stoneware Mug."
    assert left_out(bought, "You had the Speckled Stoneware Mug.", "en") is None


def test_a_sum_is_said() -> None:
    total = Calculated(expression="3 * 19.99", value=Decimal("59.97"))
    assert left_out(total, "I have added it up for you.", "en") == "That makes 59.97."
    assert left_out(total, "They come to $59.97.", "en") is None
