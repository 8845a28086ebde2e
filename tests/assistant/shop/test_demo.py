"""The demo shop's people: always the same, and their stories hang together."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from assistant.errors import RecordsError
from assistant.schema import Customer, Interaction, Order, Product
from assistant.shop.demo import SEED, demo_customers, demo_exchanges, demo_interactions, demo_orders, fill_demo_records
from assistant.shop.demo.orders import SHIPPING
from assistant.shop.demo.personas import CONSUMABLES, LARGE_TYPES, PERSONAS, personas_of, type_of
from assistant.shop.records import open_records
from assistant.shop.sizing import fit_of, sizes_of

TODAY = date(2026, 11, 20)
STORY = {
    "A1001": ("C001", "pending"),
    "A1002": ("C001", "shipped"),
    "A1003": ("C002", "pending"),
    "A1004": ("C005", "pending"),
    "A1005": ("C004", "shipped"),
    "A1006": ("C003", "processing"),
    "A1007": ("C003", "delivered"),
    "A1008": ("C005", "delivered"),
    "A1009": ("C002", "delivered"),
    "A1010": ("C003", "pending"),
}


@pytest.fixture(scope="module")
def customers() -> list[Customer]:
    return demo_customers(SEED)


@pytest.fixture(scope="module")
def orders(products: list[Product], customers: list[Customer]) -> list[Order]:
    return demo_orders(products, customers, SEED, TODAY)


@pytest.fixture(scope="module")
def interactions(products: list[Product], customers: list[Customer], orders: list[Order]) -> list[Interaction]:
    return demo_interactions(products, customers, orders, SEED, TODAY)


def test_150_different_people(customers: list[Customer]) -> None:
    assert [customer.id for customer in customers] == [f"C{number:03}" for number in range(1, 151)]
    assert len({customer.name for customer in customers}) == len({customer.email for customer in customers}) == 150
    countries = Counter(customer.address.country for customer in customers)
    assert countries["US"] > 110
    assert min(countries[country] for country in ("CA", "GB", "CN")) >= 2
    assert sum(customer.language == "zh" for customer in customers) >= 5
    assert all(customer.payment_methods for customer in customers)
    assert {personas_of(customer.id)[0] for customer in customers} == set(PERSONAS)


def test_the_story_customers(customers: list[Customer]) -> None:
    assert [(customer.name, customer.language) for customer in customers[:5:4]] == [
        ("Maya Lindqvist", "en"),
        ("陈雨", "zh"),
    ]
    stories = [personas_of(customer.id)[0].name for customer in customers[:4]]
    assert stories == ["runner", "home cook", "new parent", "gamer"]


def test_the_story_orders(orders: list[Order]) -> None:
    by_id = {order.id: order for order in orders}

    assert {order_id: (by_id[order_id].customer_id, by_id[order_id].status) for order_id in STORY} == STORY
    assert [type_of(line.product_id) for line in by_id["A1001"].lines] == ["running-shoes", "socks"]
    maya = Counter(order.status for order in orders if order.customer_id == "C001")
    assert (maya["pending"], maya["shipped"]) == (1, 1)
    assert maya["delivered"] >= 3
    for customer_id in ("C002", "C003", "C004", "C005"):
        open_ones = {o.id for o in orders if o.customer_id == customer_id} & {
            o.id for o in orders if o.status in ("pending", "processing", "shipped")
        }
        # Hannah has one that is packed and one that can still be changed.
        assert len(open_ones) == (2 if customer_id == "C003" else 1)
    assert not any(order.customer_id == "C006" for order in orders)


def test_600_orders_in_every_status(orders: list[Order]) -> None:
    assert [order.id for order in orders] == [f"A{number}" for number in range(1001, 1601)]
    statuses = Counter(order.status for order in orders)
    assert set(statuses) == {"pending", "processing", "shipped", "delivered", "cancelled", "returned"}
    assert min(statuses.values()) >= 10
    assert statuses["delivered"] > 300


def test_totals_add_up_and_shipping_is_the_policys(orders: list[Order], products: list[Product]) -> None:
    prices = {variant.id: variant.price for product in products for variant in product.variants}
    for order in orders:
        goods = sum((line.price.amount * line.quantity for line in order.lines), Decimal(0))
        fee, free_from = SHIPPING[order.address.country]
        assert order.shipping.amount == (0 if goods >= Decimal(free_from) else Decimal(fee))
        assert order.total.amount == goods + order.shipping.amount
        assert all(line.variant_id and line.price == prices[line.variant_id] for line in order.lines)


def test_dates_fit_the_status_and_nothing_has_happened_tomorrow(orders: list[Order]) -> None:
    midnight = datetime.combine(TODAY, datetime.min.time(), tzinfo=UTC)
    for order in orders:
        assert order.placed_at < midnight
        assert (order.delivered_on is not None) == (order.status in ("delivered", "returned"))
        assert (order.tracking_number is not None) == (order.status in ("shipped", "delivered", "returned"))
        assert (order.tracking_number is None) == (order.carrier is None)
        assert (order.cancel_reason is not None) == (order.status == "cancelled")
        if order.delivered_on:
            assert order.placed_at.date() < order.delivered_on <= TODAY
        elif order.status != "cancelled":
            assert order.expected_on is not None
            assert order.expected_on > TODAY


def test_numbers_grow_with_time_after_the_story(orders: list[Order]) -> None:
    placed = [order.placed_at for order in orders[10:]]

    assert placed == sorted(placed)


def test_people_buy_what_they_care_about(orders: list[Order]) -> None:
    for order in orders:
        types = {type_id for persona in personas_of(order.customer_id) for type_id in persona.types}
        if order.id not in STORY and order.customer_id != "C001":
            assert {type_of(line.product_id) for line in order.lines} <= types
        if order.address.country != "US":
            assert not LARGE_TYPES & {type_of(line.product_id) for line in order.lines}


def test_sizes_stay_and_consumables_come_again(orders: list[Order]) -> None:
    sizes: dict[str, set[str]] = {}
    bought: Counter[tuple[str, str]] = Counter()
    for order in orders:
        for line in order.lines:
            sizes.setdefault(order.customer_id, set()).add(line.options["size"])
            bought[order.customer_id, line.product_id] += 1

    assert all(len(worn) == 1 for worn in sizes.values())
    again = {key: count for key, count in bought.items() if count > 1}
    assert sum(type_of(product_id) in CONSUMABLES for _, product_id in again) >= len(again) / 2 > 5


def test_views_come_before_each_purchase(interactions: list[Interaction], orders: list[Order]) -> None:
    first_view: dict[tuple[str, str], datetime] = {}
    for interaction in interactions:
        key = (interaction.customer_id, interaction.product_id)
        if interaction.kind == "view":
            first_view.setdefault(key, interaction.at)
        else:
            assert first_view[key] < interaction.at

    purchases = sum(interaction.kind == "purchase" for interaction in interactions)
    assert purchases == sum(len(order.lines) for order in orders if order.status != "cancelled")
    assert len(interactions) > 3 * purchases
    assert {i.kind for i in interactions if i.customer_id == "C006"} == {"view"}


def test_same_seed_and_day_same_people(products: list[Product], customers: list[Customer], orders: list[Order]) -> None:
    assert demo_customers(SEED) == customers
    assert demo_orders(products, customers, SEED, TODAY) == orders
    assert demo_customers(SEED + 1)[6:] != customers[6:]
    assert demo_customers(SEED + 1)[:6] == customers[:6]


def test_the_story_is_the_same_on_another_day(
    products: list[Product], customers: list[Customer], orders: list[Order]
) -> None:
    later = demo_orders(products, customers, SEED, TODAY + timedelta(days=40))

    for then, now in zip(orders[:6], later[:6], strict=True):
        assert now.lines == then.lines
        assert now.total == then.total
        assert (now.placed_at - then.placed_at).days == 40


def test_filling_the_records(engine: Engine, products: list[Product], interactions: list[Interaction]) -> None:
    fill_demo_records(engine, products, TODAY)
    records = open_records(engine)

    assert len(records.customers.list()) == 150
    assert records.orders.get("A1004", "C005").lines[0].title.startswith("型号")
    assert records.orders.list("C006") == ()
    assert records.orders.list("C001")[0].id == "A1001"
    assert set(records.interactions.of_customer("C006")) == {i for i in interactions if i.customer_id == "C006"}
    with pytest.raises(RecordsError):
        fill_demo_records(engine, products, TODAY)


@pytest.mark.parametrize("today", [TODAY, date(2026, 2, 10), date(2026, 7, 1)])
def test_exchanges_tell_how_sizes_turned_out(products: list[Product], customers: list[Customer], today: date) -> None:
    orders = demo_orders(products, customers, SEED, today)
    placed = {order.id: order for order in orders}
    catalogue = {product.id: product for product in products}
    swaps: dict[str, list[tuple[str, str]]] = {}
    for exchange in demo_exchanges(products, orders, today):
        order, (change,) = placed[exchange.order_id], exchange.lines
        line = order.lines[change.position]
        assert order.delivered_on is not None and order.delivered_on <= exchange.at.date() <= today
        assert order.id not in STORY
        variant = next(each for each in catalogue[line.product_id].variants if each.id == change.variant_id)
        assert variant.options == change.options
        assert {name for name in change.options if change.options[name] != line.options[name]} == {"size"}
        swaps.setdefault(line.product_id, []).append((line.options["size"], change.options["size"]))
    sold = Counter(line.product_id for order in orders for line in order.lines)
    fits = [fit_of(tuple(sizes_of(catalogue[name])), pairs, sold[name]) for name, pairs in swaps.items()]
    assert sorted(fit.way for fit in fits if fit) == ["large", "small"]
