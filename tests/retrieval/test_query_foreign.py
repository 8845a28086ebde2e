"""Spanish, German and French in a shop that is described in English, and where they must be left alone."""

import pytest

from retrieval.query import understand
from retrieval.vocabulary import Vocabulary, build_vocabulary
from tests.retrieval.makers import MakeProduct


@pytest.fixture
def vocabulary(make_product: MakeProduct) -> Vocabulary:
    titles = [
        "Brindle waterproof jacket",
        "Ankle boots",
        "Leather shoes",
        "Running shoes",
        "French course for beginners",
    ]
    return build_vocabulary([make_product(str(place), title) for place, title in enumerate(titles)])


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("zapatos rojos", "red shoes"),
        ("Zapatillas para correr", "running shoes"),
        ("veste imperméable", "waterproof jacket"),
        # "course" is a word of this shop's, and means something else there.
        ("chaussures de course", "running shoes"),
        ("sac à dos noir", "black backpack"),
        ("schwarze Lederschuhe", "black leather shoes"),
        ("kopfhoerer", "headphones"),
        ("Brindle Regenjacke", "rain jacket brindle"),
        ("wasserdichte Stiefel ohne Leder", "waterproof boots"),
    ],
)
def test_words_of_another_language_are_put_in_english(text: str, english: str, vocabulary: Vocabulary) -> None:
    assert sorted(understand(text, vocabulary, "en").text.split()) == sorted(english.split())


def test_what_a_shopper_does_not_want_is_understood_in_german(vocabulary: Vocabulary) -> None:
    assert "leather" in understand("Schuhe ohne Leder", vocabulary, "en").excluded


@pytest.mark.parametrize("text", ["red shoes", "jaket", "gift for a chef", "table", "robe", "登山靴", "course"])
def test_english_and_the_shops_own_words_are_left_alone(text: str, vocabulary: Vocabulary) -> None:
    plain = understand(text, vocabulary, "en")
    assert plain.text in (text, "jacket")


def test_a_shop_described_in_german_is_asked_in_german(make_product: MakeProduct) -> None:
    vocabulary = build_vocabulary([make_product("1", "Regenjacke aus Wolle"), make_product("2", "Schuhe")])
    assert understand("regenjacke", vocabulary, "de").text == "regenjacke"
