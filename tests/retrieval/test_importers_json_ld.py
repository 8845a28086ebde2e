import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from retrieval.errors import CatalogueError
from retrieval.importers.json_ld import JsonLdImporter
from retrieval.schema import Product
from tests.retrieval.feeds import GOLDEN, collect, damaged, expected_errors, expected_products

OFFER = {"@type": "Offer", "price": "5.00", "priceCurrency": "USD"}


def test_a_page_becomes_the_golden_products() -> None:
    products, errors = collect(JsonLdImporter(), GOLDEN / "json_ld_page.html")
    assert products == expected_products("json_ld_page.expected.json")
    assert errors == []


def test_broken_products_are_named_by_line_and_the_good_ones_kept() -> None:
    products, errors = collect(JsonLdImporter(), GOLDEN / "json_ld_broken.html")
    assert [str(error) for error in errors] == expected_errors("json_ld_broken.html.expected.txt")
    assert {product.id for product in products} == {"good", "set"}
    assert [error.row for error in errors if error.kept] == [2]


@pytest.mark.parametrize(
    ("availability", "stock", "said"),
    [
        ("https://schema.org/InStock", None, "in_stock"),
        ("http://schema.org/SoldOut", 0, None),
        ("OutOfStock", 0, None),
        ("out of stock", 0, None),
        ("schema:Discontinued", 0, None),
        ({"@id": "https://schema.org/OutOfStock"}, 0, None),
        ("https://schema.org/PreOrder", None, "preorder"),
        ("BackOrder", None, "backorder"),
        ("perhaps", None, None),
    ],
)
def test_availability_is_read_in_every_spelling(
    tmp_path: Path, availability: object, stock: int | None, said: str | None
) -> None:
    product = read_one(tmp_path, {"sku": "a", "name": "Pan", "offers": {**OFFER, "availability": availability}})
    assert (product.stock, product.attributes.get("availability")) == (stock, said)


@pytest.mark.parametrize(
    ("offers", "price", "list_price"),
    [
        ({"price": 5, "priceCurrency": "USD"}, "$5.00", None),
        ([{**OFFER, "price": "7"}, {**OFFER, "price": "6"}], "$6.00", None),
        ({"@type": "AggregateOffer", "lowPrice": 4, "highPrice": 9, "priceCurrency": "USD"}, "$4.00", None),
        ({"@type": "AggregateOffer", "priceCurrency": "USD", "offers": [{"price": 3}, {"price": 8}]}, "$3.00", None),
        ({"priceSpecification": {"price": 3, "priceCurrency": "USD"}}, "$3.00", None),
        (
            {**OFFER, "priceSpecification": [{"priceType": "ListPrice", "price": 8, "priceCurrency": "USD"}]},
            "$5.00",
            "$8.00",
        ),
        (
            {**OFFER, "priceSpecification": {"priceType": "ListPrice", "price": 5, "priceCurrency": "USD"}},
            "$5.00",
            None,
        ),
        ([{**OFFER, "price": 2, "availability": "SoldOut"}, {**OFFER, "availability": "InStock"}], "$5.00", None),
        (None, "None", None),
    ],
)
def test_offers_come_in_many_shapes(tmp_path: Path, offers: object, price: str, list_price: str | None) -> None:
    product = read_one(tmp_path, {"sku": "a", "name": "Pan", "offers": offers})
    assert (str(product.price), product.list_price and str(product.list_price)) == (price, list_price)


def test_offers_with_a_sku_each_are_variants(tmp_path: Path) -> None:
    offers = [{**OFFER, "sku": "S", "name": "Small"}, {**OFFER, "sku": "L", "price": 9, "availability": "SoldOut"}]
    product = read_one(tmp_path, {"productID": "pan", "name": "Pan", "offers": offers})
    assert [(variant.id, variant.title, variant.stock) for variant in product.variants] == [
        ("S", "Small", None),
        ("L", "L", 0),
    ]
    # One is sold out and of the other nothing is known, so nothing is known of the product.
    assert str(product.price) == "$5.00" and product.stock is None


def test_variants_without_variesby_are_told_apart_by_what_differs(tmp_path: Path) -> None:
    variants = [
        {"@type": "Product", "sku": size, "name": f"Tee {size}", "size": size, "color": "Red"} for size in ("S", "M")
    ]
    group = {"@type": "ProductGroup", "productGroupID": "tee", "name": "Tee", "hasVariant": variants}
    assert [variant.options for variant in read_one(tmp_path, group).variants] == [{"size": "S"}, {"size": "M"}]


def test_products_of_one_group_that_is_only_named_are_its_variants(tmp_path: Path) -> None:
    nodes = [{"@type": "Product", "sku": sku, "name": "Tee", "inProductGroupWithID": "tee"} for sku in ("S", "M")]
    products, errors = collect(JsonLdImporter(), write(tmp_path, nodes))
    assert errors == [] and [product.id for product in products] == ["tee"]
    assert [variant.id for variant in products[0].variants] == ["S", "M"]


def test_currency_and_language_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, {"@type": "Product", "sku": "a", "name": "Kessel", "offers": {"price": 5}})
    products, _ = collect(JsonLdImporter(), path, {"currency": "=EUR", "language": "=de"})
    assert str(products[0].price) == "€5.00" and products[0].language == "de"
    with pytest.raises(CatalogueError, match="does not take"):
        collect(JsonLdImporter(), path, {"price": "cost"})


def test_a_zip_of_pages_is_one_feed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pages.zip", "w") as archive:
        for sku in ("a", "b", "a"):
            page = {"@type": "Product", "sku": sku, "name": "Pan"}
            archive.writestr(
                f"{len(archive.namelist())}.html", f'<script type="application/ld+json">{json.dumps(page)}</script>'
            )
    assert JsonLdImporter().identify(tmp_path / "pages.zip")
    products, errors = collect(JsonLdImporter(), tmp_path / "pages.zip")
    assert [product.id for product in products] == ["a", "b"]
    assert [error.file for error in errors] == ["pages.zip/2.html"]


def test_other_files_are_not_taken_for_json_ld(tmp_path: Path) -> None:
    others = [path for path in GOLDEN.iterdir() if not path.name.startswith("json_ld")]
    assert [path.name for path in others if JsonLdImporter().identify(path)] == []
    (tmp_path / "page.html").write_text("<html><script>var x = 1</script></html>")
    assert not JsonLdImporter().identify(tmp_path / "page.html")


def test_a_page_that_is_not_utf8_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b'<script type="application/ld+json">{"name": "Caf\xe9"}</script>')
    with pytest.raises(CatalogueError, match="UTF-8"):
        collect(JsonLdImporter(), tmp_path / "page.html")


def test_deep_or_half_text_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonld"
    for text in ("[" * 100_000, '{"@type": "Product", "name": "\\ud800"}'):
        path.write_text(text, encoding="utf-8")
        products, errors = collect(JsonLdImporter(), path)
        assert products == [] and [(error.row, error.column) for error in errors] == [(1, "(script)")]


def test_no_value_makes_a_traceback(tmp_path: Path) -> None:
    # The page's first script is a product with everything, its second has groups.
    page = (GOLDEN / "json_ld_page.html").read_text(encoding="utf-8").split("ld+json")
    for part in page[1:]:
        whole = json.loads(part[part.index(">") + 1 : part.index("</script>")])
        for changed in damaged(whole):
            collect(JsonLdImporter(), write(tmp_path, changed))


def read_one(folder: Path, node: dict[str, Any]) -> Product:
    products, errors = collect(JsonLdImporter(), write(folder, {"@type": "Product", **node}))
    assert errors == []
    return products[0]


def write(folder: Path, value: object) -> Path:
    path = folder / "products.jsonld"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path
