"""What a customer means by their words: lines, variants, ways to pay."""

import pytest

from assistant.errors import ToolError
from assistant.schema import Order, OrderLine, PaymentMethod, Product
from assistant.tools.choosing import find_line, find_lines, find_method, said_method
from assistant.tools.tool import ToolContext
from assistant.tools.variants import choose_variant, find_variant
from retrieval.schema import ProductTexts, Variant
from tests.assistant.shop.makers import VISA, make_customer, make_order, usd

GIFT = PaymentMethod(id="G", kind="gift_card", label="Gift card ending in 0001")
SECOND = PaymentMethod(id="M", kind="card", label="Mastercard ending in 7777")


def line(title: str, variant_id: str, quantity: int = 1, **options: str) -> OrderLine:
    return OrderLine(
        product_id=title, variant_id=variant_id, title=title, options=options, quantity=quantity, price=usd("10.00")
    )


LINES = (
    line("Trail Running Shoes", "t-red-9", colour="red", size="9"),
    line("Crew Socks", "s-m", 3, size="M"),
    line("Cotton T-Shirt", "c-blue", colour="blue"),
    line("Cotton T-Shirt", "c-black", colour="black"),
    line("草编帽", "h"),
)
ORDER: Order = make_order("B1", "delivered", 3).model_copy(update={"lines": LINES})


def variant(variant_id: str, stock: int | None = 5, **options: str) -> Variant:
    return Variant(id=variant_id, title=variant_id, options=options, price=usd("12.00"), stock=stock)


SHOES = Product(
    id="t",
    texts={"en": ProductTexts(title="Trail Running Shoes", short_name="Trail Running Shoes")},
    variants=(
        variant("t-red-9", colour="red", size="9"),
        variant("t-red-10", colour="red", size="10"),
        variant("t-darkred-9", colour="dark red", size="9"),
        variant("t-blue-9", colour="blue", size="9"),
        variant("t-blue-10", 0, colour="blue", size="10"),
        variant("t-blue-105", None, colour="blue", size="10.5"),
    ),
)


@pytest.mark.parametrize(
    ("wanted", "pieces"),
    [
        (["the running shoes"], {0: 1}),
        (["socks"], {1: 3}),
        (["2 socks"], {1: 2}),
        (["2 x socks", "shoe"], {0: 1, 1: 2}),
        (["black t-shirt"], {3: 1}),
        (["c-blue"], {2: 1}),
        (["帽"], {4: 1}),
        (["the second one"], {1: 3}),
        (["最后一件"], {4: 1}),
        (["ALL"], {0: 1, 1: 3, 2: 1, 3: 1, 4: 1}),
        (["全部"], {0: 1, 1: 3, 2: 1, 3: 1, 4: 1}),
    ],
)
def test_lines_by_the_words_for_them(wanted: list[str], pieces: dict[int, int]) -> None:
    assert find_lines(ORDER, wanted) == pieces


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (["teapot"], "is none of the items"),
        (["t-shirt"], "fits several of the items"),
        (["blue"], "is none of the items"),
        ([], "Say which items"),
        (["4 socks"], "has 3 × Crew Socks, not 4"),
        (["2 socks", "2 socks"], "is none of"),
        (["0 socks"], "not 0"),
    ],
)
def test_what_the_words_leave_open_is_asked_with_the_order_at_hand(wanted: list[str], words: str) -> None:
    with pytest.raises(ToolError, match=words):
        find_lines(ORDER, wanted)


def test_a_second_piece_of_the_same_variant_is_the_other_one() -> None:
    twice = ORDER.model_copy(update={"lines": (LINES[0], LINES[0])})
    assert [find_line(twice, "t-red-9"), find_line(twice, "other t-red-9", taken={0})] == [0, 1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("size 10", "t-red-10"),
        ("blue", "t-blue-9"),
        ("in dark red please", "t-darkred-9"),
        ("colour: blue, size: 10.5", "t-blue-105"),
        ("蓝色", "t-blue-9"),
        ("t-red-10", "t-red-10"),
        ("the same", "t-red-9"),
    ],
)
def test_a_variant_by_what_should_change(wanted: str, found: str) -> None:
    assert find_variant(SHOES, LINES[0], wanted).id == found


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("blue, size 10", "sold out in blue, size 10. In stock: red, size 10; blue, size 9; blue, size 10.5"),
        ("dark red size 10", "not made like that. In stock:"),
        ("something nicer", "names no variant .* colour: red, dark red, blue; size: 9, 10, 10.5"),
        ("red", "is that already"),
    ],
)
def test_a_variant_that_cannot_be_had(wanted: str, words: str) -> None:
    with pytest.raises(ToolError, match=words) as refused:
        find_variant(SHOES, LINES[0], wanted)
    assert "red" in str(refused.value)


def test_a_value_of_two_options_belongs_to_the_named_one() -> None:
    glasses = SHOES.model_copy(
        update={
            "variants": tuple(
                variant(f"g-{frame}-{lens}", **{"frame colour": frame, "lens colour": lens})
                for frame in ("black", "brown")
                for lens in ("black", "brown")
            )
        }
    )
    worn = line("Glasses", "g-brown-brown", **{"frame colour": "brown", "lens colour": "brown"})
    assert find_variant(glasses, worn, "lens colour black").id == "g-brown-black"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("original", "V"),
        ("Visa", "V"),
        ("4242", "V"),
        ("gift card", "G"),
        ("礼品卡", "G"),
        ("Mastercard", "M"),
        ("G", "G"),
    ],
)
def test_a_way_to_pay_by_the_words_for_it(wanted: str, found: str) -> None:
    ann = make_customer("ann").model_copy(update={"payment_methods": (VISA, GIFT, SECOND)})
    assert find_method(ann, ORDER, wanted).id == found


@pytest.mark.parametrize(
    ("wanted", "words"), [("credit card", "fits several"), ("paypal", "is none of"), ("", "is none")]
)
def test_a_way_to_pay_that_is_open_is_asked(wanted: str, words: str) -> None:
    ann = make_customer("ann").model_copy(update={"payment_methods": (VISA, GIFT, SECOND)})
    with pytest.raises(ToolError, match=words):
        find_method(ann, ORDER, wanted)


def test_a_refund_may_make_a_gift_card_but_a_payment_may_not() -> None:
    ann = make_customer("ann")
    assert find_method(ann, ORDER, "gift card", for_refund=True).kind == "gift_card"
    with pytest.raises(ToolError, match="is none of"):
        find_method(ann, ORDER, "gift card")


def test_the_one_variant_that_is_left_is_named_by_its_options_in_the_shoppers_language() -> None:
    black = variant("l-black", 1, colour="black").model_copy(update={"options_in": {"zh": {"颜色": "黑色"}}})
    lamp = SHOES.model_copy(update={"variants": (variant("l-white", 0, colour="white"), black)})
    for language, choice in (("en", "black"), ("zh", "黑色")):
        with pytest.raises(ToolError) as open_still:
            choose_variant(lamp, "", "", language)
        assert open_still.value.missing is not None and open_still.value.missing.choices == (choice,)


@pytest.mark.parametrize(
    ("said", "given", "meant"),
    [
        (("send the socks back to my gift card",), "original", "gift card"),
        (("把袜子退到礼品卡",), "original", "gift card"),
        (("to my gift card please", "the socks"), "original", "gift card"),
        (("back to paypal",), "original", "paypal"),
        (("it was a birthday gift, send it back",), "original", "original"),
        (("do you sell gift cards?", "thanks", "send the socks back"), "original", "original"),
        (("send the socks back",), "gift card", "original"),
        (("to my gift card or paypal, whatever is faster",), "original", "original"),
    ],
)
def test_the_money_goes_where_the_request_said_and_else_where_it_came_from(
    said: tuple[str, ...], given: str, meant: str
) -> None:
    context = ToolContext(None, None, None, customer_texts=said)  # type: ignore[arg-type]
    assert said_method(context, given) == meant
