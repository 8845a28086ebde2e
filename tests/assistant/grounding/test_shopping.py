"""What may be said of a cart, a delivery and a size, and what is held back."""

from datetime import date

import pytest

from assistant.grounding import ungrounded_claims
from assistant.schema import (
    Cart,
    CartLine,
    CartShown,
    DeliveryEstimated,
    DeliveryOption,
    Evidence,
    SizeAdvised,
    ToolResult,
)
from retrieval.schema import Product, ProductTexts, Variant
from tests.assistant.shop.makers import usd

LINE = CartLine(product_id="mug", title="Tin Mug", quantity=2, price=usd("8.35"))
CART = Cart(
    id="x",
    lines=(LINE,),
    subtotal=usd("16.70"),
    total=usd("15.03"),
    coupon="TEN10",
    discount=usd("1.67"),
    checkout_url="/checkout/abc",
    version=2,
)
FILLED: tuple[ToolResult, ...] = (
    CartShown(cart=CART, done="added", line=LINE),
    CartShown(cart=CART, done="coupon_applied", code="TEN10"),
)
DELIVERY: tuple[ToolResult, ...] = (
    DeliveryEstimated(
        postcode="83702",
        country="US",
        options=(
            DeliveryOption(
                name="Standard",
                cost=usd("5.95"),
                earliest=date(2026, 12, 4),
                latest=date(2026, 12, 8),
                free_from=usd("50.00"),
            ),
            DeliveryOption(name="Express", cost=usd("14.95"), earliest=date(2026, 12, 3), latest=date(2026, 12, 3)),
        ),
    ),
)
SHOES = Product(
    id="s",
    texts={"en": ProductTexts(title="Runner", short_name="Trail Runner")},
    variants=tuple(Variant(id=size, title=size, options={"size": size}, stock=2) for size in ("41", "42", "43")),
)
SIZES: tuple[ToolResult, ...] = (
    SizeAdvised(
        product=SHOES,
        usual_size="42",
        size="43",
        guide={"42": "a foot of 26.5 cm", "43": "a foot of 27.2 cm"},
        fit="small",
        exchanges=8,
        share=75,
        sizes={"41": True, "42": True, "43": True},
    ),
)
SAID = ("put two tin mugs into my cart", "use TEN10", "what is delivery to 83702?")


def claims(sentence: str, results: tuple[ToolResult, ...]) -> list[str]:
    """Return what of the sentence has no evidence."""
    evidence = Evidence(results=results, customer_texts=SAID)
    return [f"{claim.kind}: {claim.text}" for claim in ungrounded_claims(sentence, evidence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "I've added the Tin Mug to your cart.",
        "I've added two Tin Mugs to your cart.",
        "I've put the Tin Mug into your cart.",
        "Your cart comes to $15.03.",
        "The total is $16.70 before the discount.",
        "TEN10 takes $1.67 off.",
        "You have two items in your cart.",
        "I've applied the code TEN10.",
        "You can check out here: /checkout/abc",
        "Each Tin Mug costs $8.35.",
        "已把 Tin Mug 加入购物车。",
        "您的购物车里有2件商品，合计15.03美元。",
        "优惠码 TEN10 已生效，已减 $1.67。",
    ],
)
def test_what_the_cart_says_may_be_said(sentence: str) -> None:
    assert claims(sentence, FILLED) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "I've ordered it for you.",
        "I've placed your order.",
        "I've removed the Tin Mug from your cart.",
        "I've added three Tin Mugs to your cart.",
        "There are 3 items in your cart.",
        "Your cart is empty.",
        "Your total is $20.00.",
        "Your total is $1.67.",
        "The discount is $3.00.",
        "The discount is $15.03.",
        "The code SAVE99 takes 20% off.",
        "TEN10 gives you 50% off.",
        "Your cart has a Tin Kettle.",
        "Check out at /checkout/zzz",
        "Shipping is free.",
        "您的购物车是空的。",
        "您的购物车里有5件商品。",
        "合计 20 美元。",
        "已为您下单。",
        "已为您支付。",
    ],
)
def test_what_the_cart_does_not_say_is_held_back(sentence: str) -> None:
    assert claims(sentence, FILLED)


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("Standard delivery costs $5.95.", True),
        ("Express delivery costs $14.95 and comes on December 3.", True),
        ("It comes between 2026-12-04 and 2026-12-08.", True),
        ("Standard delivery is free from $50.00.", True),
        ("标准配送运费 5.95 美元。", True),
        ("预计 2026-12-04 送达。", True),
        ("Express delivery costs $5.95.", False),
        ("Delivery costs $3.00.", False),
        ("Express delivery comes on December 8.", False),
        ("It arrives on 2026-12-01.", False),
        ("Standard delivery is free from $30.00.", False),
        ("Express delivery is free.", False),
        ("运费 9.95 美元。", False),
        ("预计 2026-12-20 送达。", False),
    ],
)
def test_delivery_is_told_as_it_was_estimated(sentence: str, holds: bool) -> None:
    assert (claims(sentence, DELIVERY) == []) == holds


@pytest.mark.parametrize(
    ("sentence", "holds"),
    [
        ("I recommend size 43.", True),
        ("The Trail Runner runs small.", True),
        ("75% of 8 exchanges went to a larger one.", True),
        ("建议选 43 码。", True),
        ("I recommend size 41.", False),
        ("The Trail Runner runs large.", False),
        ("The Trail Runner is true to size.", False),
        ("50% of 8 exchanges went to a larger one.", False),
        ("建议选 41 码。", False),
        ("It comes in size 47.", False),
    ],
)
def test_sizes_are_told_as_they_were_advised(sentence: str, holds: bool) -> None:
    assert (claims(sentence, SIZES) == []) == holds


def test_nothing_is_said_to_be_in_a_cart_that_nobody_has_looked_at() -> None:
    assert claims("I've added the Tin Mug to your cart.", ())
    assert claims("Your cart comes to $15.03.", ())
