import csv
import json
from pathlib import Path

import pytest

from retrieval.errors import CatalogueError
from retrieval.importers.openai_feed import OpenAiFeedImporter
from retrieval.schema import Product
from tests.retrieval.feeds import GOLDEN, collect, damaged, expected_errors, expected_products

ITEM = {"item_id": "a", "title": "Pan", "price": "10.00 USD", "availability": "in_stock", "seller_name": "Shop"}


@pytest.mark.parametrize("name", ["openai.csv", "openai_legacy.jsonl"])
def test_feeds_become_the_golden_products(name: str) -> None:
    products, errors = collect(OpenAiFeedImporter(), GOLDEN / name)
    assert products == expected_products(f"{name.partition('.')[0]}.expected.json")
    assert errors == []


def test_tabs_are_as_good_as_commas(tmp_path: Path) -> None:
    with (GOLDEN / "openai.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with (tmp_path / "feed.tsv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(rows)
    assert OpenAiFeedImporter().identify(tmp_path / "feed.tsv")
    assert collect(OpenAiFeedImporter(), tmp_path / "feed.tsv")[0] == expected_products("openai.expected.json")


def test_broken_rows_are_named_and_the_good_ones_kept() -> None:
    products, errors = collect(OpenAiFeedImporter(), GOLDEN / "openai_broken.csv")
    assert [str(error) for error in errors] == expected_errors("openai_broken.csv.expected.txt")
    assert [product.id for product in products] == ["good", "set"]
    assert [error.row for error in errors if error.kept] == [2]


@pytest.mark.parametrize(
    ("price", "sale_price", "expected"),
    [
        ("10 USD", "8 USD", ("$8.00", "$10.00")),
        ("10 USD", None, ("$10.00", "None")),
        ("10 USD", "10 USD", ("$10.00", "None")),
        ("10 USD", "8 EUR", ("$10.00", "None")),
        (None, "8 USD", ("None", "None")),
    ],
)
def test_a_sale_price_is_the_price(
    tmp_path: Path, price: str | None, sale_price: str | None, expected: tuple[str, str]
) -> None:
    product = read(tmp_path, {**ITEM, "price": price, "sale_price": sale_price})[0]
    assert (str(product.price), str(product.list_price)) == expected


def test_rows_of_a_group_need_not_stand_together(tmp_path: Path) -> None:
    rows = [{**ITEM, "item_id": f"{group}{size}", "group_id": group, "size": size} for size in "SM" for group in "xy"]
    products = read(tmp_path, *rows)
    assert [(product.id, [variant.id for variant in product.variants]) for product in products] == [
        ("x", ["xS", "xM"]),
        ("y", ["yS", "yM"]),
    ]
    assert [variant.options for variant in products[0].variants] == [{"size": "S"}, {"size": "M"}]


def test_the_words_that_titles_share_name_the_group(tmp_path: Path) -> None:
    rows = [
        {**ITEM, "item_id": size, "group_id": "tee", "title": f"Loom Tee - {size}", "variant_dict": {"size": size}}
        for size in ("Small", "Large")
    ]
    (product,) = read(tmp_path, *rows)
    assert product.title == "Loom Tee" and [variant.title for variant in product.variants] == [
        "Loom Tee - Small",
        "Loom Tee - Large",
    ]


def test_an_item_alone_in_its_group_is_a_product(tmp_path: Path) -> None:
    (product,) = read(tmp_path, {**ITEM, "group_id": "g", "listing_has_variations": False})
    assert product.id == "a" and product.variants == ()


def test_a_group_with_the_id_of_another_item_is_named(tmp_path: Path) -> None:
    rows = [ITEM, {**ITEM, "item_id": "b", "group_id": "a"}]
    products, errors = collect(OpenAiFeedImporter(), write(tmp_path, *rows))
    assert [product.id for product in products] == ["a"]
    assert [(error.row, error.column) for error in errors] == [(2, "group_id")]


def test_a_mapping_renames(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("item_id,title,cost,seller_name\na,Pan,5,Shop\n")
    products, _ = collect(OpenAiFeedImporter(), path, {"price": "cost", "currency": "=USD"})
    assert str(products[0].price) == "$5.00"
    with pytest.raises(CatalogueError, match="no column 'amount'"):
        collect(OpenAiFeedImporter(), path, {"price": "amount"})


def test_other_feeds_are_not_taken_for_openai_s(tmp_path: Path) -> None:
    others = [path for path in GOLDEN.iterdir() if not path.name.startswith("openai")]
    assert [path.name for path in others if OpenAiFeedImporter().identify(path)] == []
    google = tmp_path / "google.tsv"
    google.write_text("id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\tbrand\titem_group_id\n")
    assert not OpenAiFeedImporter().identify(google)


def test_no_value_makes_a_traceback(tmp_path: Path) -> None:
    lines = (GOLDEN / "openai_legacy.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(lines[0]), {**json.loads(lines[1]), "variant_dict": {"color": "Red"}, "condition": "new"}]
    for changed in damaged(rows):
        if isinstance(changed, list):
            collect(OpenAiFeedImporter(), write(tmp_path, *changed))


def read(folder: Path, *rows: object) -> list[Product]:
    products, errors = collect(OpenAiFeedImporter(), write(folder, *rows))
    assert errors == []
    return products


def write(folder: Path, *rows: object) -> Path:
    path = folder / "feed.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
