"""What `shelftalk customers`, `orders`, `coupons` and `gift-cards` do: bring the records to the state of a file."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from assistant.app import open_shop_records
from assistant.errors import AssistantError
from assistant.schema import Coupon, Customer, GiftCard, Order, Shipment
from assistant.settings import Settings
from assistant.shop.changes import Changes
from assistant.shop.importers import read_coupons, read_customers, read_gift_cards, read_orders
from assistant.shop.records import ShopRecords
from retrieval.database import open_database
from retrieval.product_store import ProductStore
from retrieval.schema import RowError
from ui.progress import console

T = TypeVar("T", Customer, Order, Coupon, GiftCard)


def import_customers(file: Path, settings: Settings, mapping: Mapping[str, str], strict: bool, as_json: bool) -> None:
    """Write the file's customers; bad rows are told. Raises `AssistantError` with `strict` and a bad row."""
    records = open_shop_records(settings)
    _write(file, read_customers(file, mapping), records.customers.put, strict, as_json, "customers")


def import_orders(file: Path, settings: Settings, mapping: Mapping[str, str], strict: bool, as_json: bool) -> None:
    """Write the file's orders; bad rows are told. Raises `AssistantError` with `strict` and a bad row."""
    records = open_shop_records(settings)
    products = ProductStore(open_database(settings.store))

    def find_product(variant_id: str) -> str | None:
        owners = products.owners_of_variants([variant_id]).get(variant_id, [])
        return owners[0] if len(owners) == 1 else None

    found = read_orders(file, mapping, lambda given: _find_customer(records, given), find_product)

    def put(*orders: Order) -> Changes:
        changes = records.orders.put(*orders)
        records.shipments.put(*filter(None, map(_parcel_of, orders)))
        return changes

    _write(file, found, put, strict, as_json, "orders")


def import_coupons(file: Path, settings: Settings, mapping: Mapping[str, str], strict: bool, as_json: bool) -> None:
    """Write the file's coupons; bad rows are told. Raises `AssistantError` with `strict` and a bad row."""
    records = open_shop_records(settings)
    _write(file, read_coupons(file, mapping), records.coupons.put, strict, as_json, "coupons")


def import_gift_cards(file: Path, settings: Settings, mapping: Mapping[str, str], strict: bool, as_json: bool) -> None:
    """Write the file's gift cards; bad rows are told. Raises `AssistantError` with `strict` and a bad row."""
    records = open_shop_records(settings)
    found = read_gift_cards(file, mapping, lambda given: _find_customer(records, given))
    _write(file, found, records.gift_cards.put, strict, as_json, "gift cards")


def _parcel_of(order: Order) -> Shipment | None:
    """Return the parcel that an order's tracking number stands for."""
    if order.tracking_number is None:
        return None
    return Shipment(
        id=f"{order.id}/{order.tracking_number}",
        order_id=order.id,
        carrier=order.carrier,
        tracking_number=order.tracking_number,
        state="delivered" if order.status in ("delivered", "returned") else "in_transit",
        expected_on=order.expected_on,
    )


def _find_customer(records: ShopRecords, given: str) -> str | None:
    customer = records.customers.find(given) or records.customers.find_by_email(given)
    return customer.id if customer else None


def _write(
    file: Path, found: Iterable[T | RowError], put: Callable[..., Changes], strict: bool, as_json: bool, what: str
) -> None:
    good: list[T] = []
    bad: list[RowError] = []
    for each in found:
        if isinstance(each, RowError):
            bad.append(each)
        else:
            good.append(each)
    for error in bad:
        console.print(str(error), style="yellow", markup=False, highlight=False)
    if strict and bad:
        raise AssistantError(f"{len(bad)} rows of {file.name} cannot be read; nothing was changed (--strict).")
    done = put(*good)
    if as_json:
        print(json.dumps({**done.model_dump(), "errors": [error.model_dump() for error in bad]}, ensure_ascii=False))
        return
    console.print(
        f"{what.capitalize()}: {done.added} added, {done.changed} changed, {done.unchanged} unchanged; "
        f"{len(bad)} rows were left out.",
        highlight=False,
    )
