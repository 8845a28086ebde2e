"""Changes of pending orders, returns and exchanges, in the records of SQLite and of PostgreSQL."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from assistant.errors import ToolError
from assistant.schema import GiftCard, PaymentMethod, ReturnedLine, VariantChange
from assistant.shop.records import ShopRecords, open_records
from assistant.shop.versioned import OrderWrite
from tests.assistant.shop.makers import HOME, VISA, make_customer, make_order, usd

CARD = PaymentMethod(id="G", kind="gift_card", label="Gift card ending in 0001")
PAYPAL = PaymentMethod(id="P", kind="paypal", label="PayPal")
ELSEWHERE = HOME.model_copy(update={"line1": "9 Hill Street", "city": "Salem", "postcode": "97301"})
DEARER = VariantChange(
    position=0, variant_id="tents-01-sand", title="Tent", options={"colour": "sand"}, price=usd("24.90")
)
CHEAPER = DEARER.model_copy(update={"price": usd("18.00")})


def write(operation: str, key: str = "k1", order_id: str = "B1", version: int = 1, customer: str = "ann") -> OrderWrite:
    return OrderWrite(operation, order_id, customer, version, key)


@pytest.fixture
def shop(records: ShopRecords) -> ShopRecords:
    records.orders.add(make_order("B3", "delivered", day=4))
    records.gift_cards.put(GiftCard(id="G", customer_id="ann", balance=usd("50.00")))
    return records


def balance(records: ShopRecords) -> Decimal:
    (card,) = records.gift_cards.list("ann")
    return card.balance.amount


def test_an_address_is_changed_once_for_its_key(shop: ShopRecords) -> None:
    for _ in range(2):
        order = shop.orders.change_address(write("address"), ELSEWHERE)
        assert (order.address, order.version, order.total) == (ELSEWHERE, 2, usd("45.85"))
    assert [step.note for step in shop.orders.history("B1", "ann")] == ["address changed"]


def test_a_payment_moves_whole_from_one_method_to_the_other(shop: ShopRecords) -> None:
    order = shop.orders.change_payment(write("payment"), CARD)
    assert order.payment_method == CARD
    assert balance(shop) == Decimal("4.15")
    assert shop.orders.payments("B1", "ann") == ((CARD, Decimal("45.85")),)
    (refund,) = shop.orders.refunds("B1", "ann")
    assert (refund.amount, refund.method, refund.cause, refund.state) == (usd("45.85"), VISA, "changed", "requested")


def test_a_gift_card_that_holds_too_little_changes_nothing(shop: ShopRecords) -> None:
    shop.gift_cards.put(GiftCard(id="G", customer_id="ann", balance=usd("45.84")))
    with pytest.raises(ToolError, match=r"holds 45.84 USD, less than the 45.85"):
        shop.orders.change_payment(write("payment"), CARD)
    assert balance(shop) == Decimal("45.84")
    assert shop.orders.get("B1", "ann").version == 1
    assert shop.orders.history("B1", "ann") == ()


@pytest.mark.parametrize(
    ("change", "total", "left", "cause"), [(DEARER, "55.85", "40.00", None), (CHEAPER, "42.05", "53.80", "changed")]
)
def test_other_variants_and_their_difference(
    shop: ShopRecords, change: VariantChange, total: str, left: str, cause: str | None
) -> None:
    for _ in range(2):
        order = shop.orders.change_items(write("items"), [change], CARD)
    line = order.lines[0]
    assert (line.variant_id, line.options, line.price, line.quantity) == (
        change.variant_id, change.options, change.price, 2,
    )  # fmt: skip
    assert (order.total, order.items_changed) == (usd(total), True)
    assert balance(shop) == Decimal(left)
    assert [refund.cause for refund in shop.orders.refunds("B1", "ann")] == ([cause] if cause else [])


def test_what_several_methods_paid_goes_back_to_each(shop: ShopRecords) -> None:
    shop.orders.change_items(write("items"), [DEARER], CARD)
    shop.orders.cancel("B1", "ann", "too late", 2, "k2")
    back = {refund.method.id: (refund.amount, refund.state) for refund in shop.orders.refunds("B1", "ann")}
    assert back == {"V": (usd("45.85"), "requested"), "G": (usd("10.00"), "paid")}
    assert balance(shop) == Decimal("50.00")
    assert shop.orders.payments("B1", "ann") == ()


@pytest.mark.parametrize(
    ("order_id", "version", "customer", "words"),
    [
        ("B2", 1, "ann", "only an order that is pending"),
        ("B1", 7, "ann", "has changed since"),
        ("B1", 1, "bob", "No order B1 belongs"),
        ("B9", 1, "ann", "No order B9 belongs"),
    ],
)
def test_a_refused_change_writes_nothing(
    shop: ShopRecords, order_id: str, version: int, customer: str, words: str
) -> None:
    before = shop.orders.list("ann")
    bad = write("payment", order_id=order_id, version=version, customer=customer)
    with pytest.raises(ToolError, match=words):
        shop.orders.change_payment(bad, CARD)
    assert shop.orders.list("ann") == before
    assert balance(shop) == Decimal("50.00")


def test_a_key_is_for_one_change(shop: ShopRecords) -> None:
    shop.orders.change_address(write("address"), ELSEWHERE)
    with pytest.raises(ToolError, match="used for another change"):
        shop.orders.change_payment(write("payment", version=2), CARD)
    assert balance(shop) == Decimal("50.00")


def test_a_return_is_noted_once_and_its_money_waits_for_the_items(shop: ShopRecords) -> None:
    lines = [ReturnedLine(position=0, title="Tent", quantity=1)]
    for _ in range(2):
        request = shop.returns.request_return(write("return", order_id="B3"), lines, usd("12.95"), usd("6.95"), VISA)
    returns, exchanges = shop.returns.of_order("B3", "ann")
    assert (returns, exchanges) == ((request,), ())
    (refund,) = shop.orders.refunds("B3", "ann")
    assert (refund.amount, refund.state, refund.cause) == (usd("12.95"), "awaiting_items", "returned")


def test_no_more_comes_back_than_was_bought(shop: ShopRecords) -> None:
    one = [ReturnedLine(position=0, title="Tent", quantity=1)]
    for number in (1, 2):
        given = write("return", f"k{number}", "B3", version=number)
        shop.returns.request_return(given, one, usd("19.90"), usd("0"), VISA)
    with pytest.raises(ToolError, match="Tent of order B3 comes back"):
        shop.returns.request_return(write("return", "k3", "B3", version=3), one, usd("19.90"), usd("0"), VISA)
    with pytest.raises(ToolError, match="Tent of order B3 comes back"):
        shop.returns.request_exchange(write("exchange", "k4", "B3", version=3), [DEARER], usd("10.00"), VISA)
    assert len(shop.orders.refunds("B3", "ann")) == 2
    assert shop.orders.get("B3", "ann").version == 3


def test_what_is_swapped_does_not_come_back_besides(shop: ShopRecords) -> None:
    exchange = shop.returns.request_exchange(write("exchange", order_id="B3"), [DEARER], usd("10.00"), PAYPAL)
    assert (exchange.difference, exchange.method, exchange.lines) == (usd("10.00"), PAYPAL, (DEARER,))
    peg = [ReturnedLine(position=1, title="Peg", quantity=1)]
    tent = [ReturnedLine(position=0, title="Tent", quantity=1)]
    with pytest.raises(ToolError, match="is swapped, already"):
        shop.returns.request_return(write("return", "k2", "B3", version=2), tent, usd("19.90"), usd("0"), VISA)
    shop.returns.request_return(write("return", "k2", "B3", version=2), peg, usd("0.10"), usd("0"), VISA)


def test_an_address_saved_meanwhile_is_not_overwritten(shop: ShopRecords) -> None:
    other = ELSEWHERE.model_copy(update={"line1": "10 Hill Street"})
    for _ in range(2):
        assert shop.customers.change_address("ann", HOME, ELSEWHERE).address == ELSEWHERE
    with pytest.raises(ToolError, match="has changed since"):
        shop.customers.change_address("ann", HOME, other)
    assert shop.customers.get("ann").address == ELSEWHERE


def test_of_many_who_return_at_once_the_pieces_and_the_money_come_out_right(engine: Engine) -> None:
    records = open_records(engine)
    records.customers.add(make_customer("ann"))
    records.orders.add(*[make_order(f"M{number}", "delivered", 1) for number in range(4)])
    both = [ReturnedLine(position=0, title="Tent", quantity=2)]

    def send_back(writer: int) -> str:
        order_id = f"M{writer % 4}"
        try:
            given = write("return", f"key-{writer % 50}", order_id)
            records.returns.request_return(given, both, usd("39.80"), usd("0"), VISA)
        except ToolError:
            return "refused"
        return "done"

    with ThreadPoolExecutor(max_workers=40) as pool:
        outcomes = Counter(pool.map(send_back, range(200)))
    refunds = [refund for number in range(4) for refund in records.orders.refunds(f"M{number}", "ann")]
    assert sum((refund.amount.amount for refund in refunds), Decimal(0)) == 4 * Decimal("39.80")
    assert outcomes["done"] >= 4
    assert sum(outcomes.values()) == 200


def test_of_many_who_pay_with_one_gift_card_it_is_never_overdrawn(engine: Engine) -> None:
    records = open_records(engine)
    records.customers.add(make_customer("ann"))
    records.orders.add(*[make_order(f"M{number}", "pending", 1) for number in range(8)])
    records.gift_cards.put(GiftCard(id="G", customer_id="ann", balance=usd("100.00")))

    def pay(number: int) -> str:
        try:
            records.orders.change_payment(write("payment", f"k{number}", f"M{number % 8}"), CARD)
        except ToolError:
            return "refused"
        return "done"

    with ThreadPoolExecutor(max_workers=16) as pool:
        outcomes = Counter(pool.map(pay, range(8)))
    # 45.85 goes twice into 100.
    assert outcomes == {"done": 2, "refused": 6}
    assert balance(records) == Decimal("8.30")
