import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest

from retrieval.errors import CatalogueError
from retrieval.importers.shopify import ShopifyImporter
from tests.retrieval.feeds import GOLDEN, collect, expected_errors, expected_products

MAPPING = {"currency": "=USD", "link": "=https://shop.example/products/{handle}"}
USD = {"currency": "=USD"}


@pytest.mark.parametrize("name", ["shopify_new.csv", "shopify_old.csv"])
def test_both_generations_of_headers_become_the_same_products(name: str) -> None:
    products, errors = collect(ShopifyImporter(), GOLDEN / name, MAPPING)
    assert products == expected_products("shopify.expected.json")
    assert errors == []


def test_broken_rows_are_named_and_the_good_ones_kept() -> None:
    products, errors = collect(ShopifyImporter(), GOLDEN / "shopify_broken.csv", MAPPING)
    assert [str(error) for error in errors] == expected_errors("shopify_broken.csv.expected.txt")
    assert [product.id for product in products] == ["good", "pans", "last"]
    assert [variant.id for variant in products[1].variants] == ["P20"]
    assert [error.row for error in errors if error.kept] == [2]


def test_the_currency_must_be_said() -> None:
    with pytest.raises(CatalogueError, match=r"names no currency.*--map currency==USD"):
        collect(ShopifyImporter(), GOLDEN / "shopify_old.csv")


def test_a_mapping_takes_another_market_s_price(tmp_path: Path) -> None:
    path = write(tmp_path, "Title,URL handle,Vendor,Price,Price / International\nPan,pan,Acme,10,12.50\n")
    products, _ = collect(ShopifyImporter(), path, {"currency": "=EUR", "price": "Price / International"})
    assert str(products[0].price) == "€12.50"
    with pytest.raises(CatalogueError, match="no column 'Cost'"):
        collect(ShopifyImporter(), path, {"currency": "=EUR", "price": "Cost"})
    with pytest.raises(CatalogueError, match="does not take"):
        collect(ShopifyImporter(), path, {"prize": "Price"})


def test_what_the_shop_pays_is_not_imported() -> None:
    products, _ = collect(ShopifyImporter(), GOLDEN / "shopify_new.csv", MAPPING)
    assert "11.00" not in products[0].model_dump_json()


def test_a_title_is_enough_for_a_new_product(tmp_path: Path) -> None:
    path = write(tmp_path, "Title,URL handle,Vendor\nEnamel Mug,,Acme\n")
    products, errors = collect(ShopifyImporter(), path, USD)
    assert [product.id for product in products] == ["enamel-mug"] and errors == []


def test_a_product_whose_rows_stand_apart_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "Handle,Title,Vendor\na,Pan,V\nb,Pot,V\na,Pan,V\n")
    products, errors = collect(ShopifyImporter(), path, USD)
    assert [product.id for product in products] == ["a", "b"]
    assert [(error.row, error.column) for error in errors] == [(4, "Handle")]


def test_no_stock_is_claimed_for_what_shopify_does_not_count(tmp_path: Path) -> None:
    rows = (
        "Handle,Title,Vendor,Inventory tracker,Inventory quantity\na,Pan,V,,0\nb,Pot,V,shopify,0\nc,Lid,V,shopify,-3\n"
    )
    products, _ = collect(ShopifyImporter(), write(tmp_path, rows), USD)
    assert [product.stock for product in products] == [None, 0, 0]


def test_packed_files_are_read(tmp_path: Path) -> None:
    content = (GOLDEN / "shopify_new.csv").read_bytes()
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("products.csv", content)
    for name in ("f.csv.gz", "f.zip"):
        assert ShopifyImporter().identify(tmp_path / name)
        assert collect(ShopifyImporter(), tmp_path / name, MAPPING)[0] == expected_products("shopify.expected.json")


def test_other_feeds_are_not_taken_for_shopify_s(tmp_path: Path) -> None:
    others = [path for path in GOLDEN.iterdir() if not path.name.startswith("shopify")]
    assert [path.name for path in others if ShopifyImporter().identify(path)] == []
    assert not ShopifyImporter().identify(write(tmp_path, "Handle,Title,price\na,b,3\n"))


def test_no_cell_makes_a_traceback(tmp_path: Path) -> None:
    with (GOLDEN / "shopify_new.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    odd_cells = ("", "-1", "1e400", "nan", "[[[", '{"value": {}}', "\x00", "<p", "Default Title", "9" * 5000)
    for column in range(len(header)):
        changed = [[*row[:column], odd, *row[column + 1 :]] for odd, row in zip(odd_cells, rows * 2, strict=False)]
        text = io.StringIO()
        csv.writer(text).writerows([header, *changed])
        products, errors = collect(ShopifyImporter(), write(tmp_path, text.getvalue()), USD)
        assert products or errors


def write(folder: Path, text: str) -> Path:
    path = folder / "products_export.csv"
    path.write_text(text, encoding="utf-8")
    return path
