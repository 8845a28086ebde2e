"""What the words of a query do to a search, and what the shop's own hand does."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from retrieval.encoders import HashingEncoder
from retrieval.errors import ProductNotFound, UnknownName, WeightsError
from retrieval.indexing import build_index
from retrieval.merchandising import MERCHANDISING_FILE
from retrieval.ranking.fit import FIT_FILE, QueryFit
from retrieval.ranking.model import LearnedRanker
from retrieval.ranking.ranker import Ranker, load_ranker_named
from retrieval.schema import Encoder, Filters, Hit, Product, Query
from retrieval.search import Catalogue, open_catalogue
from tests.retrieval.makers import MakeProduct, MakeShop


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.product.id for hit in hits]


@pytest.fixture
def shelf(make_product: MakeProduct) -> list[Product]:
    jackets = [
        make_product(
            f"J{number}",
            f"{colour.title()} {kind} Jacket with {extra}",
            str(20 * number + 20),
            brand=brand,
            category="Jackets",
            attributes={"color": colour},
        )
        for number, (colour, kind, extra, brand) in enumerate(
            [
                ("black", "Rain", "hood", "Ashby"),
                ("red", "Rain", "pockets", "Brill"),
                ("black", "Wool", "belt", "Corvo"),
                ("blue", "Down", "collar", "Ashby"),
                ("green", "Denim", "buttons", "Brill"),
            ]
        )
    ]
    sofas = [make_product(f"S{number}", f"{name} Sofa", "500", category="Sofas") for number, name in enumerate("ABC")]
    return [*jackets, *sofas, make_product("T1", "Trout Fishing Rod", "80", category="Rods")]


@pytest.fixture
def shop(make_shop: MakeShop, shelf: list[Product]) -> Catalogue:
    return make_shop(shelf)


def test_a_price_in_the_words_is_a_limit(shop: Catalogue) -> None:
    assert set(ids(shop.search(Query(text="jacket under 60")))) == {"J0", "J1", "J2"}
    dear = ids(shop.search(Query(text="jacket over $90")))
    assert dear and "J4" in dear and all(found not in dear for found in ("J0", "J1", "J2", "J3", "T1"))


def test_the_limits_of_the_query_go_before_those_of_its_words(shop: Catalogue) -> None:
    strict = Filters(max_price=Decimal(30))
    assert ids(shop.search(Query(text="jacket under 100", filters=strict))) == ["J0"]


def test_limits_alone_show_the_best_rated_inside_them(shop: Catalogue) -> None:
    assert set(ids(shop.search(Query(text="under 50")))) == {"J0", "J1"}


def test_what_is_not_wanted_does_not_come(shop: Catalogue) -> None:
    found = ids(shop.search(Query(text="rain jacket not black")))
    assert found[0] == "J1" and not {"J0", "J2"} & set(found)


def test_a_slip_of_the_keyboard_finds_what_was_meant(shop: Catalogue) -> None:
    assert ids(shop.search(Query(text="jaket", k=5))) == ids(shop.search(Query(text="jacket", k=5)))


def test_the_cheaper_of_equals_comes_first_where_cheap_is_asked_for(
    make_shop: MakeShop, make_product: MakeProduct
) -> None:
    shop = make_shop([make_product(f"L{n}", f"Lamp {name}", str(70 + 20 * n)) for n, name in enumerate(["one", "two"])])
    assert ids(shop.search(Query(text="lamp", k=2))) == ["L1", "L0"]
    assert ids(shop.search(Query(text="cheap lamp", k=2))) == ["L0", "L1"]


def test_a_kind_inside_a_longer_query_is_no_product_name(make_shop: MakeShop, make_product: MakeProduct) -> None:
    creams = [make_product(f"C{number}", f"Hand Cream {word}") for number, word in enumerate(["rose", "oat", "fig"])]
    shop = make_shop([make_product("bare", "Hand Cream"), *creams, make_product("N1", "Night Cream")])
    stages = {hit.product.id: hit.stage for hit in shop.search(Query(text="hand cream with oat"))}
    assert stages["bare"] == "fused"
    assert shop.search(Query(text="hand cream"))[0].stage == "named"


def test_never_show_is_obeyed_on_every_way_to_a_product(shop: Catalogue, tmp_path: Path) -> None:
    queries = [Query(text=text) for text in ("rain jacket", "J1", "red rain jacket with pockets", "", "under 1000")]
    queries.append(Query(text="jacket", filters=Filters(brand="Brill")))
    assert all("J1" in ids(shop.search(query)) for query in queries)
    (tmp_path / MERCHANDISING_FILE).write_text('[never_show]\nbrands = ["brill"]\n', encoding="utf-8")
    for query in queries:
        found = ids(shop.search(query))
        assert not {"J1", "J4"} & set(found), query
        assert found or query.filters.brand, query
    with pytest.raises(ProductNotFound, match="isn't shown"):
        shop.get_product("J1")


def test_pinned_first_buried_last_and_at_once(shop: Catalogue, tmp_path: Path) -> None:
    before = ids(shop.search(Query(text="jacket")))
    rules = '[[pin]]\nquery = "jacket"\nproducts = ["T1"]\n[[bury]]\nbrands = ["Ashby"]\nquery = "jacket"\n'
    (tmp_path / MERCHANDISING_FILE).write_text(rules, encoding="utf-8")
    after = shop.search(Query(text="jacket"))
    assert (after[0].product.id, after[0].stage) == ("T1", "pinned")
    assert set(ids(after)[-2:]) == {"J0", "J3"} and set(before) <= set(ids(after))
    (tmp_path / MERCHANDISING_FILE).unlink()
    assert ids(shop.search(Query(text="jacket"))) == before


def test_a_synonym_of_the_shop_finds_what_it_means(shop: Catalogue, tmp_path: Path) -> None:
    lexical = shop.rank("chesterfield", 3, "lexical")
    (tmp_path / MERCHANDISING_FILE).write_text('[[synonyms]]\nwords = ["chesterfield", "sofa"]\n', encoding="utf-8")
    assert lexical == [] and set(ids(shop.search(Query(text="chesterfield", k=3)))) == {"S0", "S1", "S2"}
    assert "T1" not in ids(shop.search(Query(text="chesterfield", k=3)))


@pytest.fixture
def shipped() -> Ranker:
    ranker = load_ranker_named("learned")
    assert ranker
    return ranker


def with_ranker(store: Path, shelf: Sequence[Product], ranker: Ranker, encoder: Encoder) -> Catalogue:
    build_index(shelf, store, encoder)
    return open_catalogue(store, encoder, ranker=ranker)


def for_any_encoder(ranker: Ranker, threshold: float) -> Ranker:
    """The same trees, as if they had been trained with the hashing encoder, and a chosen threshold."""
    trees = LearnedRanker(ranker.trees._pointwise, ranker.trees._listwise, "hashing")
    fit = QueryFit(ranker.fit.mean, ranker.fit.scale, ranker.fit.weights, ranker.fit.bias, threshold)
    return Ranker(trees, fit)


def test_the_ranker_orders_and_nothing_is_shown_where_nothing_fits(
    tmp_path: Path, shelf: list[Product], shipped: Ranker
) -> None:
    shop = with_ranker(tmp_path / "a", shelf, for_any_encoder(shipped, 0.0), HashingEncoder())
    hits = shop.search(Query(text="red jacket with pockets"))
    assert (hits[0].product.id, hits[0].stage) == ("J1", "ranked") and shop.fits("red jacket")
    strict = open_catalogue(tmp_path / "a", HashingEncoder(), ranker=for_any_encoder(shipped, 1.0))
    assert strict.search(Query(text="diesel generator")) == [] and not strict.fits("diesel generator")
    # A product that is named is shown all the same, and so is anything for a wish that names no thing.
    assert strict.search(Query(text="red rain jacket with pockets"))[0].stage == "named"
    assert strict.search(Query(text="a gift for my father")) != []
    assert set(strict.rank("diesel generator", 3, "reranked")) <= {product.id for product in shelf}


def test_another_encoder_than_the_rankers_own_is_not_ranked_by_it(
    tmp_path: Path, shelf: list[Product], shipped: Ranker
) -> None:
    shop = with_ranker(tmp_path, shelf, shipped, HashingEncoder())
    assert {hit.stage for hit in shop.search(Query(text="red jacket"))} == {"fused"}


def test_rankers_by_name(tmp_path: Path) -> None:
    assert load_ranker_named("none") is None
    with pytest.raises(UnknownName, match=r"no ranker called 'magic'\. Choose learned, none, or a folder"):
        load_ranker_named("magic")
    (tmp_path / FIT_FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(WeightsError, match="train it anew"):
        load_ranker_named(str(tmp_path))


def test_the_real_encoder_and_ranker_tell_what_the_shop_lacks(
    tmp_path: Path, shelf: list[Product], shipped: Ranker, minilm: Encoder
) -> None:
    shop = with_ranker(tmp_path, shelf, shipped, minilm)
    assert shop.search(Query(text="rain jacket"))[0].product.category == "Jackets"
    assert shop.search(Query(text="diesel generator")) == []
