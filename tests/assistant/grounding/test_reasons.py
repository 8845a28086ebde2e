"""A reason that isn't so can't be said, and one that is so can, in both languages."""

from datetime import UTC, date, datetime

import pytest

from assistant.grounding import Grounder
from assistant.schema import Evidence, Product, ProductsRecommended, Reason
from assistant.telling.reasons import reasons_in
from retrieval.schema import ProductTexts


def make(identifier: str, name: str, chinese: str) -> Product:
    texts = {"en": ProductTexts(title=name, short_name=name), "zh": ProductTexts(title=chinese, short_name=chinese)}
    return Product(id=identifier, texts=texts)


TENT, STOVE, LAMP = (
    make("t", "Aurora Tent", "极光帐篷"),
    make("s", "Ember Stove", "余烬炉"),
    make("l", "Glow Lamp", "微光灯"),
)
MARCH = datetime(2026, 3, 9, tzinfo=UTC)
LIST = ProductsRecommended(
    products=(STOVE, LAMP),
    reasons={
        "s": Reason(kind="bought_with", product_id="t", count=7, bought=True, at=MARCH),
        "l": Reason(kind="popular", count=9),
    },
    because=(TENT,),
    made_on=date(2026, 6, 1),
)


def held_back(sentence: str) -> bool:
    evidence = Evidence(results=(LIST,), customer_texts=("recommend me something",))
    return bool(Grounder().check(sentence, evidence).claims_without_evidence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The Ember Stove is often bought with the Aurora Tent.",
        "Because you bought the Aurora Tent in March, I recommend the Ember Stove.",
        "The Glow Lamp is popular.",
        "The Glow Lamp was bought by 9 customers.",
        "因为您在3月买过极光帐篷，推荐余烬炉。",
    ],
)
def test_what_the_recommendation_says_may_be_said(sentence: str) -> None:
    assert not held_back(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Because you bought the Ember Stove in March, I recommend the Glow Lamp.",
        "Because you bought the Aurora Tent in May, I recommend the Ember Stove.",
        "You looked at the Glow Lamp.",
        "The Glow Lamp is often bought with the Aurora Tent.",
        "The Ember Stove is popular.",
        "The Glow Lamp was bought by 90 customers.",
        "The Glow Lamp just came in.",
        "因为您买过微光灯，推荐余烬炉。",
        "余烬炉是本店的热销商品。",
    ],
)
def test_a_reason_that_is_not_so_is_held_back(sentence: str) -> None:
    assert held_back(sentence)


def test_the_words_of_a_reason_name_what_it_rests_on() -> None:
    assert reasons_in(LIST, "en") == {
        "s": "bought with Aurora Tent by 7 customers",
        "l": "bought by 9 customers",
    }
    assert "极光帐篷" in reasons_in(LIST, "zh")["s"]
    # A product whose name isn't known can't be spoken of.
    assert "s" not in reasons_in(LIST.model_copy(update={"because": ()}), "en")
