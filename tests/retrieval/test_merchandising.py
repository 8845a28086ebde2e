import logging
import os
import threading
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from retrieval.merchandising import MERCHANDISING_FILE, Merchandising, check_merchandising
from retrieval.schema import Filters, Hit, Product, Query
from tests.retrieval.makers import MakeProduct, MakeShop

Write = Callable[[str], Merchandising]

DAY = date(2026, 7, 1)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the shop's file; return what watches it, on a day in July."""

    def write(text: str) -> Merchandising:
        (tmp_path / MERCHANDISING_FILE).write_text(text, encoding="utf-8")
        return Merchandising(tmp_path, lambda: DAY)

    return write


@pytest.fixture
def shelf(make_product: MakeProduct) -> list[Product]:
    """Thirty lamps of three brands, in three categories, in the order in which they were found."""
    brands, categories = ("Ashby", "Brill", "Corvo"), ("Desk lamps", "Floor lamps", "Night lights")
    return [
        make_product(
            f"L{number}", f"Lamp {number}", str(10 + number), brand=brands[number % 3], department="Light"
        ).model_copy(update={"category": categories[number // 10]})
        for number in range(30)
    ]


def found(merchandising: Merchandising, shelf: Sequence[Product], query: Query, stage: str = "fused") -> list[str]:
    there = {product.id: product for product in shelf}
    hits = [Hit(product=product, score=1 / (60 + place), stage=stage) for place, product in enumerate(shelf[:25])]
    hits = [hit for hit in hits if query.filters.admit(hit.product)]
    arranged = merchandising.arrange(query, hits, lambda ids: [there[name] for name in ids if name in there])
    return [hit.product.id for hit in arranged.whole()]


def lamp(**limits: object) -> Query:
    return Query(text="lamp", filters=Filters.model_validate(limits))


def test_without_a_file_nothing_moves(tmp_path: Path, shelf: list[Product]) -> None:
    assert found(Merchandising(tmp_path), shelf, lamp()) == [product.id for product in shelf[:25]]


def test_the_pinned_come_first_in_their_order(write: Write, shelf: list[Product]) -> None:
    shop = write('[[pin]]\nquery = "Lamps"\nproducts = ["L28", "gone", "L7", "L0"]')
    # L28 was not among the hits; 'gone' is no product.
    ids = found(shop, shelf, lamp())
    assert ids[:5] == ["L28", "L7", "L0", "L1", "L2"] and len(ids) == len(set(ids)) == 26
    assert found(shop, shelf, Query(text="red lamp"))[0] == "L0"


def test_a_pinned_product_must_be_inside_the_limits(write: Write, shelf: list[Product]) -> None:
    shop = write('[[pin]]\nquery = "lamp"\nproducts = ["L28", "L7"]')
    assert found(shop, shelf, lamp(max_price=Decimal(20)))[:3] == ["L7", "L0", "L1"]
    assert "L28" not in found(shop, shelf, lamp(max_price=Decimal(20)))


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        ("desk lamp", True),
        ("a lamp for the desk", True),
        ("lamp", False),
        ("LAMPS, desk", True),
        ("desktop lamp", False),
    ],
)
def test_a_query_may_contain_the_words(write: Write, shelf: list[Product], text: str, pinned: bool) -> None:
    shop = write('[[pin]]\nquery = "desk lamp"\nmatch = "contains"\nproducts = ["L9"]')
    assert (found(shop, shelf, Query(text=text))[0] == "L9") is pinned


def test_products_are_pinned_where_a_category_is_looked_at(write: Write, shelf: list[Product]) -> None:
    shop = write('[[pin]]\ncategory = "floor lamps"\nproducts = ["L19"]')
    assert found(shop, shelf, Query(text="", filters=Filters(category="Floor Lamps")))[:2] == ["L19", "L10"]
    assert found(shop, shelf, lamp())[0] == "L0"


def test_the_buried_come_last_and_are_still_found(write: Write, shelf: list[Product]) -> None:
    ids = found(write('[[bury]]\nbrands = ["ashby"]\nproducts = ["L1"]'), shelf, lamp())
    buried = [product.id for product in shelf[:25] if product.brand == "Ashby" or product.id == "L1"]
    assert ids[-len(buried) :] == buried and ids[0] == "L2"


def test_what_is_asked_for_by_name_is_not_buried_without_a_query(write: Write, shelf: list[Product]) -> None:
    shop = write('[[bury]]\nproducts = ["L0"]')
    assert found(shop, shelf, lamp(), stage="named")[0] == "L0"
    assert found(shop, shelf, lamp())[-1] == "L0"
    assert found(write('[[bury]]\nquery = "lamp"\nproducts = ["L0"]'), shelf, lamp(), stage="named")[-1] == "L0"


def test_what_is_never_shown_is_never_a_hit(write: Write, shelf: list[Product]) -> None:
    shop = write(
        '[never_show]\nproducts = ["L2"]\nbrands = ["brill"]\ncategories = ["Floor lamps"]\n'
        '[[pin]]\nquery = "lamp"\nproducts = ["L2", "L3"]'
    )
    ids = found(shop, shelf, lamp())
    assert ids[:3] == ["L3", "L0", "L5"]
    assert not {product.id for product in shelf if product.brand == "Brill" or product.category == "Floor lamps"} & {
        *ids
    }
    assert "L2" not in ids


def test_hidden_ids_are_known_before_the_search(
    write: Write, make_shop: MakeShop, shelf: list[Product], tmp_path: Path
) -> None:
    make_shop(shelf)
    shop = write('[never_show]\nproducts = ["L2"]\nbrands = ["brill"]')
    asked: list[Filters] = []

    def admitted(filters: Filters) -> set[str]:
        asked.append(filters)
        return {product.id for product in shelf if filters.admit(product)}

    expected = {product.id for product in shelf if product.brand == "Brill" or product.id == "L2"}
    assert shop.hidden_ids("g1", admitted) == shop.hidden_ids("g1", admitted) == expected and len(asked) == 1
    shop.hidden_ids("g2", admitted)
    assert len(asked) == 2
    write("")
    assert shop.hidden_ids("g2", admitted) == frozenset()


def test_a_boost_moves_up_and_down(write: Write, shelf: list[Product]) -> None:
    before = found(write(""), shelf, lamp())
    up = found(write('[[boost]]\nproducts = ["L20"]\nfactor = 1.3'), shelf, lamp())
    assert before.index("L20") == 20 and up.index("L20") == 14
    assert found(write('[[boost]]\nproducts = ["L20"]\nfactor = 10'), shelf, lamp())[0] == "L20"
    down = found(write('[[boost]]\nproducts = ["L0"]\nfactor = 0.5'), shelf, lamp())
    assert down.index("L0") == 9 and sorted(down) == sorted(before)
    # Two boosts of one product multiply.
    both = '[[boost]]\nproducts = ["L20"]\nfactor = 1.3\n[[boost]]\ncategories = ["night lights"]\nfactor = 1.3'
    assert found(write(both), shelf, lamp()).index("L20") < 14


def test_a_boost_may_be_for_one_query(write: Write, shelf: list[Product]) -> None:
    shop = write('[[boost]]\nquery = "night lamp"\ncategories = ["Night lights"]\nfactor = 5')
    assert found(shop, shelf, Query(text="lamps for the night"))[0] == "L0"
    assert found(shop, shelf, Query(text="night lamps"))[0] == "L20"


@pytest.mark.parametrize(
    ("days", "holds"),
    [
        ("from = 2026-07-01", True),
        ("until = 2026-07-01", True),
        ("from = 2026-07-02", False),
        ("until = 2026-06-30", False),
        ("from = 2026-06-01\nuntil = 2026-08-31", True),
    ],
)
def test_rules_hold_between_their_days(write: Write, shelf: list[Product], days: str, holds: bool) -> None:
    for rule in ('[[pin]]\nquery = "lamp"', "[[boost]]\nfactor = 10"):
        ids = found(write(f'{rule}\nproducts = ["L20"]\n{days}'), shelf, lamp())
        assert (ids[0] == "L20") is holds, rule
    assert (found(write(f'[[bury]]\nproducts = ["L0"]\n{days}'), shelf, lamp())[-1] == "L0") is holds


def test_synonyms_are_searched_as_well(write: Write) -> None:
    shop = write(
        '[[synonyms]]\nwords = ["sofa", "couch", "长沙发"]\n'
        '[[synonyms]]\nfrom = ["footwear"]\nto = ["boots", "ballet flats"]'
    )
    assert shop.expand("Red Sofas") == ["couch", "长沙发"]
    assert shop.rewrite("Red Sofas under a lamp") == ["red couch under a lamp", "red 长沙发 under a lamp"]
    assert shop.rewrite("红色长沙发") == ["红色 sofa", "红色 couch"]
    assert shop.expand("footwear") == ["boots", "ballet flats"]
    assert shop.expand("boots") == [] == shop.rewrite("boots")
    # What is there already is neither added nor put in twice.
    assert shop.expand("sofa couch") == ["长沙发"]
    assert "couch couch" not in shop.rewrite("sofa couch")


def test_a_change_is_in_force_at_once(write: Write, shelf: list[Product], tmp_path: Path) -> None:
    shop = write('[[pin]]\nquery = "lamp"\nproducts = ["L5"]')
    assert found(shop, shelf, lamp())[0] == "L5"
    # The same size, within one tick of the clock.
    write('[[pin]]\nquery = "lamp"\nproducts = ["L6"]')
    assert found(shop, shelf, lamp())[0] == "L6"
    (tmp_path / MERCHANDISING_FILE).unlink()
    assert found(shop, shelf, lamp())[0] == "L0"
    write('[[pin]]\nquery = "lamp"\nproducts = ["L7"]')
    assert found(shop, shelf, lamp())[0] == "L7"


def test_an_old_file_is_read_once(write: Write, tmp_path: Path) -> None:
    shop, path = write('[[synonyms]]\nwords = ["one", "two"]'), tmp_path / MERCHANDISING_FILE
    os.utime(path, ns=(10**18, 10**18))
    rules = shop.rules()
    assert shop.rules() is rules
    path.write_text('[[synonyms]]\nwords = ["one", "six"]', encoding="utf-8")
    os.utime(path, ns=(10**18, 10**18 + 10**9))
    assert shop.expand("one") == ["six"]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("[[pin]\n", "not TOML"),
        ('[[pin]]\nproducts = ["L1"]', "pin 1: say where"),
        ('[[boost]]\nproducts = ["L1"]\nfactor = 11', "boost 1 factor"),
        ("[[boost]]\nfactor = 2", "boost 1: name the products"),
        ('[[bury]]\nproduct = ["L1"]', "bury 1 product"),
        ('[[synonyms]]\nwords = ["one"]', "synonyms 1: give two"),
        ('[[synonyms]]\nfrom = ["one"]', "synonyms 1: give two"),
        ('[[bury]]\nbrands = ["Brill"]\nfrom = 2026-08-01\nuntil = 2026-07-01', "bury 1: it ends on"),
        ("\udcff", "not TOML"),
    ],
)
def test_a_broken_file_leaves_the_last_good_rules(
    write: Write, shelf: list[Product], tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str, said: str
) -> None:
    shop = write('[[pin]]\nquery = "lamp"\nproducts = ["L5"]')
    assert found(shop, shelf, lamp())[0] == "L5"
    (tmp_path / MERCHANDISING_FILE).write_bytes(broken.encode("utf-8", "surrogateescape"))
    with caplog.at_level(logging.WARNING):
        assert [found(shop, shelf, lamp())[0] for _ in range(3)] == ["L5"] * 3
    assert len(caplog.records) == 1 and said in caplog.text
    write('[[pin]]\nquery = "lamp"\nproducts = ["L6"]')
    assert found(shop, shelf, lamp())[0] == "L6"


def test_the_check_names_what_is_not_there(
    write: Write, make_shop: MakeShop, shelf: list[Product], tmp_path: Path
) -> None:
    catalogue = make_shop(shelf)
    assert check_merchandising(tmp_path, catalogue) == []
    write(
        '[never_show]\nproducts = ["L1", "X1"]\n[[pin]]\nquery = "lamp"\nproducts = ["L1", "X2"]\n'
        '[[pin]]\ncategory = "Sheds"\nproducts = ["L3"]\n[[bury]]\nbrands = ["ASHBY", "Nobody"]\n'
        '[[boost]]\ncategories = ["Chairs"]\ndepartments = ["light", "Dark"]\nfactor = 2'
    )
    assert check_merchandising(tmp_path, catalogue) == [
        f"{MERCHANDISING_FILE}, {line}"
        for line in (
            "never_show: there is no product 'X1'.",
            "bury 1: there is no brand 'Nobody'.",
            "boost 1: there is no category 'Chairs'.",
            "boost 1: there is no department 'Dark'.",
            "pin 1: there is no product 'X2'.",
            "pin 1: 'L1' is never shown.",
            "pin 2: there is no category 'Sheds'.",
        )
    ]
    write("[[pin]\n")
    assert "not TOML" in check_merchandising(tmp_path, catalogue)[0]


def test_many_threads_see_whole_rules(write: Write, shelf: list[Product], tmp_path: Path) -> None:
    texts = [f'[[pin]]\nquery = "lamp"\nproducts = ["L{number}"]' for number in (5, 6)]
    shop, firsts, stop = write(texts[0]), set(), threading.Event()

    def look() -> None:
        while not stop.is_set():
            firsts.add(found(shop, shelf, lamp())[0])

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(60):
        new = tmp_path / "new.toml"
        new.write_text(texts[turn % 2], encoding="utf-8")
        new.replace(tmp_path / MERCHANDISING_FILE)
    stop.set()
    for thread in threads:
        thread.join()
    assert firsts <= {"L5", "L6"} and found(shop, shelf, lamp())[0] == "L6"


def test_the_example_in_the_documentation_is_good(write: Write) -> None:
    page = (Path(__file__).parents[2] / "docs" / "merchandising.md").read_text(encoding="utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    rules = write(example).rules()
    assert rules.pin and rules.bury and rules.boost and rules.synonyms and not rules.never_show.nothing
