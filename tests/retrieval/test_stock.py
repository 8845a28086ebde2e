"""Prices and stock alone: good rows at once, bad ones named, no index touched."""

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from retrieval.database import open_database
from retrieval.encoders import HashingEncoder
from retrieval.errors import CatalogueError
from retrieval.indexing import import_products
from retrieval.product_store import ProductStore
from retrieval.schema import Filters, Money, Product, Query, Variant
from retrieval.search import Catalogue, open_catalogue
from retrieval.stock import update_stock
from tests.retrieval.makers import MakeProduct


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


@pytest.fixture
def shop(tmp_path: Path, make_product: MakeProduct) -> Catalogue:
    def cup(product_id: str, *sizes: str) -> Product:
        variants = tuple(
            Variant(id=f"{product_id}-{size}", title=size, price=usd("9.00"), stock=1) for size in (*sizes,)
        )
        return make_product(product_id, "Enamel Cup", "9.00", stock=len(sizes), variants=variants)

    shared = Variant(id="one-size", title="One size", price=usd("9.00"), stock=1)
    products = [
        make_product("K1", "Copper Kettle", "49.90", stock=3),
        make_product("K2", "Steel Kettle", None),
        cup("C1", "S", "L"),
        make_product("D1", "Apron", "9.00", stock=1, variants=(shared,)),
        make_product("D2", "Mitten", "9.00", stock=1, variants=(shared,)),
    ]
    import_products(products, tmp_path / "store", HashingEncoder())
    return open_catalogue(tmp_path / "store", HashingEncoder())


def apply(folder: Path, text: str, name: str = "stock.csv", strict: bool = False, **mapping: str):  # type: ignore[no-untyped-def]
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return update_stock(ProductStore(open_database(folder / "store")), path, mapping, strict)


def test_a_running_shop_sees_new_prices_and_no_index_changes(tmp_path: Path, shop: Catalogue) -> None:
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "store/index").rglob("*.json")}
    names = sorted(path.name for path in (tmp_path / "store/index").iterdir())
    report = apply(tmp_path, "id,price,stock\nK1,39.5,0\nK2,12.00 EUR,\n")
    assert (report.changed, report.unchanged, report.errors, report.applied) == (2, 0, (), True)
    hit = shop.search(Query(text="copper kettle"))[0].product
    # A price without a currency keeps the product's; an empty field leaves what is there.
    assert (hit.price, hit.stock) == (usd("39.5"), 0)
    assert shop.get_product("K2").price == Money(amount=Decimal(12), currency="EUR")
    assert shop.get_product("K2").stock is None
    assert [
        hit.product.id
        for hit in shop.search(Query(text="kettle", filters=Filters(max_price=Decimal(20), currency="EUR")))
    ] == ["K2"]
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "store/index").rglob("*.json")} == files
    assert sorted(path.name for path in (tmp_path / "store/index").iterdir()) == names


def test_a_variants_change_carries_over(tmp_path: Path, shop: Catalogue) -> None:
    report = apply(tmp_path, "id;variant_id;price;stock\nC1;C1-S;7;5\n;;;\nC1-L;;;0\n")
    assert (report.changed, report.errors) == (2, ())
    cup = shop.get_product("C1")
    assert (cup.price, cup.stock) == (usd("7"), 5)
    assert [(variant.price, variant.stock) for variant in cup.variants] == [(usd("7"), 5), (usd("9.00"), 0)]


def test_every_bad_row_is_named_and_the_good_ones_are_applied(tmp_path: Path, shop: Catalogue) -> None:
    text = """sku\tcost\tqty\tcur\tvar
K1\t1\t1\tUSD\t
nope\t1\t1\tUSD\t
K2\t1,50\t1\tUSD\t
K2\t1\t-2\tUSD\t
K2\t1\t1.5\tUSD\t
K2\t5\t1\t\t
C1\t5\t1\t\t
C1\t5\t1\t\tC1-M
one-size\t5\t1\t\t
K1\t2\t1\t\t
\t2\t1\t\t
K2\t2
K2\t$5\t1\tUSD\t
"""
    report = apply(tmp_path, text, "stock.tsv", id="sku", price="cost", stock="qty", currency="cur", variant_id="var")
    assert [(error.row, error.column) for error in report.errors] == [
        (3, "sku"),
        (4, "cost"),
        (5, "qty"),
        (6, "qty"),
        (7, "cur"),
        (8, "var"),
        (9, "var"),
        (10, "sku"),
        (11, "sku"),
        (12, "sku"),
        (13, "(row)"),
    ]
    assert str(report.errors[0]) == "stock.tsv, row 3, sku: no product has the id 'nope'."
    assert "D1 and D2" in report.errors[7].message and "row 2" in report.errors[8].message
    assert (shop.get_product("K1").price, shop.get_product("K2").price) == (usd("1"), usd("5"))
    assert report.rows == 13 and report.changed == 2


def test_strict_changes_nothing(tmp_path: Path, shop: Catalogue) -> None:
    report = apply(tmp_path, "id,stock\nK1,7\nnope,1\n", strict=True)
    assert not report.applied and len(report.errors) == 1 and shop.get_product("K1").stock == 3


@pytest.mark.parametrize("name", ["stock.jsonl", "stock.ndjson.gz"])
def test_json_lines(tmp_path: Path, shop: Catalogue, name: str) -> None:
    lines = [json.dumps({"id": "K1", "price": 39.9, "currency": "USD", "stock": 3}), "", "[1]", "{", '{"id": "K1"']
    report = apply(tmp_path, "\n".join(lines), name)
    assert shop.get_product("K1").price == usd("39.9")
    assert [(error.row, error.column) for error in report.errors] == [(3, "(row)"), (4, "(row)"), (5, "(row)")]
    assert apply(tmp_path, lines[0], "again.jsonl").unchanged == 1


@pytest.mark.parametrize(
    ("name", "text", "mapping", "said"),
    [
        ("stock.csv", "sku,stock\nK1,1\n", {}, r"no column 'id'.*sku, stock"),
        ("stock.csv", "id,stock\nK1,1\n", {"price": "cost"}, "no column 'cost'"),
        ("stock.csv", "id,title\nK1,1\n", {}, "neither a price nor a stock"),
        ("stock.csv", "id,stock\nK1,1\n", {"title": "name"}, "variant_id"),
        ("stock.csv", "", {}, "no column 'id'"),
        ("stock.xlsx", "", {}, r"\.csv"),
    ],
)
def test_files_that_cannot_be_used(
    tmp_path: Path, shop: Catalogue, name: str, text: str, mapping: dict[str, str], said: str
) -> None:
    with pytest.raises(CatalogueError, match=said):
        apply(tmp_path, text, name, **mapping)


def test_a_later_import_tells_what_the_feed_says(tmp_path: Path, shop: Catalogue, make_product: MakeProduct) -> None:
    apply(tmp_path, "id,stock\nK1,0\n")
    report = import_products(
        [make_product("K1", "Copper Kettle", "49.90", stock=3)], tmp_path / "store", HashingEncoder(), partial=True
    )
    assert report.repriced == 1 and not report.reindexed and shop.get_product("K1").stock == 3
