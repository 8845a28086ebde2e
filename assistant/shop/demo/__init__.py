"""The demo shop's people: who they are, what they bought and looked at, and what the shop promises them."""

import shutil
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from assistant.shop.demo.coupons import demo_coupons
from assistant.shop.demo.exchanges import demo_exchanges
from assistant.shop.demo.interactions import demo_interactions
from assistant.shop.demo.orders import demo_orders
from assistant.shop.demo.people import demo_customers, demo_gift_cards
from assistant.shop.demo.shipments import demo_shipments
from assistant.shop.migrations import upgrade_records
from assistant.shop.records import open_records
from assistant.shop.rules import POLICY_FILE
from assistant.shop.shipping import SHIPPING_FILE
from assistant.shop.sizing import SIZES_FILE
from retrieval.schema import Product

__all__ = [
    "SEED",
    "demo_coupons",
    "demo_customers",
    "demo_exchanges",
    "demo_gift_cards",
    "demo_interactions",
    "demo_orders",
    "demo_shipments",
    "fill_demo_records",
    "write_demo_policies",
]

SEED = 7


def fill_demo_records(engine: Engine, products: list[Product], today: date, seed: int = SEED) -> None:
    """Make the records' tables and fill them with the demo shop's people; tables that hold some are a RecordsError.

    Every date is counted back from `today`: the same products, day and seed make the same records.
    """
    customers = demo_customers(seed)
    orders = demo_orders(products, customers, seed, today)
    upgrade_records(engine)
    records = open_records(engine)
    records.customers.add(*customers)
    records.gift_cards.put(*demo_gift_cards(customers, seed))
    records.coupons.put(*demo_coupons(today))
    records.orders.add(*orders)
    records.returns.add(*demo_exchanges(products, orders, today))
    records.shipments.put(*demo_shipments(orders, seed, today))
    records.interactions.add(*demo_interactions(products, customers, orders, seed, today))


def write_demo_policies(store: Path) -> None:
    """Copy the demo shop's policies, rules, shipping table and size guides into the store, over what is there."""
    shutil.copytree(Path(__file__).with_name("policies"), store / "policies", dirs_exist_ok=True)
    for name in (POLICY_FILE, SHIPPING_FILE, SIZES_FILE):
        shutil.copyfile(Path(__file__).with_name(name), store / name)
