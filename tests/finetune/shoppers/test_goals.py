"""What made-up shoppers say, and what it calls for."""

import random

import pytest

from assistant.tools import ALL_TOOLS, specs_of
from finetune.shoppers.all_goals import GOALS, some_goal
from finetune.shoppers.goals import limits, with_article
from finetune.shoppers.grammar import LANGUAGES, Grammar, load_grammar
from finetune.shoppers.moods import dressed
from finetune.shoppers.similar import Seen

SPECS = {spec.name: spec for spec in specs_of(ALL_TOOLS, True)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_goal_is_said_whole_and_calls_a_tool_as_it_is(language: str) -> None:
    grammar, rng = load_grammar(language), random.Random(1)
    names = set()
    for _ in range(2000):
        goal = some_goal(grammar, rng)
        names.add(goal.name)
        assert goal.text and "{" not in goal.text
        if goal.tool is None:
            assert goal.reply
            continue
        properties, required = SPECS[goal.tool].parameters["properties"], SPECS[goal.tool].parameters["required"]
        assert set(required) <= set(goal.arguments) <= set(properties)
    assert len(names) >= (30 if language in {"en", "zh"} else 12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_limits_are_the_amounts_that_were_said(language: str) -> None:
    grammar, rng = load_grammar(language), random.Random(2)
    spelled = grammar.get("spelled", {})
    kinds = set()
    for _ in range(500):
        said, arguments = limits(grammar, rng)
        kinds.add(tuple(sorted(arguments)))
        for amount in arguments.values():
            assert str(amount) in said.replace(",", "") or spelled.get(amount, "\0") in said
    assert kinds == {("max_price",), ("min_price",), ("max_price", "min_price")}


def test_goals_come_the_same_way_twice() -> None:
    grammar = load_grammar("en")
    first, second = (([some_goal(grammar, rng) for _ in range(50)]) for rng in (random.Random(3), random.Random(3)))
    assert first == second


def test_a_goal_needs_the_words_for_it() -> None:
    bare = Grammar("en", {"order_all": ["my orders"], "hello": ["hi"], "please": ["pls"]})
    assert {some_goal(bare, random.Random(n)).name for n in range(20)} == {"order_all"}
    assert all(name in load_grammar("en") for name in GOALS)


def test_a_mood_keeps_numbers() -> None:
    grammar = load_grammar("en")
    for seed in range(200):
        assert "A1234" in dressed("where is order A1234", grammar, random.Random(seed)).upper()


@pytest.mark.parametrize(
    ("said", "with_its_article"),
    [("tent for camping", "a tent for camping"), ("headphones", "headphones"), ("umbrella", "an umbrella")],
)
def test_articles(said: str, with_its_article: str) -> None:
    assert with_article(said) == with_its_article


def test_what_is_close_to_a_test_is_refused_and_so_is_what_was_said() -> None:
    seen = Seen(["Please cancel my order, I don't want it any more."])
    assert seen.refuses("please cancel my order. I do not want it any more") == "close to a test"
    assert seen.refuses("show me tents under $200") is None
    assert seen.refuses("Show me tents under $200!") == "a near-duplicate"
    assert seen.refuses("show me tents under $200", repeated=True) is None
    assert seen.refuses("有没有便宜一点的露营帐篷推荐一下") is None
    assert seen.refuses("有没有便宜一点的露营帐篷推荐一下？") == "a near-duplicate"
