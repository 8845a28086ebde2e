import gzip
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from retrieval.errors import CatalogueError, UnknownName
from retrieval.exporters import EXPORTERS, load_exporter
from retrieval.exporters.files import open_output
from retrieval.importers import read_feed
from retrieval.schema import Money, Product, ProductTexts, Review, Variant


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def plain(**fields: Any) -> Product:
    """Make a product of what every format can hold."""
    texts = ProductTexts(
        title='Copper "Whistling" Kettle, 1.5 l',
        short_name="Copper Kettle",
        description="Boils < 3 minutes & whistles;\n\tfor gas, 100% safe.",
    )
    given: dict[str, Any] = {
        "id": "K/1",
        "texts": {"en": texts},
        "brand": "Ember & Line",
        "department": "Home, Garden",
        "category": "Kettles",
        "price": usd("49.90"),
        "list_price": usd("59.9"),
        "attributes": {"material": "copper", "Lid, knob": 'wood "oiled"', "Voltage": "12:24", "capacity": "1.5 l"},
        "image": "https://shop.example/a,b.jpg",
        "more_images": ("https://shop.example/c.jpg", "https://shop.example/d,e.jpg"),
        "link": "https://shop.example/k?a=1&b=2",
        "gtin": "0745883570867",
        "mpn": "EMB-K15",
        "condition": "refurbished",
    }
    return Product(**{**given, **fields})


def variant(number: str, **fields: Any) -> Variant:
    given: dict[str, Any] = {
        "id": f"K/1-{number}",
        "title": f"{number} / red",
        "options": {"size": number, "Colour of lid": "red" if number == "1" else "black"},
        "price": usd("10.00"),
        "stock": 0,
        "image": f"https://shop.example/{number}.jpg",
        "link": f"https://shop.example/k?v={number}",
        "mpn": f"M{number}",
        "gtin": "4006381333931",
    }
    return Variant(**{**given, **fields})


def with_variants(**fields: Any) -> Product:
    red, black = variant("1", list_price=usd("15.00")), variant("2", title="2 / black", price=usd("12.00"))
    own: dict[str, Any] = {"variants": (red, black), "price": usd("10.00"), "list_price": usd("15.00"), "stock": 0}
    follows = {"image": red.image, "link": red.link, "gtin": None, "mpn": None}
    return plain(**{**own, **follows, **fields})


def there_and_back(name: str, products: list[Product], folder: Path, mapping: dict[str, str] | None = None) -> Any:
    exporter = load_exporter(name)
    path = folder / f"feed{exporter.suffix}"
    exporter.write(products, path)
    found, errors = read_feed(path, mapping)
    assert errors == []
    return found


BARE = plain(id="bare", **dict.fromkeys(set(Product.model_fields) - {"id", "texts", "language", "attributes", "more_images", "variants", "reviews"}), attributes={}, more_images=())  # fmt: skip
ZH = plain(id="zh", language="zh", texts={"zh": ProductTexts(title="铜制鸣笛水壶", short_name="铜水壶", description="燃气可用")})  # fmt: skip
DE = plain(id="de", language="de", texts={"de": ProductTexts(title="Kupferkessel", short_name="Kessel")})
RATED = plain(id="rated", rating=4.5, rating_count=12, stock=7)
SOLD_OUT = plain(id="gone", stock=0, price=usd("1234567.123456"), list_price=None)
COMING = plain(id="soon", attributes={"availability": "preorder"})
UNCOUNTED = with_variants(id="V3", stock=None, list_price=None, variants=(variant("1"), variant("2", stock=None, title="2 / black")))  # fmt: skip

HELD: dict[str, list[Product]] = {
    "jsonl": [
        plain(texts={"en": ProductTexts(title="A <b> tag ", short_name="A", attributes={"x": "y"}), "zh": ProductTexts(title="水壶", short_name="水壶")}),
        with_variants(id="V", reviews=(Review(rating=2, text="Leaks.", language="de"),), stock=3, list_price=usd("1")),
        *(BARE, ZH, DE, RATED, SOLD_OUT, COMING),
    ],
    "csv": [plain(), BARE, ZH, DE, RATED, SOLD_OUT, COMING, plain(id="dep", category=None)],
    "google-xml": [plain(), BARE, SOLD_OUT, COMING, with_variants(id="V"), with_variants(id="V2", variants=(variant("3", title="3", options={"size": "3"}),), price=usd("10.00"), list_price=None, image=variant("3").image, link=variant("3").link, attributes={})],
    "google-tsv": [plain(attributes={"material": "copper", "Lid, knob": 'wood "oiled"', "Voltage": "12:24"}), BARE, SOLD_OUT, COMING, with_variants(id="V"), UNCOUNTED],
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_what_a_format_holds_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    products = HELD[name]
    if name.startswith("google"):
        for product in products:  # A variant's number is the feed's, so each product goes alone.
            assert there_and_back(name, [product], tmp_path) == [product]
    else:
        assert there_and_back(name, products, tmp_path) == products


def test_a_google_feed_tells_its_language(tmp_path: Path) -> None:
    assert there_and_back("google-xml", [DE], tmp_path) == [DE]
    assert there_and_back("google-tsv", [DE], tmp_path, {"language": "=de"}) == [DE]
    assert there_and_back("google-tsv", [ZH], tmp_path) == [ZH]


def lost_in_any_flat_format() -> Iterator[tuple[str, Product]]:
    english = plain().texts["en"]
    yield "reviews", plain(reviews=(Review(rating=5, text="Good."),))
    yield "texts", plain(texts={"en": english, "de": ProductTexts(title="Kessel", short_name="Kessel")})
    yield "texts", plain(texts={"en": english.model_copy(update={"attributes": {"Material": "Copper"}})})
    yield "texts", plain(texts={"en": english.model_copy(update={"description": "a <b> tag"})})
    yield "category", plain(category="Kettles > Small")


def lost_in_google() -> Iterator[tuple[str, Product]]:
    yield "stock", plain(stock=7)
    yield "rating", plain(rating=4.5)
    yield "rating_count", plain(rating_count=3)
    yield "department", plain(category=None)
    yield "list_price", plain(price=None)
    yield "list_price", plain(list_price=usd("3"))
    yield "stock", with_variants(stock=5)
    yield "gtin", with_variants(gtin="0745883570867")
    yield "mpn", with_variants(mpn="X")
    yield "list_price", with_variants(list_price=None)
    yield "image", with_variants(image="https://shop.example/own.jpg")
    yield "link", with_variants(link="https://shop.example/own")
    yield "variants", with_variants(variants=(variant("1", list_price=usd("15.00")), variant("2", sku="S")))
    yield "variants", with_variants(variants=(variant("1", list_price=usd("15.00"), title="Best"), variant("2")))
    same = {"Colour of lid": "red"}
    one, two = variant("1", options={**same, "size": "1"}), variant("2", options={**same, "size": "2"}, title="2 / red")
    yield "attributes", with_variants(variants=(one, two), list_price=None)
    yield "attributes", with_variants(variants=(variant("1"),), list_price=None)


LOST = [
    *(("csv", field, product) for field, product in lost_in_any_flat_format()),
    ("csv", "variants", with_variants()),
    *(
        (name, field, product)
        for name in ("google-xml", "google-tsv")
        for field, product in (*lost_in_any_flat_format(), *lost_in_google())
    ),
    ("google-tsv", "language", DE),
    ("google-tsv", "attributes", plain(attributes={"Voltage: low": "12"})),
]


@pytest.mark.parametrize(("name", "field", "product"), LOST)
def test_what_a_format_cannot_hold_is_what_its_docstring_says(
    name: str, field: str, product: Product, tmp_path: Path
) -> None:
    (found,) = there_and_back(name, [product], tmp_path)
    assert getattr(found, field) != getattr(product, field)
    assert found.id == product.id


def test_texts_that_xml_forbids_do_not_break_the_feed(tmp_path: Path) -> None:
    texts = {"en": ProductTexts(title="Ket\x00tle\x0b \ufffe]]>", short_name="Kettle", description="a\rb")}
    (found,) = there_and_back("google-xml", [plain(texts=texts)], tmp_path)
    assert found.title == "Kettle ]]>" and found.text("en").description == "a\rb"


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_empty_shop_makes_a_file(name: str, tmp_path: Path) -> None:
    exporter = load_exporter(name)
    path = tmp_path / f"feed{exporter.suffix}"
    exporter.write([], path)
    assert path.is_file() and list(tmp_path.iterdir()) == [path]


def test_a_file_is_packed_when_its_name_says_so(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl.gz"
    load_exporter("jsonl").write([plain()], path)
    assert gzip.decompress(path.read_bytes()).startswith(b'{"id":"K/1"')
    assert read_feed(path) == ([plain()], [])
    first = path.read_bytes()
    load_exporter("jsonl").write([plain()], path)
    assert path.read_bytes() == first


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("old")

    def products() -> Iterator[Product]:
        yield plain()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        load_exporter("csv").write(products(), path)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"missing/feed\.csv cannot be written"), open_output(tmp_path / "missing" / "feed.csv"):  # fmt: skip
        pass


def test_an_unknown_format_lists_the_known() -> None:
    with pytest.raises(UnknownName, match="jsonl, csv, google-xml, google-tsv"):
        load_exporter("pdf")
