"""What is said before products on the screen means one of them, or others."""

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest

from finetune.shoppers.follow_ups import follow_up
from finetune.shoppers.goals import Goal
from finetune.shoppers.grammar import load_grammar
from retrieval.schema import Money, Product, ProductTexts

ORDINALS = {"en": ("first", "second", "third"), "zh": ("第一", "第二", "第三")}


def product(product_id: str, price: str) -> Product:
    texts = {name: ProductTexts(title=product_id, short_name=f"Thing {product_id}") for name in ("en", "zh")}
    return Product(id=product_id, texts=texts, price=Money(amount=Decimal(price), currency="USD"))


SHOWN = (product("dear", "90"), product("cheap", "12.50"), product("middling", "40"))


def said(language: str, last: Goal, shown: tuple[Product, ...] = SHOWN) -> Iterator[Goal]:
    grammar = load_grammar(language)
    for seed in range(400):
        yield follow_up(grammar, shown, last, random.Random(seed), SHOWN)


def search(language: str) -> Goal:
    return Goal(name="search", language=language, text="lamps", tool="search_products", arguments={"query": "lamps"})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_said_of_a_list_means_what_stands_there(language: str) -> None:
    goals = list(said(language, search(language)))
    meant = {
        "follow_cheaper": ("similar_products", {"product_id": "cheap", "cheaper": True}),
        "follow_cart_cheapest": ("add_to_cart", {"product_id": "cheap"}),
        "follow_cart_dearest": ("add_to_cart", {"product_id": "dear"}),
        "follow_cart_first": ("add_to_cart", {"product_id": "dear"}),
        "follow_which": ("compare_products", {"product_ids": ["dear", "cheap", "middling"]}),
    }
    assert meant.keys() <= {goal.name for goal in goals}
    for goal in goals:
        if goal.name in meant:
            assert (goal.tool, goal.arguments) == meant[goal.name]
    ordinals = [goal for goal in goals if goal.name in {"follow_ordinal", "follow_cart"}]
    placed = 0
    for goal in ordinals:
        for place, word in enumerate(ORDINALS[language]):
            if word in goal.text.casefold():
                placed += 1
                assert goal.arguments["product_id"] == SHOWN[place].id
    assert placed > 10
    policies = [goal for goal in goals if goal.name == "follow_policy"]
    assert policies and all(goal.tool == "search_policies" and goal.arguments["question"] for goal in policies)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_the_product_that_was_looked_at_and_a_correction_another(language: str) -> None:
    looked = Goal(
        name="follow_ordinal", language=language, text="", tool="get_product", arguments={"product_id": "middling"}
    )
    goals = list(said(language, looked, SHOWN[2:]))
    its = [goal for goal in goals if goal.name.startswith("follow_it_")]
    assert {goal.tool for goal in its} >= {"add_to_cart", "get_product", "similar_products", "goes_with"}
    assert all(goal.arguments["product_id"] == "middling" for goal in its)
    corrected = [goal for goal in goals if goal.name == "follow_corrected"]
    assert {(goal.tool, goal.arguments["product_id"]) for goal in corrected} == {
        ("get_product", "dear"),
        ("get_product", "cheap"),
    }
    # With three on the screen nobody knows which is the other.
    assert not any(goal.name == "follow_other" for goal in goals)
