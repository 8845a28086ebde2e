"""A shop's own people and orders, from its tables and from Shopify's exports."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.schema import Customer, Order, Value
from assistant.shop.changes import Changes
from assistant.shop.importers import read_coupons, read_customers, read_gift_cards, read_orders
from assistant.shop.records import ShopRecords
from retrieval.errors import CatalogueError
from retrieval.schema import RowError
from tests.assistant.shop.makers import make_customer, make_order

OWN_CUSTOMERS = """id,name,email,language,line1,city,postcode,country
c1,Ida Sol,ida@example.com,zh-CN,1 Elm Street,Boise,83702,us
c2,,not an address,en,2 Elm Street,Boise,83702,US
c3,Ove Sol,IDA@example.com,en,3 Elm Street,Boise,83702,US
c4,Liv Sol,liv@example.com,en,4 Elm Street,Boise,83702,USA
c5,Per Sol,per@example.com,en,,Boise,83702,US
"""
SHOPIFY_CUSTOMERS = (
    "Customer ID,First Name,Last Name,Email,Default Address Address1,Default Address City,"
    "Default Address Province Code,Default Address Country Code,Default Address Zip\n"
    "'7001,Ida,Sol,ida@example.com,1 Elm Street,Boise,ID,US,'01234\n"
)
SHOPIFY_ORDERS = (
    "Name,Email,Financial Status,Fulfillment Status,Currency,Shipping,Total,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Lineitem sku,Shipping Name,Shipping Address1,Shipping City,Shipping Zip,"
    "Shipping Country,Cancelled at,Payment Method\n"
    "#1001,ida@example.com,paid,fulfilled,USD,5.00,45.00,2026-03-05 14:30:00 -0500,2,Tent,15.00,T-1,Ida Sol,1 Elm St,"
    "Boise,'01234,US,,PayPal Express\n"
    "#1001,ida@example.com,,,,,,,1,Peg,10.00,P-9,,,,,,,\n"
    "#1002,ida@example.com,paid,,USD,0,19.00,2026-03-06 14:30:00 -0500,1,Mug,19.00,M-1,Ida Sol,1 Elm St,"
    "Boise,'01234,US,2026-03-07 09:00:00 -0500,card\n"
    "#1003,eve@example.com,paid,,USD,0,19.00,2026-03-06 14:30:00 -0500,1,Mug,19.00,M-1,Eve,1 Elm St,Boise,1,US,,card\n"
    "#1004,ida@example.com,paid,lost,USD,0,19.00,2026-03-06 14:30:00 -0500,1,Mug,19.00,M-1,Ida,1 Elm St,Boise,1,US,,c\n"
    "#1005,ida@example.com,paid,,USD,0,19.00,yesterday,1,Mug,19.00,M-1,Ida,1 Elm St,Boise,1,US,,card\n"
    "#1006,ida@example.com,paid,,USD,0,19.00,2026-03-06 14:30:00 -0500,1,Mug,19.00,M-1,Ida,1 Elm St,Boise,1,US,,card\n"
    "#1006,ida@example.com,,,,,,,0,Peg,10.00,P-9,,,,,,,\n"
)


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def good(found: list[Customer | RowError] | list[Order | RowError]) -> list[Value]:
    return [each for each in found if not isinstance(each, RowError)]


def places(found: list[Customer | RowError] | list[Order | RowError]) -> list[tuple[int, str]]:
    return [(each.row, each.column) for each in found if isinstance(each, RowError)]


def orders(path: Path) -> list[Order | RowError]:
    people, products = {"ida@example.com": "c1", "c1": "c1"}, {"T-1": "tents-01"}
    return list(read_orders(path, None, people.get, products.get))


def test_customers_of_a_plain_table_and_what_is_wrong_with_the_other_rows(tmp_path: Path) -> None:
    found = list(read_customers(written(tmp_path, "people.csv", OWN_CUSTOMERS)))
    (ida,) = good(found)
    assert isinstance(ida, Customer)
    assert (ida.id, ida.name, ida.language, ida.address.country) == ("c1", "Ida Sol", "zh", "US")
    assert places(found) == [(3, "email"), (4, "email"), (5, "country"), (6, "line1")]


def test_customers_of_shopify_keep_the_zeros_of_a_postcode(tmp_path: Path) -> None:
    (ida,) = read_customers(written(tmp_path, "customers_export.csv", SHOPIFY_CUSTOMERS))
    assert isinstance(ida, Customer)
    assert (ida.id, ida.name, ida.address.region, ida.address.postcode) == ("7001", "Ida Sol", "ID", "01234")


def test_columns_are_mapped_and_a_wrong_mapping_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, "people.csv", OWN_CUSTOMERS.replace("postcode", "plz"))
    assert good(list(read_customers(file, {"postcode": "plz"}))) != []
    with pytest.raises(CatalogueError, match="no column 'zipcode'"):
        list(read_customers(file, {"postcode": "zipcode"}))
    with pytest.raises(CatalogueError, match="'shoe_size'"):
        list(read_customers(file, {"shoe_size": "plz"}))


def test_orders_of_shopify_with_several_articles(tmp_path: Path) -> None:
    found = orders(written(tmp_path, "orders_export.csv", SHOPIFY_ORDERS))
    first, cancelled = good(found)
    assert isinstance(first, Order)
    assert isinstance(cancelled, Order)
    assert (first.id, first.customer_id, first.status, first.total.amount) == (
        "1001",
        "c1",
        "shipped",
        Decimal("45.00"),
    )
    assert first.placed_at == datetime(2026, 3, 5, 19, 30, tzinfo=UTC)
    assert [(line.product_id, line.quantity, line.price.amount) for line in first.lines] == [
        ("tents-01", 2, Decimal("15.00")),
        ("P-9", 1, Decimal("10.00")),
    ]
    assert (first.payment_method.kind, first.address.postcode) == ("paypal", "01234")
    assert cancelled.status == "cancelled"


def test_a_row_that_cannot_be_used_loses_its_whole_order_and_is_named(tmp_path: Path) -> None:
    found = orders(written(tmp_path, "orders_export.csv", SHOPIFY_ORDERS))
    assert places(found) == [
        (5, "Email"), (6, "Fulfillment Status"), (7, "Created at"), (9, "Lineitem quantity"),
    ]  # fmt: skip


def test_orders_as_json_lines_in_our_own_form(tmp_path: Path) -> None:
    order = make_order("B9", "delivered", 4)
    file = written(tmp_path, "orders.jsonl", f'{order.model_dump_json()}\n{{"id": "B10", "lines": [3]}}\n')
    found = orders(file)
    assert good(found) == [order]
    assert [row for row, _ in places(found)] == [2]


def test_a_second_import_changes_only_what_changed(records: ShopRecords) -> None:
    ann = make_customer("ann")
    moved = ann.model_copy(update={"address": ann.address.model_copy(update={"city": "Nampa"}), "payment_methods": ()})
    assert records.customers.put(ann, make_customer("cy")) == Changes(added=1, unchanged=1)
    assert records.customers.put(moved) == Changes(changed=1)
    assert records.customers.get("ann").address.city == "Nampa"
    assert records.customers.get("ann").payment_methods == ann.payment_methods

    b1 = records.orders.get("B1", "ann")
    shipped = b1.model_copy(update={"status": "shipped", "lines": b1.lines[:1], "version": 1})
    assert records.orders.put(b1, shipped.model_copy(update={"id": "B7"})) == Changes(added=1, unchanged=1)
    assert records.orders.put(shipped) == Changes(changed=1)
    assert records.orders.get("B1", "ann") == shipped.model_copy(update={"version": 2})


COUPONS = """code,value,kind,currency,minimum,starts_at,ends_at,uses,categories
spring 15,15%,,,,,2026-05-31,,"Tents, Boots"
FIVE,5.00 USD,,,50.00,2026-03-01T08:00:00+01:00,,100,
TEN,10,percentage,EUR,40,,,,
FIVE,6.00 USD,,,,,,,
,7%,,,,,,,
HALF,a half,,,,,,,
BIG,120%,,,,,,,
BARE,5,fixed_amount,,,,,,
LATE,5%,,,,2026-03-02,2026-03-01,,
MANY,5%,,,,,,several,
KIND,5,gift,,,,,,
NONE,0%,,,,,,,
"""


def test_coupons_of_a_table(tmp_path: Path, records: ShopRecords) -> None:
    found = list(read_coupons(written(tmp_path, "coupons.csv", COUPONS)))
    spring, five, ten = (each for each in found if not isinstance(each, RowError))
    assert (spring.code, spring.kind, spring.value, spring.currency) == ("SPRING15", "percent", Decimal(15), None)
    # The last day counts whole.
    assert (spring.ends_at, spring.categories) == (datetime(2026, 6, 1, tzinfo=UTC), ("Tents", "Boots"))
    assert (five.kind, five.value, five.currency, five.minimum) == ("amount", Decimal("5.00"), "USD", Decimal("50.00"))
    assert (five.starts_at, five.uses) == (datetime(2026, 3, 1, 7, tzinfo=UTC), 100)
    assert (ten.kind, ten.currency, ten.minimum) == ("percent", "EUR", Decimal(40))
    wrong = [(each.row, each.column) for each in found if isinstance(each, RowError)]
    assert wrong == [
        (5, "code"),
        (6, "code"),
        (7, "value"),
        (8, "value"),
        (9, "currency"),
        (10, "ends_at"),
        (11, "uses"),
        (12, "kind"),
        (13, "value"),
    ]
    assert records.coupons.put(spring, five, ten) == Changes(added=3)
    changed = five.model_copy(update={"uses": 200})
    assert records.coupons.put(spring, changed, ten) == Changes(changed=1, unchanged=2)
    assert [coupon.uses for coupon in records.coupons.list() if coupon.code == "FIVE"] == [200]


GIFT_CARDS = """Code,Email,Balance,Currency
G1,ida@example.com,25.00,USD
'0042,ann,10.00 EUR,
G2,eve@example.com,5.00,USD
G3,ida@example.com,-1.00,USD
G4,ida@example.com,,USD
G5,ida@example.com,5.00,
G1,ida@example.com,7.00,USD
,ida@example.com,7.00,USD
"""


def test_gift_cards_of_a_table(tmp_path: Path, records: ShopRecords) -> None:
    records.customers.put(make_customer("ann"))
    known = {"ida@example.com": "ann", "ann": "ann"}
    found = list(read_gift_cards(written(tmp_path, "cards.csv", GIFT_CARDS), None, known.get))
    good = [each for each in found if not isinstance(each, RowError)]
    assert [(card.id, card.customer_id, str(card.balance)) for card in good] == [
        ("G1", "ann", "$25.00"),
        ("0042", "ann", "€10.00"),
    ]
    assert [(each.row, each.column) for each in found if isinstance(each, RowError)] == [
        (4, "Email"), (5, "Balance"), (6, "Balance"), (7, "Currency"), (8, "Code"), (9, "Code"),
    ]  # fmt: skip
    assert records.gift_cards.put(*good) == Changes(added=2)
    spent = good[0].model_copy(update={"balance": good[1].balance})
    assert records.gift_cards.put(spent, good[1]) == Changes(changed=1, unchanged=1)
    assert len(records.gift_cards.list("ann")) == 2
