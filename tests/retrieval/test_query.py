"""What a shopper's words ask for, against a vocabulary of invented products."""

from decimal import Decimal

import pytest

from retrieval.query import understand
from retrieval.vocabulary import Vocabulary, build_vocabulary
from tests.retrieval.makers import MakeProduct


@pytest.fixture
def vocabulary(make_product: MakeProduct) -> Vocabulary:
    jackets = [make_product(f"j{n}", f"Rain Jacket {n}", category="Rain jackets") for n in range(5)]
    boots = [make_product(f"b{n}", f"Leather Boots {n}", category="Boots") for n in range(5)]
    chairs = [make_product(f"c{n}", f"Oak Chair {n}", category="Chairs") for n in range(5)]
    return build_vocabulary([*jackets, *boots, *chairs])


@pytest.mark.parametrize(
    ("text", "language", "low", "high"),
    [
        ("rain jacket under 120", "en", None, 120),
        ("boots between 50 and 80", "en", 50, 80),
        ("boots over 90", "en", 90, None),
        ("200元以下的背包", "zh", None, 200),
        ("size 42 boots", "en", None, None),
    ],
)
def test_price_words(vocabulary: Vocabulary, text: str, language: str, low: int | None, high: int | None) -> None:
    filters = understand(text, vocabulary, language).filters
    assert filters.min_price == (None if low is None else Decimal(low))
    assert filters.max_price == (None if high is None else Decimal(high))


def test_price_words_are_not_searched_for(vocabulary: Vocabulary) -> None:
    assert understand("rain jacket under 120", vocabulary, "en").text == "rain jacket"


def test_a_typo_is_corrected_and_told(vocabulary: Vocabulary) -> None:
    plan = understand("rain jaket", vocabulary, "en")
    assert plan.text == "rain jacket"
    assert [(each.written, each.meant) for each in plan.corrections] == [("jaket", "jacket")]


def test_a_real_word_that_the_shop_lacks_is_left_alone(vocabulary: Vocabulary) -> None:
    assert understand("sunglasses", vocabulary, "en").text == "sunglasses"


@pytest.mark.parametrize(("text", "found"), [("shoes", "boots"), ("something to sit on", "chair")])
def test_umbrella_words(vocabulary: Vocabulary, text: str, found: str) -> None:
    terms = [term for term, _ in understand(text, vocabulary, "en").expansions]
    assert found in terms


def test_umbrella_words_stay_inside_the_shop(vocabulary: Vocabulary) -> None:
    terms = [term for term, _ in understand("shoes", vocabulary, "en").expansions]
    assert "sandals" not in terms


@pytest.mark.parametrize(
    ("text", "language", "kept", "excluded"),
    [("不要黑色的背包", "zh", "背包", "黑色")],
)
def test_negation(vocabulary: Vocabulary, text: str, language: str, kept: str, excluded: str) -> None:
    plan = understand(text, vocabulary, language)
    assert plan.text == kept
    assert plan.excluded == (excluded,)
