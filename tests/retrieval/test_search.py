import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.encoders import HashingEncoder
from retrieval.errors import ProductNotFound
from retrieval.indexing import build_index
from retrieval.schema import Encoder, Filters, Hit, Money, Product, ProductTexts, Query
from retrieval.search import Catalogue, open_catalogue
from tests.retrieval.makers import MakeProduct, MakeShop


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.product.id for hit in hits]


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


@pytest.fixture(scope="module")
def large_shop(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Six thousand kettles, each a little further from 'steel kettle' than the one before."""
    store = tmp_path_factory.mktemp("large")

    def kettle(number: int) -> Product:
        title = "Steel Kettle" + " with lid" * (number // 500)
        texts = {"en": ProductTexts(title=title, short_name=f"K {number}")}
        return Product(id=f"K{number}", texts=texts, price=usd(str(100 + number)), stock=1, category="Kettles")

    build_index([kettle(number) for number in range(6000)], store, HashingEncoder())
    return open_catalogue(store, HashingEncoder())


def test_the_only_admissible_product_is_found_at_rank_5000(large_shop: Catalogue) -> None:
    everything = ids(large_shop.search(Query(text="steel kettle", k=1000)))
    assert "K5400" not in everything
    only = Filters(min_price=Decimal(5500), max_price=Decimal(5500))
    assert ids(large_shop.search(Query(text="steel kettle", filters=only, k=4))) == ["K5400"]
    # Also where the index knows one of the limits itself.
    both = only.model_copy(update={"category": "kettles"})
    assert ids(large_shop.search(Query(text="steel kettle", filters=both, k=4))) == ["K5400"]


def test_too_few_inside_the_wide_search_are_filled_up(large_shop: Catalogue) -> None:
    dear = Filters(min_price=Decimal(5000))
    found = large_shop.search(Query(text="steel kettle", filters=dear, k=20))
    assert len(set(ids(found))) == 20 and all(dear.admit(hit.product) for hit in found)


@pytest.fixture
def shelf(make_product: MakeProduct) -> list[Product]:
    chinese = {"zh": ProductTexts(title="极光登山靴 防水", short_name="极光登山靴")}
    boots = make_product("BT-100", "Aurora Hiking Boots", "120", category="Hiking boots", rating=4.7, rating_count=80)
    return [
        boots.model_copy(update={"texts": {**boots.texts, **chinese}}),
        make_product("BT-200", "Cheap Hiking Boots", "40", category="Hiking boots", stock=0, rating=3.0),
        make_product("SO-300", "Wool Socks", "12", category="Socks", stock=5, rating=4.9, rating_count=500),
        make_product("SO-301", "Warm Wool Socks Twin Pack", "20", category="Socks", stock=5, attributes={"size": "M"}),
        make_product("zh-1", "登山杖", "30"),
        make_product("KE-400", "Kettle", None, description="Boils water for tea on a hike."),
    ]


@pytest.fixture
def shop(make_shop: MakeShop, shelf: list[Product]) -> Catalogue:
    return make_shop(shelf)


def test_both_retrievers_are_fused(shop: Catalogue) -> None:
    hits = shop.search(Query(text="hiking boots for women", k=2))
    assert set(ids(hits)) == {"BT-100", "BT-200"} and {hit.stage for hit in hits} == {"fused"}
    assert hits[0].score >= hits[1].score > 0


def test_every_hit_is_inside_the_limits(shop: Catalogue, shelf: list[Product]) -> None:
    for filters in (
        Filters(max_price=Decimal(40)),
        Filters(in_stock=True),
        Filters(category="SOCKS", attributes={"Size": "m"}),
        Filters(min_rating=4.8),
        Filters(brand="Nobody"),
    ):
        expected = {product.id for product in shelf if filters.admit(product)}
        found = ids(shop.search(Query(text="warm wool socks and hiking boots", filters=filters)))
        assert set(found) <= expected, filters
        assert bool(found) == bool(expected), filters


def test_the_store_has_the_last_word(shop: Catalogue) -> None:
    limit = Filters(max_price=Decimal(50), in_stock=True)
    assert "BT-100" not in ids(shop.search(Query(text="aurora hiking boots", filters=limit)))
    shop.set_price_and_stock("BT-100", usd("45"), 2)
    hit = shop.search(Query(text="aurora hiking boots", filters=limit))[0]
    assert (hit.product.id, hit.product.price, hit.product.stock) == ("BT-100", usd("45"), 2)
    shop.set_price_and_stock("BT-100", usd("45"), 0)
    assert "BT-100" not in ids(shop.search(Query(text="aurora hiking boots", filters=limit)))


def test_unknown_price_is_left_out_by_a_price_limit_only(shop: Catalogue) -> None:
    assert "KE-400" in ids(shop.search(Query(text="kettle for tea")))
    assert "KE-400" not in ids(shop.search(Query(text="kettle for tea", filters=Filters(max_price=Decimal(1000)))))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("SO-301", "SO-301"),
        ("is so-301 in stock?", "SO-301"),
        ("zh-1", "zh-1"),
        ("tell me about the aurora hiking boots please", "BT-100"),
        ("WOOL SOCKS", "SO-300"),
        ("warm wool socks twin pack", "SO-301"),
        ("极光登山靴有货吗", "BT-100"),
        ("Kettle", "KE-400"),
    ],
)
def test_ids_and_names_are_found(shop: Catalogue, text: str, first: str) -> None:
    hit = shop.search(Query(text=text))[0]
    assert (hit.product.id, hit.stage) == (first, "named")


def test_a_named_product_outside_the_limits_is_no_hit(shop: Catalogue) -> None:
    assert "BT-100" not in ids(shop.search(Query(text="BT-100", filters=Filters(max_price=Decimal(50)))))


def test_no_product_comes_twice(shop: Catalogue) -> None:
    found = ids(shop.search(Query(text="wool socks SO-300")))
    assert len(found) == len(set(found))


def test_chinese_is_left_to_the_words(make_shop: MakeShop, shelf: list[Product]) -> None:
    class Strict(HashingEncoder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            assert all(self.reads(text) for text in texts), texts
            return super().encode(texts)

    shop = make_shop(shelf, encoder=Strict())
    assert ids(shop.search(Query(text="登山", language="zh"))) == ["zh-1", "BT-100"]
    # A product without a readable text has no vector and must not break a search among the admitted.
    assert "zh-1" not in ids(shop.search(Query(text="boots", filters=Filters(max_price=Decimal(35)))))


@pytest.mark.parametrize("text", ["", "   ", "🥾", "?!"])
def test_without_words_the_best_rated_inside_the_limits_come(shop: Catalogue, text: str) -> None:
    hits = shop.search(Query(text=text, filters=Filters(in_stock=True)))
    assert ids(hits) == ["SO-300", "SO-301"] and hits[0].stage == "best_rated"


@pytest.mark.parametrize("text", ["🥾🥾", "?!", "\x00", "ᚠᛇᚻ", "x" * 100_000, "登" * 100_000, "%_' OR 1=1 --"])
def test_odd_queries_find_nothing_or_something_but_never_fail(shop: Catalogue, text: str) -> None:
    assert all(isinstance(hit, Hit) for hit in shop.search(Query(text=text, k=3)))


def test_products_are_got_by_id(shop: Catalogue) -> None:
    assert shop.get_product("SO-300").title == "Wool Socks"
    with pytest.raises(ProductNotFound):
        shop.get_product("nope")


class ByLength:
    """Prefers the longest text; remembers what it read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        self.read = list(texts)
        return [float(len(text)) for text in texts]


def test_a_reranker_has_the_last_say_on_order(make_shop: MakeShop, make_product: MakeProduct) -> None:
    reranker = ByLength()
    mugs = [make_product(f"M{number}", "Blue Mug", description="x" * number) for number in range(60)]
    hits = make_shop(mugs, reranker=reranker).search(Query(text="a mug", k=3))
    assert len(reranker.read) == 50 and hits[0].stage == "reranked"
    assert [hit.score for hit in hits] == sorted((float(len(text)) for text in reranker.read), reverse=True)[:3]


def test_threads_search_while_prices_change(shop: Catalogue) -> None:
    limit = Filters(max_price=Decimal(50))
    failures: list[Exception] = []

    def search() -> None:
        try:
            for _ in range(15):
                hits = shop.search(Query(text="hiking boots", filters=limit))
                assert all(limit.admit(hit.product) for hit in hits)
        except Exception as error:
            failures.append(error)

    def reprice() -> None:
        for number in range(30):
            shop.set_price_and_stock("BT-100", usd("45" if number % 2 else "120"), 1)

    threads = [threading.Thread(target=work) for work in (search, search, search, reprice)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_minilm_finds_what_shares_no_word(tmp_path: Path, make_product: MakeProduct, minilm: Encoder) -> None:
    shelf = [make_product("sofa", "Soft Velvet Sofa"), make_product("drill", "Cordless Drill"), make_product("mug")]
    build_index(shelf, tmp_path, minilm)
    assert ids(open_catalogue(tmp_path, minilm).search(Query(text="comfortable couch", k=1))) == ["sofa"]
