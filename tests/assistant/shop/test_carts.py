"""Carts and coupons, on SQLite and on PostgreSQL: what is in them, what they come to, and who may hold what."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, text

from assistant.errors import ToolError
from assistant.schema import Coupon, Product
from assistant.shop.carts import CartItem, Carts, cart_owner
from assistant.shop.coupons import HELD_FOR, CouponRefused, Coupons
from retrieval.errors import ProductNotFound
from retrieval.schema import ProductTexts
from tests.assistant.shop.makers import make_product, usd

TENT = make_product("tents", 1)
MOSS_S, MOSS_L = "tents-01-moss-S", "tents-01-moss-L"
MUG = Product(
    id="mug",
    texts={"en": ProductTexts(title="Mug", short_name="Tin Mug"), "zh": ProductTexts(title="杯", short_name="锡杯")},
    category="Mugs",
    department="Kitchen",
    price=usd("8.35"),
    stock=5,
)
RARE = MUG.model_copy(update={"id": "rare", "price": None, "stock": None})
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Shelf(dict[str, Product]):
    """Products by id, as a catalogue gives them."""

    def get_product(self, product_id: str) -> Product:
        """Return a product. Raises ProductNotFound."""
        if product_id not in self:
            raise ProductNotFound(product_id)
        return self[product_id]


class Times:
    """A clock that a test sets."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({product.id: product for product in (TENT, MUG, RARE)})


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def carts(engine: Engine, shelf: Shelf, times: Times) -> Iterator[Carts]:
    Coupons(engine).put(
        Coupon(code="spring15", kind="percent", value=Decimal(15), categories=("kitchen",)),
        Coupon(code="TEN", kind="amount", value=Decimal(10), currency="USD", minimum=Decimal(30)),
        Coupon(code="ONCE", kind="percent", value=Decimal(10), uses=1),
        Coupon(code="OLD", kind="percent", value=Decimal(10), ends_at=NOW),
        Coupon(code="SOON", kind="percent", value=Decimal(10), starts_at=NOW + timedelta(days=1)),
        Coupon(code="EURO", kind="amount", value=Decimal(10), currency="EUR"),
    )
    yield Carts(engine, shelf, lambda cart_id: f"/checkout/{cart_id}", times)


def test_there_is_no_cart_until_something_is_put_in(carts: Carts) -> None:
    cart = carts.of("ann")
    assert (cart.id, cart.lines, cart.total, cart.checkout_url, cart.version) == ("", (), None, None, 0)


def test_pieces_add_up_and_prices_are_those_of_now(carts: Carts, shelf: Shelf) -> None:
    carts.add("ann", "tents-01", MOSS_S)
    carts.add("ann", "mug", quantity=2)
    cart = carts.add("ann", "tents-01", MOSS_S)
    assert [(line.title, line.options, line.quantity) for line in cart.lines] == [
        ("Model tents-01", {"colour": "moss", "size": "S"}, 2),
        ("Tin Mug", {}, 2),
    ]
    assert cart.subtotal == cart.total == usd("42.50")
    assert cart.checkout_url == f"/checkout/{cart.id}"
    assert (cart.version, cart.pieces) == (3, 4)
    shelf["mug"] = MUG.model_copy(update={"price": usd("9.35")})
    assert carts.of("ann").total == usd("44.50")
    assert carts.of("ann", "zh").lines[1].title == "锡杯"
    assert carts.of("bob").lines == ()


def test_what_cannot_be_had_any_more_is_told_and_costs_nothing(carts: Carts, shelf: Shelf) -> None:
    carts.add("ann", "tents-01", MOSS_S)
    carts.add("ann", "mug", quantity=4)
    shelf["mug"] = MUG.model_copy(update={"stock": 3})
    cart = carts.of("ann")
    assert (cart.lines[1].quantity, cart.lines[1].wanted) == (3, 4)
    assert cart.total == usd("37.95")
    shelf["mug"] = MUG.model_copy(update={"stock": 0})
    del shelf["tents-01"]
    cart = carts.of("ann")
    assert cart.gone == ("Model tents-01", "Tin Mug")
    assert (cart.lines, cart.total, cart.checkout_url) == ((), None, None)


def test_an_unknown_price_makes_no_total(carts: Carts) -> None:
    carts.add("ann", "mug")
    cart = carts.add("ann", "rare")
    assert (cart.subtotal, cart.total) == (None, None)
    with pytest.raises(CouponRefused):
        carts.apply_coupon("ann", "spring15")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("teapot",), "No product has the id 'teapot'"),
        (("tents-01",), "comes in 6 variants"),
        (("tents-01", "tents-01-pink-S"), "no variant 'tents-01-pink-S'"),
        (("tents-01", MOSS_S, 5), "Only 4 of Model tents-01"),
        (("mug", None, 0), "At least one piece"),
        (("mug", None, -1), "At least one piece"),
        (("rare", None, 100), "At most 99"),
    ],
)
def test_what_cannot_be_put_in_is_refused_and_changes_nothing(
    carts: Carts, arguments: tuple[Any, ...], words: str
) -> None:
    carts.add("ann", "mug")
    with pytest.raises(ToolError, match=words):
        carts.add("ann", *arguments)
    assert carts.of("ann").pieces == 1


def test_a_second_helping_is_counted_against_the_stock(carts: Carts) -> None:
    carts.add("ann", "mug", quantity=4)
    with pytest.raises(ToolError, match="Only 5"):
        carts.add("ann", "mug", quantity=2)
    assert carts.of("ann").pieces == 4


def test_lines_are_changed_and_taken_out(carts: Carts) -> None:
    carts.add("ann", "tents-01", MOSS_S)
    carts.add("ann", "tents-01", MOSS_L)
    with pytest.raises(ToolError, match="Several variants"):
        carts.change("ann", "tents-01", 2)
    assert carts.change("ann", "tents-01", 3, MOSS_L).pieces == 4
    for quantity, words in [(-1, "Fewer than none"), (5, "Only 4")]:
        with pytest.raises(ToolError, match=words):
            carts.change("ann", "tents-01", quantity, MOSS_L)
    with pytest.raises(ToolError, match="not in the cart"):
        carts.change("ann", "mug", 0)
    assert carts.change("ann", "tents-01", 0).lines == ()


def test_a_page_puts_the_whole_cart(carts: Carts) -> None:
    carts.add("ann", "mug")
    items = [CartItem(product_id="tents-01", variant_id=MOSS_S, quantity=2), CartItem(product_id="mug", quantity=1)]
    cart = carts.put("ann", [*items, CartItem(product_id="mug", quantity=2)], "spring15")
    assert [line.quantity for line in cart.lines] == [2, 3]
    assert cart.coupon == "SPRING15"
    with pytest.raises(ToolError):
        carts.put("ann", [CartItem(product_id="mug", quantity=6)])
    assert carts.of("ann") == cart
    assert carts.put("ann", []).lines == ()


def test_a_guest_who_signs_in_keeps_the_cart_and_its_coupon(carts: Carts) -> None:
    guest = cart_owner(None, "v1", "c1")
    assert (guest, cart_owner("ann", "v1", "c1"), cart_owner(None, None, "c1")) == (
        "visitor:v1",
        "ann",
        "conversation:c1",
    )
    carts.add("ann", "mug")
    carts.add(guest, "mug", quantity=2)
    carts.add(guest, "tents-01", MOSS_S)
    carts.apply_coupon(guest, "ONCE")
    carts.merge(guest, "ann")
    cart = carts.of("ann")
    assert [(line.product_id, line.quantity) for line in cart.lines] == [("mug", 3), ("tents-01", 1)]
    assert (cart.coupon, cart.discount) == ("ONCE", usd("3.80"))
    assert carts.of(guest).version == 0
    carts.merge(guest, "ann")
    assert carts.of("ann").pieces == 4


# -- coupons -----------------------------------------------------------------------------------------------------------


def test_a_percentage_counts_for_its_categories_only(carts: Carts) -> None:
    carts.add("ann", "tents-01", MOSS_S)
    with pytest.raises(CouponRefused) as refused:
        carts.apply_coupon("ann", "Spring15")
    assert refused.value.problem == "nothing_fits"
    carts.add("ann", "mug")
    cart = carts.apply_coupon("ann", " spring 15 ")
    # 15 % of 8.35 is 1.2525.
    assert (cart.subtotal, cart.discount, cart.total) == (usd("21.25"), usd("1.25"), usd("20.00"))


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("NONE", "unknown"),
        ("OLD", "over"),
        ("SOON", "not_yet"),
        ("TEN", "minimum"),
        ("EURO", "currency"),
    ],
)
def test_a_coupon_that_does_not_count_is_refused_with_its_reason(carts: Carts, code: str, problem: str) -> None:
    carts.add("ann", "mug")
    carts.apply_coupon("ann", "SPRING15")
    with pytest.raises(CouponRefused) as refused:
        carts.apply_coupon("ann", code)
    assert refused.value.problem == problem
    assert carts.of("ann").coupon == "SPRING15"


def test_an_empty_cart_takes_no_coupon(carts: Carts) -> None:
    with pytest.raises(CouponRefused) as refused:
        carts.apply_coupon("ann", "SPRING15")
    assert refused.value.problem == "empty_cart"


def test_a_coupon_stops_counting_when_the_cart_falls_below_its_minimum(carts: Carts) -> None:
    carts.add("ann", "mug", quantity=4)
    assert carts.apply_coupon("ann", "TEN").total == usd("23.40")
    cart = carts.change("ann", "mug", 2)
    assert (cart.coupon, cart.coupon_problem, cart.discount, cart.total) == ("TEN", "minimum", None, usd("16.70"))
    assert carts.drop_coupon("ann").coupon is None


def test_an_amount_never_makes_a_cart_cost_less_than_nothing(engine: Engine, carts: Carts) -> None:
    Coupons(engine).put(Coupon(code="BIG", kind="amount", value=Decimal(500), currency="USD"))
    carts.add("ann", "mug")
    cart = carts.apply_coupon("ann", "BIG")
    assert (cart.discount, cart.total) == (usd("8.35"), usd("0.00"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "percent", "value": -5},
        {"kind": "percent", "value": 0},
        {"kind": "percent", "value": 101},
        {"kind": "amount", "value": 5},
        {"kind": "amount", "value": -5, "currency": "USD"},
        {"kind": "percent", "value": 5, "minimum": -1, "currency": "USD"},
        {"kind": "percent", "value": 5, "uses": 0},
        {"kind": "percent", "value": "NaN"},
    ],
)
def test_a_coupon_that_makes_no_sense_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Coupon(code="X", **wrong)


def test_the_last_use_is_held_for_a_day_and_used_up_by_an_order(carts: Carts, times: Times) -> None:
    for owner in ("ann", "bob"):
        carts.add(owner, "mug")
    carts.apply_coupon("ann", "ONCE")
    with pytest.raises(CouponRefused) as refused:
        carts.apply_coupon("bob", "ONCE")
    assert refused.value.problem == "used_up"
    times.now = NOW + HELD_FOR
    assert carts.of("ann").coupon_problem == "used_up"
    bobs = carts.apply_coupon("bob", "ONCE")
    assert bobs.discount == usd("0.84")
    assert carts.ordered(bobs.id, "B7")
    assert not carts.ordered(bobs.id, "B7")
    assert carts.of("bob").lines == ()
    times.now += HELD_FOR * 10
    with pytest.raises(CouponRefused):
        carts.apply_coupon("ann", "ONCE")


# -- two hundred at once -----------------------------------------------------------------------------------------------


def test_of_two_hundred_who_want_one_of_seven_coupons_seven_get_it(engine: Engine, carts: Carts) -> None:
    Coupons(engine).put(Coupon(code="SEVEN", kind="amount", value=Decimal(5), currency="USD", uses=7))

    def shop(visitor: int) -> str:
        owner = cart_owner(None, str(visitor), None)
        carts.add(owner, "mug")
        try:
            carts.apply_coupon(owner, "SEVEN")
        except CouponRefused as refused:
            return refused.problem
        return "held"

    with ThreadPoolExecutor(max_workers=40) as pool:
        assert Counter(pool.map(shop, range(200))) == {"held": 7, "used_up": 193}
    totals = Counter(carts.of(f"visitor:{visitor}").total for visitor in range(200))
    assert totals == {usd("3.35"): 7, usd("8.35"): 193}


def test_two_hundred_additions_to_one_cart_are_all_kept(carts: Carts, shelf: Shelf) -> None:
    shelf["mug"] = MUG.model_copy(update={"stock": None})
    shelf["rare"] = RARE.model_copy(update={"price": usd("1.00")})

    def add(number: int) -> None:
        carts.add("ann", ("mug", "rare", "tents-01")[number % 3], (None, None, MOSS_S)[number % 3])

    shelf["tents-01"] = TENT.model_copy(
        update={"variants": tuple(variant.model_copy(update={"stock": None}) for variant in TENT.variants)}
    )
    with ThreadPoolExecutor(max_workers=40) as pool:
        list(pool.map(add, range(200)))
    cart = carts.of("ann")
    assert (sorted(line.quantity for line in cart.lines), cart.version) == ([66, 67, 67], 200)


def test_guests_who_sign_in_while_they_add_lose_nothing(carts: Carts, shelf: Shelf) -> None:
    shelf["mug"] = MUG.model_copy(update={"stock": None})

    def act(number: int) -> None:
        if number % 10 == 9:
            carts.merge("visitor:v", "ann")
            carts.merge("conversation:c", "ann")
        else:
            carts.add(("visitor:v", "conversation:c", "ann")[number % 3], "mug")

    with ThreadPoolExecutor(max_workers=20) as pool:
        list(pool.map(act, range(100)))
    assert sum(carts.of(owner).pieces for owner in ("ann", "visitor:v", "conversation:c")) == 90


def test_no_line_is_written_with_fewer_than_one_piece(engine: Engine, carts: Carts) -> None:
    carts.add("ann", "mug")
    with pytest.raises(Exception, match="cart_line_has_pieces"), engine.begin() as connection:
        connection.execute(text("UPDATE cart_lines SET quantity = -1"))
