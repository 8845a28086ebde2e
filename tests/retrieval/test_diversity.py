from collections.abc import Sequence
from itertools import combinations

import pytest

from retrieval.diversity import WINDOW, diversify, near_identical
from retrieval.schema import Hit, Product
from tests.retrieval.makers import MakeProduct


def hits(products: Sequence[Product]) -> list[Hit]:
    return [Hit(product=product, score=1 / (60 + place), stage="fused") for place, product in enumerate(products)]


def ids(found: Sequence[Hit]) -> list[str]:
    return [hit.product.id for hit in found]


@pytest.fixture
def chairs(make_product: MakeProduct) -> list[Product]:
    """Eight forms of one chair, before twenty-two other things."""
    colours = ("Black", "White", "Blue", "Red", "Grey", "Pink", "Green", "Teal")
    kinds = ["bench", "stool", "rocker", "hammock", "sofa", "ottoman", "pouf", "settee", "swing", "lounger", "recliner"]
    forms = [make_product(f"A{n}", f"Arlo Folding Chair {name}", brand="Arlo") for n, name in enumerate(colours)]
    others = [make_product(f"O{n}", f"Garden {kind} {kind}ette", brand="Bex") for n, kind in enumerate(kinds * 2)]
    return [*forms, *others]


def test_eight_near_identical_ones_make_way(chairs: list[Product]) -> None:
    found = diversify(hits(chairs), 10)
    family = [hit for hit in found if hit.product.brand == "Arlo"]
    assert ids(found)[:3] == ["A0", "A1", "A2"] and len(found) == 10
    assert 3 <= len(family) <= 5
    pairs = sum(near_identical(one.product, other.product) for one, other in combinations(found, 2))
    assert pairs < sum(near_identical(one, other) for one, other in combinations(chairs[:10], 2)) / 2


def test_nothing_is_lost_or_doubled(chairs: list[Product]) -> None:
    assert sorted(ids(diversify(hits(chairs), 1000))) == sorted(product.id for product in chairs)
    # Where there is nothing else, all of a family are hits, in their order.
    assert ids(diversify(hits(chairs[:8]), 10)) == [f"A{n}" for n in range(8)]
    assert diversify([], 10) == []


def test_a_short_list_begins_the_longer_one(chairs: list[Product]) -> None:
    assert ids(diversify(hits(chairs), 4)) == ids(diversify(hits(chairs), 30))[:4]


def test_below_the_window_nothing_moves(make_product: MakeProduct) -> None:
    many = [make_product(f"P{n}", f"Arlo Folding Chair {n}", brand="Arlo") for n in range(WINDOW + 20)]
    assert ids(diversify(hits(many), 100))[WINDOW:] == [f"P{n}" for n in range(WINDOW, WINDOW + 20)]


def test_the_pinned_count_as_twins(chairs: list[Product]) -> None:
    listed = hits(chairs)
    assert ids(diversify(listed[3:], 10))[:3] == ["A3", "A4", "A5"]
    found = ids(diversify(listed[3:], 10, above=listed[:3]))
    assert found[:3] == ["A3", "O0", "O1"] and not {"A0", "A1", "A2"} & {*found}


def test_three_of_a_family_stay_where_they_are(chairs: list[Product]) -> None:
    few = [*chairs[:3], *chairs[8:18]]
    assert ids(diversify(hits(few), 10)) == [product.id for product in few[:10]]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Arlo Mug Black 300 ml", "Arlo Mug, white, 0.5 litre", True),
        ("Arlo Toner T6144 Cyan", "Arlo Toner T6142 Magenta", True),
        ("Arlo Runner Shoes XL", "Arlo Runner Shoes S", True),
        ("Arlo Mug Black", "Arlo Kettle Black", False),
        ("阿洛 马克杯 黑色 300毫升", "阿洛 马克杯 深蓝色 500毫升", True),
        ("阿洛 马克杯 黑色", "阿洛 水壶 黑色", False),
        ("Red 128", "Blue 64", False),
    ],
)
def test_what_differs_in_size_colour_or_number_is_alike(
    make_product: MakeProduct, one: str, other: str, alike: bool
) -> None:
    first, second = make_product("1", one, brand="Arlo"), make_product("2", other, brand="ARLO")
    assert near_identical(first, second) is alike
    assert not near_identical(first, second.model_copy(update={"brand": "Bex"}))
