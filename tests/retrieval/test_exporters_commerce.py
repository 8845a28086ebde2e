import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from retrieval.errors import CatalogueError
from retrieval.exporters.acp import AcpExporter
from retrieval.exporters.json_ld import JsonLdExporter
from retrieval.exporters.openai_feed import OpenAiFeedExporter
from retrieval.exporters.shopify import ShopifyExporter
from retrieval.importers.acp import AcpImporter
from retrieval.importers.json_ld import JsonLdImporter
from retrieval.importers.openai_feed import OpenAiFeedImporter
from retrieval.importers.shopify import ShopifyImporter
from retrieval.schema import Exporter, Importer, Money, Product, ProductTexts, Review, Variant
from tests.retrieval.feeds import collect
from tests.retrieval.makers import MakeProduct


def money(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


def tee(color: str, size: str, **fields: object) -> Variant:
    return Variant(
        **{
            "id": f"LT-{color}-{size}",
            "title": f"{color} / {size}",
            "options": {"Color": color, "Size": size, "Cut": "slim"},
            "price": money("20.00"),
            "stock": 3,
            "sku": f"LT-{color}-{size}",
            **fields,
        }
    ).model_copy(update={"title": f"{color} / {size} / slim"})


KETTLE = Product(
    id="kettle",
    texts={
        "en": ProductTexts(
            title="Copper Kettle & Lid",
            short_name="Copper Kettle & Lid",
            description='Whistles <loud>, "really".\nHolds 3 < 4 cups & more; 2 > 1.',
        )
    },
    brand="Emberline",
    department="Home",
    category="Kettles, Hobs",
    price=money("49.90"),
    list_price=money("59.90"),
    stock=4,
    rating=4.6,
    rating_count=12,
    attributes={"Material": "copper, oak", "weight": "900 g", "SKU": "K-1", "tags": "hob, gift", "材质": "铜"},
    reviews=(Review(rating=4, text="Good, <3", language="de"),),
    image="https://shop.example/1.png",
    more_images=("https://shop.example/2.png", "https://shop.example/3,4.png"),
    link="https://shop.example/kettle?a=1&b=2",
    gtin="4006381333931",
    mpn="EM-9",
    condition="new",
)
TEE = Product(
    id="tee",
    texts={"en": ProductTexts(title="Loom Tee", short_name="Loom Tee")},
    category="Shirts",
    price=money("20.00"),
    list_price=money("25.00"),
    stock=3,
    attributes={"Fit": "slim"},
    variants=(
        tee(
            *("Red", "S"),
            list_price=money("25.00"),
            stock=0,
            image="https://shop.example/r.png",
            link="https://shop.example/tee?r",
            gtin="123456789012",
            mpn="M1",
        ),
        tee("Blue", "S", price=money("21.50")),
    ),
    image="https://shop.example/t.png",
    link="https://shop.example/tee",
    condition="used",
)
BOOTS = Product(id="boots", texts={"zh": ProductTexts(title="极光登山靴 防水", short_name="极光登山靴")}, language="zh")
SOON = Product(
    id="soon",
    texts={"en": ProductTexts(title="Enamel Mug", short_name="Enamel Mug")},
    price=money("9"),
    attributes={"availability": "preorder"},
)
PRODUCTS = [KETTLE, TEE, BOOTS, SOON]


def without(products: list[Product], variant: Mapping[str, object], **fields: object) -> list[Product]:
    """Return the products without what a format has no place for."""
    return [
        product.model_copy(
            update={
                **fields,
                "variants": tuple(item.model_copy(update=dict(variant)) for item in product.variants),
            }
        )
        for product in products
    ]


def round_trip(
    products: list[Product],
    exporter: Exporter,
    importer: Importer,
    path: Path,
    mapping: Mapping[str, str] | None = None,
) -> list[Product]:
    exporter.write(products, path)
    assert importer.identify(path)
    found, errors = collect(importer, path, mapping)
    assert errors == []
    return sorted(found, key=lambda product: [item.id for item in products].index(product.id))


def test_json_ld_holds_everything(tmp_path: Path) -> None:
    assert round_trip(PRODUCTS, JsonLdExporter(), JsonLdImporter(), tmp_path / "f.jsonld") == PRODUCTS


def test_json_ld_is_what_search_engines_expect(tmp_path: Path) -> None:
    JsonLdExporter().write([TEE], tmp_path / "f.jsonld")
    found = json.loads((tmp_path / "f.jsonld").read_text(encoding="utf-8"))
    (group,) = found["@graph"]
    assert found["@context"] == "https://schema.org"
    assert group["variesBy"] == ["https://schema.org/color", "https://schema.org/size", "Cut"]
    assert group["hasVariant"][0]["color"] == "Red"
    assert group["hasVariant"][0]["offers"]["availability"] == "https://schema.org/OutOfStock"


def test_shopify_holds_all_but_reviews_and_links(tmp_path: Path) -> None:
    mapping = {"currency": "=USD"}
    found = round_trip(PRODUCTS, ShopifyExporter(), ShopifyImporter(), tmp_path / "f.csv", mapping)
    assert found == without(PRODUCTS, {"link": None}, reviews=(), link=None)


def test_acp_holds_what_its_specification_has_fields_for(tmp_path: Path) -> None:
    found = round_trip(PRODUCTS, AcpExporter(), AcpImporter(), tmp_path / "products.jsonl")
    gone: dict[str, object] = {
        "brand": None,
        "rating": None,
        "rating_count": None,
        "attributes": {},
        "reviews": (),
        "mpn": None,
    }
    expected = without(PRODUCTS, {"sku": None, "mpn": None}, **gone)
    # Only whether there are some is said, so what is there has no number.
    said = {"availability": "in_stock"}
    expected[0] = expected[0].model_copy(update={"stock": None, "attributes": said})
    red, blue = expected[1].variants
    expected[1] = expected[1].model_copy(
        update={"stock": None, "attributes": said, "variants": (red, blue.model_copy(update={"stock": None}))}
    )
    expected[3] = expected[3].model_copy(update={"attributes": {"availability": "preorder"}})
    assert found == expected


@pytest.mark.parametrize("name", ["feed.csv", "feed.tsv", "feed.jsonl", "feed.csv.gz"])
def test_openai_holds_what_its_columns_are_for(tmp_path: Path, name: str) -> None:
    found = round_trip(PRODUCTS, OpenAiFeedExporter("Shop"), OpenAiFeedImporter(), tmp_path / name)
    expected = without(PRODUCTS, {"sku": None}, reviews=())
    said = {"availability": "in_stock"}
    expected[0] = expected[0].model_copy(update={"stock": None, "attributes": {"weight": "900 g", **said}})
    red, blue = expected[1].variants
    # The first row's picture and link stand for the product; the other row shows what the product's were.
    expected[1] = expected[1].model_copy(
        update={
            "stock": None,
            "attributes": said,
            "image": red.image,
            "link": red.link,
            "variants": (
                red.model_copy(update={"image": None, "link": None}),
                blue.model_copy(update={"stock": None, "image": TEE.image, "link": TEE.link}),
            ),
        }
    )
    assert found == expected


def test_the_shop_stands_in_every_row_of_openai_s_feed(tmp_path: Path) -> None:
    OpenAiFeedExporter("Emberline Store", "US", ("US", "CA")).write(PRODUCTS, tmp_path / "f.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "f.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["seller_name"] for row in rows} == {"Emberline Store"}
    assert rows[0]["target_countries"] == ["US", "CA"] and rows[0]["is_eligible_search"] is True
    assert rows[0]["price"] == "59.90 USD" and rows[0]["sale_price"] == "49.90 USD"
    assert rows[1]["variant_dict"] == {"Color": "Red", "Size": "S", "Cut": "slim"} and rows[1]["color"] == "Red"


def test_acp_amounts_are_whole_minor_units(tmp_path: Path, make_product: MakeProduct) -> None:
    yen = make_product("a").model_copy(update={"price": Money(amount=Decimal(1999), currency="JPY")})
    AcpExporter().write([yen], tmp_path / "f.jsonl")
    (line,) = (tmp_path / "f.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["variants"][0]["price"] == {"amount": 1999, "currency": "JPY"}
    with pytest.raises(CatalogueError, match="'b' cannot be written"):
        AcpExporter().write([make_product("b", price="1.005")], tmp_path / "g.jsonl")
    assert not (tmp_path / "g.jsonl").exists()


def test_what_shopify_cannot_hold_is_refused(tmp_path: Path, make_product: MakeProduct) -> None:
    path = tmp_path / "f.csv"
    euros = make_product("b").model_copy(update={"price": Money(amount=Decimal(5), currency="EUR")})
    with pytest.raises(CatalogueError, match="EUR, USD"):
        ShopifyExporter().write([make_product("a"), euros], path)
    many = Variant(id="v", title="V", options=dict.fromkeys("abcd", "1"))
    with pytest.raises(CatalogueError, match="has 4 options"):
        ShopifyExporter().write([make_product("a", variants=(many,))], path)
    twins = tuple(Variant(id=own, title=own, options={"size": "S"}) for own in "xy")
    with pytest.raises(CatalogueError, match="two variants"):
        ShopifyExporter().write([make_product("a", variants=twins)], path)


def test_two_items_of_openai_s_feed_cannot_share_an_id(tmp_path: Path, make_product: MakeProduct) -> None:
    small = Variant(id="S", title="Small", options={"size": "S"})
    products = [make_product(own, variants=(small,)) for own in "ab"]
    with pytest.raises(CatalogueError, match="id 'S'"):
        OpenAiFeedExporter().write(products, tmp_path / "f.csv")
    with pytest.raises(CatalogueError, match="longer than"):
        OpenAiFeedExporter().write([make_product("x" * 101)], tmp_path / "f.csv")


def test_attributes_of_the_same_key_stay_apart_in_shopify_s(tmp_path: Path, make_product: MakeProduct) -> None:
    attributes = {"Fit": "slim", "fit!": "wide", "颜色": "红", "产地": "云南"}
    written = [make_product("a", price=None, attributes=attributes)]
    assert (
        round_trip(written, ShopifyExporter(), ShopifyImporter(), tmp_path / "f.csv", {"currency": "=USD"}) == written
    )
