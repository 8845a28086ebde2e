"""Which places of a list a message points at, and which it only seems to."""

from decimal import Decimal

import pytest

from assistant.schema import Product
from assistant.tools.places import places_in, pointed_out
from retrieval.schema import Money, ProductTexts


def product(name: str, price: str, rating: float = 4.0) -> Product:
    money = Money(amount=Decimal(price), currency="USD")
    return Product(id=name, texts={"en": ProductTexts(title=name, short_name=name)}, price=money, rating=rating)


LIST = (
    product("Meadow Tent", "120", 4.5),
    product("Alpine Tent", "80"),
    product("First Light Tent", "300"),
    product("Cove Tent", "95"),
)


@pytest.mark.parametrize(
    ("message", "places"),
    [
        ("the second one", [1]),
        ("second", [1]),
        ("Tell me more about the 2nd, please", [1]),
        ("is the third one waterproof?", [2]),
        ("the second tent", [1]),
        ("the last one", [3]),
        ("compare the first two", [0, 1]),
        ("compare the first and the third", [0, 2]),
        ("the last two", [2, 3]),
        ("option 3", [2]),
        ("2", [1]),
        ("#4 please", [3]),
        ("not the first one, the second one", [1]),
        ("el segundo", [1]),
        ("¿y la primera?", [0]),
        ("el último, por favor", [3]),
        ("le deuxième", [1]),
        ("die zweite bitte", [1]),
        ("第二个多少钱", [1]),
        ("第3款", [2]),
        ("最后一个", [3]),
        ("倒数第二个", [2]),
        ("前两款对比一下", [0, 1]),
        ("不是第一个，第二个", [1]),
    ],
)
def test_a_place_by_its_ordinal(message: str, places: list[int]) -> None:
    assert pointed_out(message, LIST) == tuple(LIST[place] for place in places)


@pytest.mark.parametrize(
    "message",
    [
        "how long does it last?",
        "just a second",
        "last week I bought a tent",
        "First, show me the tents",
        "do you have a first aid kit",
        "the first time I came here",
        "is it second hand?",
        "the tenth one",
        "tell me about the First Light",
        "第一次来",
        "第二天能到吗",
        "2 people",
    ],
)
def test_what_points_at_no_place(message: str) -> None:
    assert pointed_out(message, LIST) == ()


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("the cheapest one please", "Alpine Tent"),
        ("add the cheaper one", "Alpine Tent"),
        ("tell me about the most expensive one", "First Light Tent"),
        ("the best rated", "Meadow Tent"),
        ("最便宜的那个", "Alpine Tent"),
        ("便宜的那款", "Alpine Tent"),
    ],
)
def test_one_that_leads(message: str, name: str) -> None:
    assert [product.id for product in pointed_out(message, LIST)] == [name]


@pytest.mark.parametrize(
    "message", ["cheaper?", "a cheaper one", "something cheaper", "便宜点的", "更便宜的", "not the cheapest one"]
)
def test_a_wish_for_others_points_at_none(message: str) -> None:
    assert pointed_out(message, LIST) == ()


def test_of_several_that_lead_none_is_taken() -> None:
    assert pointed_out("the cheapest one", (LIST[1], LIST[1].model_copy(update={"id": "other"}))) == ()


def test_a_list_of_nothing_has_no_places() -> None:
    assert places_in("the first one, the last one, 最后一个", 0) == ()
