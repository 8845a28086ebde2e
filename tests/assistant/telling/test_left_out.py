"""A reply that says nothing of what was looked up is completed from the result."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from assistant.schema import (
    Address,
    Calculated,
    Order,
    OrderDetails,
    OrderLine,
    OrdersFound,
    PaymentMethod,
    ProductDetails,
    PurchasesFound,
)
from assistant.telling.left_out import left_out
from retrieval.schema import Money, Product, ProductTexts

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


_THROW = ProductDetails(
    product=Product(
        id="t",
        texts={
            "en": ProductTexts(
                title="Knit Throw", short_name="Knit Throw",
                description="Soft from the first day. The open knit is breathable and light.",
                attributes={"material": "cotton", "care": "machine wash 30 °C", "size": "130 × 170 cm"},
            ),
            "zh": ProductTexts(title="针织毯", short_name="针织毯", attributes={"材质": "棉", "洗涤": "可机洗 30 °C"}),
        },
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "text", "language", "told"),
    [
        ("is it machine washable?", "Knit Throw: material: cotton.", "en", "care: machine wash 30 °C"),
        ("可以机洗吗？", "针织毯是棉的。", "zh", "可机洗 30 °C"),
        ("is it machine washable?", "Yes: machine wash 30 °C.", "en", None),
        ("is it blue?", "Knit Throw: material: cotton.", "en", None),
        ("is it waterproof?", "Knit Throw: cotton.", "en", "doesn't say anything about “waterproof”"),
        ("防水吗", "针织毯：棉。", "zh", "没有写“防水”"),
        ("is it waterproof?", "Nothing is said of its being waterproof.", "en", None),
        ("is it breathable?", "Knit Throw: cotton.", "en", "The open knit is breathable and light."),
        ("does it have a zip", "Knit Throw: cotton.", "en", "doesn't say anything about “zip”"),
        ("does it have a soul", "Knit Throw: cotton.", "en", None),
        ("tell me about the machine", "Knit Throw: material: cotton.", "en", None),
    ],
)
def test_a_question_is_answered_by_the_attribute_that_it_touches(
    asked: str, text: str, language: str, told: str | None
) -> None:
    missing = left_out(_THROW, text, language, asked)
    assert (missing is None) if told is None else (missing is not None and told in missing)
