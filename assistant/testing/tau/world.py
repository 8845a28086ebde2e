"""The benchmark's shop as one of our stores: products with variants, people, orders, gift cards, policy and rules."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from assistant.schema import Address, Customer, GiftCard, Money, Order, OrderLine, PaymentMethod
from assistant.shop.migrations import upgrade_records
from assistant.shop.records import open_records
from assistant.shop.rules import POLICY_FILE
from assistant.testing.tau.tasks import Benchmark
from retrieval.database import open_database
from retrieval.indexing import build_index
from retrieval.schema import Encoder, Product, ProductTexts, Variant

Progress = Callable[[str, int, int], None]
CURRENCY = "USD"
_VERSION = 1
"""To be raised with every change of what the store holds, since it is kept."""
_PLACED = datetime(2024, 5, 1, tzinfo=UTC)
"""The benchmark says of no order when it was placed."""
_KINDS = {"credit_card": "card", "paypal": "paypal", "gift_card": "gift_card"}
_STATUSES = {"processed": "processing"}
_RULES = """
# What the benchmark's policy says, as rules.
[cancel]
reasons = ["no longer needed", "ordered by mistake"]

[change_items]
once = true
final = true

[returns]
days = 36500
refund_to = ["original", "gift_card"]
once = true

[exchanges]
days = 36500
once = true

[identity]
proof = [["email"], ["name", "postcode"]]
"""


def benchmark_store(
    benchmark: Benchmark,
    encoder: Encoder,
    progress: Progress = lambda stage, done, total: None,
    cache: Path | None = None,
) -> Path:
    """Return the folder of a store that holds the benchmark's shop, made the first time and kept in the cache."""
    folder = (cache or user_cache_path("shelftalk") / "evaluation") / f"tau-{benchmark.hash}-{_VERSION}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tau-", dir=folder.parent) as scratch:
        fresh = Path(scratch) / "store"
        fresh.mkdir()
        build_index(list(_products(benchmark)), fresh, encoder, progress)
        engine = open_database(fresh)
        upgrade_records(engine)
        records = open_records(engine)
        users, orders = benchmark.database["users"].values(), benchmark.database["orders"].values()
        customers = {user["user_id"]: customer_from(user) for user in users}
        records.customers.add(*customers.values())
        records.gift_cards.put(*(card for user in users for card in _gift_cards(user)))
        records.orders.add(*(_order(order, customers[order["user_id"]]) for order in orders))
        engine.dispose()
        (fresh / "policies").mkdir()
        (fresh / "policies" / "policy.md").write_text(benchmark.policy, encoding="utf-8")
        (fresh / POLICY_FILE).write_text(_RULES, encoding="utf-8")
        if not folder.exists():
            shutil.move(fresh, folder)
    return folder


def address_of(entry: dict[str, Any], name: str) -> Address:
    """Return an address of the benchmark's as ours."""
    return Address(
        name=name,
        line1=entry["address1"],
        line2=entry["address2"] or None,
        city=entry["city"],
        region=entry["state"],
        postcode=entry["zip"],
        country={"USA": "US"}.get(entry["country"], entry["country"]),
    )


def order_id_of(number: str) -> str:
    """Return an order's number without the sign before it."""
    return number.removeprefix("#")


def _products(benchmark: Benchmark) -> Iterable[Product]:
    for entry in benchmark.database["products"].values():
        variants = tuple(_variant(entry["name"], item) for item in entry["variants"].values())
        names = dict.fromkeys(name for variant in variants for name in variant.options)
        choices = {name: {variant.options.get(name) for variant in variants} - {None} for name in names}
        yield Product(
            id=entry["product_id"],
            texts={"en": ProductTexts(title=entry["name"], short_name=entry["name"])},
            category=entry["name"],
            price=min((variant.price for variant in variants if variant.price), key=lambda price: price.amount),
            stock=sum(variant.stock or 0 for variant in variants),
            attributes={name: ", ".join(sorted(map(str, values))) for name, values in choices.items()},
            variants=variants,
        )


def _variant(name: str, item: dict[str, Any]) -> Variant:
    return Variant(
        id=item["item_id"],
        title=f"{name}, {', '.join(item['options'].values())}",
        options=item["options"],
        price=_money(item["price"]),
        # How many there are isn't said, only whether there are any.
        stock=1 if item["available"] else 0,
    )


def customer_from(user: dict[str, Any]) -> Customer:
    """Return a user of the benchmark's as a customer."""
    name = f"{user['name']['first_name']} {user['name']['last_name']}"
    return Customer(
        id=user["user_id"],
        name=name,
        email=user["email"],
        address=address_of(user["address"], name),
        payment_methods=tuple(_method(method) for method in user["payment_methods"].values()),
    )


def _method(method: dict[str, Any]) -> PaymentMethod:
    match method["source"]:
        case "credit_card":
            label = f"{method['brand'].title()} ending in {method['last_four']}"
        case "gift_card":
            label = f"Gift card ending in {method['id'][-4:]}"
        case _:
            label = "PayPal"
    return PaymentMethod.model_validate({"id": method["id"], "kind": _KINDS[method["source"]], "label": label})


def _gift_cards(user: dict[str, Any]) -> Iterable[GiftCard]:
    for method in user["payment_methods"].values():
        if method["source"] == "gift_card":
            yield GiftCard(id=method["id"], customer_id=user["user_id"], balance=_money(method["balance"]))


def _order(order: dict[str, Any], customer: Customer) -> Order:
    paid = next(entry for entry in order["payment_history"] if entry["transaction_type"] == "payment")
    methods = {method.id: method for method in customer.payment_methods}
    tracking = [number for entry in order["fulfillments"] for number in entry["tracking_id"]]
    return Order.model_validate(
        {
            "id": order_id_of(order["order_id"]),
            "customer_id": customer.id,
            "status": _STATUSES.get(order["status"], order["status"]),
            "placed_at": _PLACED,
            "lines": tuple(_line(item) for item in order["items"]),
            "shipping": _money(0),
            "total": _money(paid["amount"]),
            "payment_method": methods[paid["payment_method_id"]],
            "address": address_of(order["address"], customer.name),
            "tracking_number": tracking[0] if tracking else None,
        }
    )


def _line(item: dict[str, Any]) -> OrderLine:
    return OrderLine(
        product_id=item["product_id"],
        variant_id=item["item_id"],
        title=item["name"],
        options=item["options"],
        quantity=1,
        price=_money(item["price"]),
    )


def _money(amount: float) -> Money:
    # Through JSON's own digits: 46.85 is to stay 46.85.
    return Money(amount=Decimal(json.dumps(amount)).quantize(Decimal("0.01")), currency=CURRENCY)
