"""The demo shop's catalogue: complete, bilingual, consistent with itself, and the same every time."""

import re
import subprocess
import sys
from collections import Counter, defaultdict
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest

from retrieval.demo.catalogue import demo_products
from retrieval.demo.display import display_option, display_option_name, display_place
from retrieval.demo.loading import read_departments
from retrieval.errors import CatalogueError
from retrieval.schema import Product

CJK = re.compile(r"[\u4e00-\u9fff]")
PRODUCTS = demo_products()
BY_CATEGORY: dict[str, list[Product]] = defaultdict(list)
for _product in PRODUCTS:
    BY_CATEGORY[_product.category or ""].append(_product)


def amount(product: Product) -> float:
    assert product.price is not None
    return float(product.price.amount)


def gtin_is_valid(gtin: str) -> bool:
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(gtin))
    return len(gtin) == 13 and weighed % 10 == 0


def test_shop_is_large_and_has_every_department() -> None:
    assert len(PRODUCTS) >= 1_400
    assert len({product.department for product in PRODUCTS}) >= 12
    assert len(BY_CATEGORY) >= 120


@pytest.mark.parametrize("category", sorted(BY_CATEGORY))
def test_type_has_enough_products_over_a_wide_price_range(category: str) -> None:
    prices = [amount(product) for product in BY_CATEGORY[category]]
    assert len(prices) >= 6
    assert max(prices) / min(prices) >= 3


def test_ids_and_short_names_are_unique() -> None:
    ids = [product.id for product in PRODUCTS]
    variant_ids = [variant.id for product in PRODUCTS for variant in product.variants]
    for language in ("en", "zh"):
        names = Counter(product.texts[language].short_name.casefold() for product in PRODUCTS)
        assert [name for name, count in names.items() if count > 1] == []
    assert len(set(ids + variant_ids)) == len(ids) + len(variant_ids)


def test_short_names_have_at_most_five_words() -> None:
    assert [product.short_name for product in PRODUCTS if len(product.short_name.split()) > 5] == []


def test_titles_name_the_brand_once() -> None:
    for product in PRODUCTS:
        brand = product.brand or ""
        assert product.title.startswith(brand.split()[0]), product.title
        assert f"{brand} {brand.split()[0]} " not in product.title, product.title


def test_children_are_offered_childrens_sizes() -> None:
    offered = {
        variant.options["size"]
        for product in PRODUCTS
        if product.department == "Clothing" and product.attributes["for"] == "kids"
        for variant in product.variants
    }
    assert offered
    assert offered.isdisjoint({"M", "L", "XL", "XXL", "43–46"})


def test_texts_are_there_in_both_languages() -> None:
    for product in PRODUCTS:
        english, chinese = product.texts["en"], product.texts["zh"]
        assert len(english.description) > 200, product.id
        assert len(chinese.description) > 60, product.id
        assert not CJK.search(english.title + english.description), product.id
        for text in (chinese.title, chinese.short_name, *chinese.description.split("\n\n")):
            assert CJK.search(text), f"{product.id}: {text}"
        assert not re.search(r"[{}]|  |,,|\.\.(?!\.)|。。|，，", english.description + chinese.description), product.id


def test_attributes_are_translated() -> None:
    """A value without a Chinese word is a measure or the name of a standard, written the same in both languages."""
    for product in PRODUCTS:
        assert product.attributes == product.texts["en"].attributes
        assert 4 <= len(product.attributes) <= 7, product.id
        assert "colour" not in product.attributes
        for name, value in product.texts["zh"].attributes.items():
            assert CJK.search(name), f"{product.id}: {name}"
            assert CJK.search(value) or not re.search(r"[a-z]{4}", value), f"{product.id}: {name} {value}"
        for variant in product.variants:
            for name, value in variant.options.items():
                shown = display_option(name, value, "zh")
                assert CJK.search(shown) or not re.search(r"[a-z]{4}", shown), f"{variant.id}: {name} {value}"


def test_attribute_names_are_the_same_across_a_type() -> None:
    for category, products in BY_CATEGORY.items():
        shared = set.intersection(*(set(product.attributes) for product in products))
        assert len(shared) >= 3, category


def test_prices_and_stock_agree_with_the_variants() -> None:
    for product in PRODUCTS:
        assert amount(product) > 0
        assert product.price is not None and product.price.currency == "USD"
        if product.variants:
            assert product.price.amount == min(variant.price.amount for variant in product.variants if variant.price)
            assert product.stock == sum(variant.stock or 0 for variant in product.variants)
        assert all(variant.price and variant.price.amount > 0 for variant in product.variants)


def test_some_things_are_sold_out_and_most_are_not() -> None:
    variants = [variant for product in PRODUCTS for variant in product.variants]
    assert 0.04 < sum(product.stock == 0 for product in PRODUCTS) / len(PRODUCTS) < 0.10
    assert 0.12 < sum(variant.stock == 0 for variant in variants) / len(variants) < 0.18
    assert max(variant.stock or 0 for variant in variants) <= 60


def test_ratings_agree_with_their_reviews() -> None:
    for product in PRODUCTS:
        assert product.rating is not None and product.rating_count is not None
        assert 3 <= len(product.reviews) <= 5
        assert product.rating_count >= len(product.reviews)
        average = sum(review.rating for review in product.reviews) / len(product.reviews)
        assert abs(product.rating - average) <= 0.75, product.id
        assert all((review.language == "zh") == bool(CJK.search(review.text)) for review in product.reviews)


def test_neighbours_read_differently() -> None:
    """Two products side by side share neither their pitch nor the paragraph about their type."""
    pitches = Counter(product.text("en").description.split("\n\n")[0] for product in PRODUCTS)
    assert pitches.most_common(1)[0][1] == 1
    for products in BY_CATEGORY.values():
        for one, other in pairwise(products):
            for language in ("en", "zh"):
                about = [product.text(language).description.split("\n\n")[1] for product in (one, other)]
                assert about[0] != about[1], one.id


def test_gtins_are_valid_and_unique() -> None:
    gtins = [product.gtin or "" for product in PRODUCTS]
    gtins += [variant.gtin or "" for product in PRODUCTS for variant in product.variants]
    assert all(gtin.startswith("2") and gtin_is_valid(gtin) for gtin in gtins)
    assert len(set(gtins)) == len(gtins)


def test_another_process_makes_the_same_products() -> None:
    code = (
        "import hashlib; from retrieval.demo.catalogue import demo_products;"
        "print(hashlib.sha256(''.join(p.model_dump_json() for p in demo_products()).encode()).hexdigest())"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_options_and_places_are_shown_in_the_shoppers_language() -> None:
    assert display_option("colour", "moss", "zh") == "苔藓绿"
    assert display_option("colour", "moss", "en") == "moss green"
    assert display_option("size", "42", "zh") == "42"
    assert display_option("ruling", "plain", "zh") == "空白"
    assert display_option_name("colour", "zh") == "颜色"
    assert display_place("Footwear", "zh") == "鞋履"
    assert display_place("Something else", "zh") == "Something else"


def test_broken_content_is_named_by_file_and_place(tmp_path: Path) -> None:
    (tmp_path / "attic.yaml").write_text("id: attic\nname: {en: Attic, zh: Attic}\ntypes: []\n", "utf-8")
    with pytest.raises(CatalogueError) as raised:
        read_departments(tmp_path)
    message = str(raised.value)
    assert "attic.yaml" in message
    assert "name.zh: Value error, 'Attic' has no Chinese character" in message
    assert "attribute_names: Field required" in message


def test_content_that_is_not_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "attic.yaml").write_text("id: [", "utf-8")
    with pytest.raises(CatalogueError, match=r"attic\.yaml is not YAML"):
        read_departments(tmp_path)


def test_the_same_type_twice_is_refused(tmp_path: Path) -> None:
    footwear = resources.files("retrieval.demo") / "departments" / "footwear.yaml"
    for copy in ("one", "two"):
        (tmp_path / f"{copy}.yaml").write_text(footwear.read_text("utf-8"), "utf-8")
    with pytest.raises(CatalogueError, match="running-shoes"):
        read_departments(tmp_path)
