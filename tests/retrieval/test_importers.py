import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from retrieval.errors import CatalogueError
from retrieval.importers import find_importer, read_feed
from retrieval.importers.names import make_short_name
from retrieval.schema import Money, Product, ProductTexts, Review, Variant
from tests.retrieval.makers import MakeProduct

GOLDEN = Path(__file__).parent / "golden"


def compare(products: list[Product], golden: Path) -> None:
    expected = [Product.model_validate(entry) for entry in json.loads(golden.read_text(encoding="utf-8"))]
    assert products == expected


@pytest.mark.parametrize("name", ["feed.jsonl", "feed.csv", "feed_semicolon.csv"])
def test_feeds_become_the_golden_products(name: str) -> None:
    products, errors = read_feed(GOLDEN / name)
    compare(products, GOLDEN / "feed.expected.json")
    assert errors == []


def test_a_mapping_renames_and_sets_constants() -> None:
    mapping = {
        "id": "Artikel",
        "title": "Name",
        "price": "Preis",
        "currency": "=EUR",
        "attributes.colour": "Farbe",
        "description": "Text",
    }
    products, errors = read_feed(GOLDEN / "mapped.csv", mapping)
    compare(products, GOLDEN / "mapped.expected.json")
    assert errors == []


@pytest.mark.parametrize("name", ["broken.jsonl", "broken.csv"])
def test_broken_rows_are_named_and_the_good_ones_kept(name: str) -> None:
    products, errors = read_feed(GOLDEN / name)
    assert [product.id for product in products] == ["good-1", "good-2"]
    expected = (GOLDEN / f"{name}.expected.txt").read_text(encoding="utf-8").splitlines()
    assert [str(error) for error in errors] == expected


def test_compressed_feeds_are_read(tmp_path: Path) -> None:
    for name in ("feed.jsonl", "feed.csv"):
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress((GOLDEN / name).read_bytes()))
        compare(read_feed(tmp_path / f"{name}.gz")[0], GOLDEN / "feed.expected.json")


def test_our_own_products_come_back_as_they_were(tmp_path: Path, make_product: MakeProduct) -> None:
    texts = {
        "en": ProductTexts(title="Trail Boots", short_name="Trail Boots", attributes={"Material": "Suede"}),
        "zh": ProductTexts(title="越野靴", short_name="越野靴"),
    }
    money = Money(amount=Decimal("149.00"), currency="USD")
    variants = (Variant(id="B1-39", title="39", options={"size": "39"}, price=money, stock=3),)
    boots = Product(
        id="B1", texts=texts, price=money, variants=variants, rating=4.5, reviews=(Review(rating=1, text="No."),)
    )
    written = [boots, make_product("B2", price=None)]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(product.model_dump_json() for product in written), encoding="utf-8")
    assert read_feed(path) == (written, [])


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"price": {"amount": "-1", "currency": "USD"}}, "price"),
        ({"price": {"amount": "NaN", "currency": "USD"}}, "price.amount"),
        ({"texts": {}}, "texts"),
        ({"id": " "}, "id"),
        ({"colour": "red"}, "colour"),
        ({"stock": -1}, "stock"),
    ],
)
def test_our_own_form_is_checked_as_well(
    tmp_path: Path, make_product: MakeProduct, change: dict[str, object], column: str
) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps({**make_product("A").model_dump(mode="json"), **change}) + "\n", encoding="utf-8")
    products, errors = read_feed(path)
    assert products == [] and [(error.row, error.column) for error in errors] == [(1, column)]


def test_bytes_that_are_not_utf8_lose_their_row_only(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes("id,title\n1,Good\n2,Caf\xe9\n3,Fine\n".encode("latin-1"))
    (tmp_path / "f.jsonl").write_bytes(
        b'{"id": 1, "title": "Good"}\n{"id": 2, "title": "\xe9"}\n{"id": 3, "title": "F"}\n'
    )
    for name, row, column in (("f.csv", 3, "title"), ("f.jsonl", 2, "(row)")):
        products, errors = read_feed(tmp_path / name)
        assert [product.id for product in products] == ["1", "3"]
        assert [(error.file, error.row, error.column) for error in errors] == [(name, row, column)]
        assert "UTF-8" in errors[0].message


def test_text_that_is_no_unicode_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text('{"id": "1", "title": "half \\ud800"}\n' + "[" * 100_000 + "\n", encoding="utf-8")
    products, errors = read_feed(path)
    assert products == [] and [error.row for error in errors] == [1, 2]


def test_an_excel_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes("\ufeffid,title\n1,Kettle\n".encode())
    assert [product.id for product in read_feed(path)[0]] == ["1"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"name,price\nKettle,5\n"])
def test_a_table_without_the_needed_columns_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=r"column 'id'|no header") if content else pytest.raises(CatalogueError):
        read_feed(path)


def test_a_wrong_mapping_lists_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,title\n1,Kettle\n")
    with pytest.raises(CatalogueError, match="There are: id, title"):
        read_feed(path, {"prize": "title"})
    with pytest.raises(CatalogueError, match=r"no column 'cost'.*Columns: id, title"):
        read_feed(path, {"price": "cost"})


def test_an_unknown_format_lists_the_known(tmp_path: Path) -> None:
    (tmp_path / "feed.docx").write_bytes(b"PK")
    with pytest.raises(CatalogueError, match="jsonl, csv"):
        find_importer(tmp_path / "feed.docx")
    with pytest.raises(CatalogueError, match="no file"):
        find_importer(tmp_path / "missing.csv")


def test_a_cut_off_archive_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "1", "title": "Kettle"}\n' * 1000)[:-20])
    with pytest.raises(CatalogueError, match=r"feed\.jsonl\.gz cannot be read to its end"):
        read_feed(path)


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Kettle", "Kettle"),
        ("Lexmark E250, E35X 3.5K RP Toner Cartridge Original", "Lexmark E250"),
        ("Linksys Power Supply for Small Business VoIP", "Linksys Power Supply"),
        ("Dragonbreath #1", "Dragonbreath #1"),
        ("The Book of Dragons: An Anthology", "The Book of Dragons"),
        ("极光中帮登山靴 防水透气 男女通用", "极光中帮登山靴"),
        (",儿童神奇水画布儿童乐练七彩水写书画布", "儿童神奇水画布儿童乐练七"),
        ("!!!", "!!!"),
    ],
)
def test_short_names_are_short(title: str, short: str) -> None:
    assert make_short_name(title) == short and len(short.split()) <= 5


def test_html_in_texts_becomes_plain(tmp_path: Path) -> None:
    row = {"id": "1", "title": "Kettle &amp; <b>Mug</b><br>Set", "description": "<p>One</p><p>Two</p>"}
    (tmp_path / "f.jsonl").write_text(json.dumps({**row, "attributes": {"care": "Wash<br>cold"}}))
    (tmp_path / "f.csv").write_text(
        'id,title,description,attributes.care\n1,"{title}","{description}",Wash<br>cold\n'.format(**row)
    )
    for name in ("f.jsonl", "f.csv"):
        (product,), errors = read_feed(tmp_path / name)
        assert errors == [] and product.title == "Kettle & Mug Set" and product.attributes == {"care": "Wash\ncold"}
        assert product.text("en").description == "One\nTwo"


def test_further_fields_of_flat_rows(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "id,title,price,list_price,currency,mpn,condition,additional_image_link\n"
        '1,Kettle,5,8,USD,K-5,Refurbished,"a.jpg, b.jpg"\n2,Mug,5,8,USD,,odd,\n'
    )
    (kettle,), errors = read_feed(tmp_path / "f.csv")
    assert str(kettle.list_price) == "$8.00" and (kettle.mpn, kettle.condition) == ("K-5", "refurbished")
    assert kettle.more_images == ("a.jpg", "b.jpg")
    assert [(error.row, error.column) for error in errors] == [(3, "condition")]


def test_variants_of_a_flat_row(tmp_path: Path) -> None:
    variants = [
        {"id": "1a", "options": {"size": 39, "colour": "red"}, "price": 12, "list_price": 15, "stock": 2, "sku": "S1"},
        {"id": "1b", "title": "Black", "price": "10 USD", "currency": "USD", "stock": 3, "link": "/b"},
    ]
    row = {"id": "1", "title": "Boots", "currency": "USD", "variants": variants}
    (tmp_path / "f.jsonl").write_text(json.dumps(row))
    (boots,), errors = read_feed(tmp_path / "f.jsonl")
    assert errors == [] and str(boots.price) == "$10.00" and boots.stock == 5 and boots.list_price is None
    assert boots.variants[0] == Variant(
        id="1a",
        title="39 / red",
        options={"size": "39", "colour": "red"},
        price=Money(amount=Decimal(12), currency="USD"),
        list_price=Money(amount=Decimal(15), currency="USD"),
        stock=2,
        sku="S1",
    )
    assert boots.variants[1].title == "Black" and boots.variants[1].link == "/b"


@pytest.mark.parametrize(
    ("variants", "column"),
    [
        (3, "variants"),
        (["S", "M"], "variants[0]"),
        ([{"title": "S"}], "variants[0].id"),
        ([{"id": "1"}, {"id": "2", "price": "x USD"}], "variants[1].price"),
        ([{"id": "1", "colour": "red"}], "variants[0].colour"),
        ([{"id": "1", "options": ["red"]}], "variants[0].options"),
        ([{"id": "1"}, {"id": "1"}], "variants"),
        ([{"id": "1", "price": "1 USD"}, {"id": "2", "price": "1 EUR"}], "variants"),
    ],
)
def test_broken_variants_are_named(tmp_path: Path, variants: object, column: str) -> None:
    (tmp_path / "f.jsonl").write_text(json.dumps({"id": "1", "title": "Boots", "currency": "", "variants": variants}))
    products, errors = read_feed(tmp_path / "f.jsonl")
    assert products == [] and [error.column for error in errors] == [column]
