"""What shoppers call things, learned from what they searched and then clicked, and what a robot can't teach."""

from collections.abc import Iterable

import pytest

from retrieval.recommending.events import MOST_A_DAY
from retrieval.schema import Product, ProductTexts, Query
from retrieval.understanding.query_log import LEAST_PEOPLE, FollowedSearch, QueryLog, learn_query_log
from retrieval.vocabulary import build_vocabulary
from tests.retrieval.makers import MakeProduct, MakeShop

OTHERS = range(LEAST_PEOPLE, 2 * LEAST_PEOPLE)


@pytest.fixture
def shelf(make_product: MakeProduct) -> list[Product]:
    vacuums = [make_product(f"V{number}", f"{name} Vacuum Cleaner") for number, name in enumerate(("Whirl", "Gale"))]
    jackets = [make_product(f"J{number}", f"{name} Rain Jacket") for number, name in enumerate(("Larch", "Alder"))]
    stools = [make_product(f"S{number}", f"{name} Oak Stool") for number, name in enumerate("ABCDEFGH")]
    return [*vacuums, *jackets, *stools]


def followed(words: str, product_id: str, people: Iterable[int] = range(LEAST_PEOPLE)) -> list[FollowedSearch]:
    return [FollowedSearch(words, f"P{person}", 20_000 + person % 3, product_id) for person in people]


def learned(searches: list[FollowedSearch], shelf: list[Product]) -> QueryLog:
    return learn_query_log(searches, {product.id: product for product in shelf}, build_vocabulary(shelf))


def test_a_word_that_the_shop_lacks_means_what_was_clicked(shelf: list[Product]) -> None:
    log = learned([*followed("cordless hoover", "V0"), *followed("hoovers", "V1", OTHERS)], shelf)
    assert set(log.meanings["hoover"]) == {"vacuum", "cleaner"} and log.words["hoover"] == 2 * LEAST_PEOPLE


def test_a_word_of_the_shops_own_needs_no_other_and_counts_by_people(shelf: list[Product]) -> None:
    log = learned(followed("stool", "S0") * 3, shelf)
    assert log.words == {"stool": LEAST_PEOPLE} and log.meanings == {}


def test_what_everything_is_called_is_no_meaning(shelf: list[Product]) -> None:
    # Two of three products are stools: that somebody clicked one says nothing of the word.
    assert learned(followed("tabouret", "S0"), shelf).meanings == {}


def test_a_slip_stays_a_slip_however_many_make_it(shelf: list[Product]) -> None:
    log = learned(followed("jaket", "J0"), shelf)
    assert log == QueryLog()


def test_too_few_people_teach_nothing(shelf: list[Product]) -> None:
    assert learned(followed("hoover", "V0", range(LEAST_PEOPLE - 1)), shelf) == QueryLog()
    # However often they do it.
    assert learned(followed("hoover", "V0", range(LEAST_PEOPLE - 1)) * 50, shelf) == QueryLog()


def test_a_robot_teaches_nothing(shelf: list[Product]) -> None:
    honest = followed("hoover", "V0", range(LEAST_PEOPLE - 1))
    robot = [FollowedSearch("hoover", "robot", 20_001, "V0")] * (MOST_A_DAY + 1)
    assert learned([*honest, *robot], shelf) == QueryLog()
    assert learned([*honest, *robot[:1]], shelf).meanings
    # A crowd of new visitors within one day.
    crowd = [FollowedSearch("hoover", f"new{number}", 20_001, "V0") for number in range(500)]
    assert learned(crowd, shelf) == QueryLog()


def test_products_that_are_gone_teach_nothing(shelf: list[Product]) -> None:
    assert learned(followed("hoover", "X9"), shelf) == QueryLog()


def test_a_chinese_word_means_what_was_clicked() -> None:
    titles = ["旋风吸尘器", "大风吸尘器", *(f"橡木凳子{number}" for number in "一二三四五六七八")]
    shelf = [
        Product(id=f"Z{number}", language="zh", texts={"zh": ProductTexts(title=title, short_name=title)})
        for number, title in enumerate(titles)
    ]
    log = learned([*followed("除尘器", "Z0"), *followed("除尘器", "Z1", OTHERS)], shelf)
    assert log.meanings == {"除尘器": ("吸尘器",)}


def test_a_shop_that_heeds_its_shoppers_finds_by_their_words(make_shop: MakeShop, shelf: list[Product]) -> None:
    shop = make_shop(shelf)
    before = shop.search(Query(text="hoover", k=2))
    log = shop.learn_words([*followed("hoover", "V0"), *followed("hoover", "V1", OTHERS)])
    shop.heed(lambda: log)
    assert {hit.product.id for hit in shop.search(Query(text="hoover", k=2))} == {"V0", "V1"}
    shop.heed(QueryLog)
    assert shop.search(Query(text="hoover", k=2)) == before


def test_a_word_that_many_use_is_not_corrected(make_shop: MakeShop, shelf: list[Product]) -> None:
    shop = make_shop(shelf)
    assert shop.search(Query(text="stoot", k=1))[0].product.id.startswith("S")
    log = shop.learn_words(followed("stoot", "V0"))
    shop.heed(lambda: log)
    assert shop.search(Query(text="stoot", k=1))[0].product.id.startswith("V")
