"""What a tuned model's results are told by code with, and what follow-up questions on a list are answered from."""

from collections.abc import Callable
from typing import Any

import pytest

from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import Event, ToolCall, TurnFinished
from tests.assistant import talks
from tests.assistant.talks import OpenApp

Talk = Callable[..., list[str]]


@pytest.fixture
def talk(open_app: OpenApp) -> Talk:
    """Play turns, each what the customer says and what the model then does; return the replies."""

    def play(*turns: tuple[str, list[Any]], customer: str | None = None) -> list[str]:
        app = open_app(model=ScriptedModel([step for _, steps in turns for step in steps], tuned=True))
        conversation = app.start_conversation(customer)
        return [_text(list(app.agent.reply(conversation, said))) for said, _ in turns]

    return play


def _text(events: list[Event]) -> str:
    assert isinstance(events[-1], TurnFinished)
    return events[-1].text


def call(name: str, **arguments: Any) -> list[ToolCall]:
    return [talks.call(name, **arguments)]


BOOTS = ("hiking boots please", [call("search_products", query="hiking boots"), "Shall I narrow it down?"])


def test_a_question_back_comes_behind_what_was_found(talk: Talk) -> None:
    (found,) = talk(BOOTS)
    assert found.startswith("Here is what I found: ") and found.endswith("Shall I narrow it down?")


def test_a_question_on_one_product_is_answered_from_its_texts(talk: Talk) -> None:
    look = [call("get_product", product_id="tents-01")]
    colours, short, rain, glow = talk(
        ("what colours does the Meadow 2 Tent come in?", look),
        ("what colours", look),
        ("how waterproof is it?", look),
        ("is it vegan?", look),
    )
    assert colours.startswith("Meadow 2 Tent – colour: ") and "," in colours
    assert short == colours
    assert "1,500 mm" in rain
    assert glow == "What the shop knows of the Meadow 2 Tent doesn't say anything about “vegan”."


def test_what_no_text_says_is_left_to_the_model(talk: Talk) -> None:
    look = [call("get_product", product_id="tents-01"), "The Meadow 2 Tent is a tent."]
    assert talk(("tell me of the Meadow 2 Tent", look)) == ["The Meadow 2 Tent is a tent."]


@pytest.mark.parametrize("name", ["compare_products", "similar_products"])
def test_which_of_them_is_answered_from_all_on_the_screen(talk: Talk, name: str) -> None:
    given: dict[str, Any] = {"product_ids": ["hiking-boots-01", "hiking-boots-02"]}
    wrong = call(name, **(given if name == "compare_products" else {"product_id": "hiking-boots-01"}))
    found, compared = talk(BOOTS, ("which is the cheapest of them?", [wrong, ""]))
    names = [part.split(" (")[0] for part in found.removeprefix("Here is what I found: ").split("), ")]
    assert len(names) >= 3 and all(name.split(") and ")[0] in compared for name in names)
    assert "the cheapest." in compared


def test_cheaper_is_less_than_all_that_were_to_be_compared(talk: Talk) -> None:
    wrong = call("compare_products", product_ids=["running-shoes-10", "running-shoes-01"])
    shoes = ("running shoes", [call("search_products", query="running shoes"), ""])
    cheaper, compared = (
        talk(shoes, (said, [wrong, ""]))[1] for said in ("cheaper?", "is the first cheaper than the second?")
    )
    assert cheaper.startswith("Like Tempo Lark Running Shoes, for less: ") and "($" in cheaper
    assert compared.startswith("Willowstep Wide Running Shoes: $112.00")


def test_a_price_alone_narrows_what_was_searched_before(talk: Talk) -> None:
    found = [call("search_products", query="tents"), ""]
    under = [call("search_products", query="under 60"), ""]
    _, narrowed = talk(("show me tents", found), ("under 60", under))
    assert "Tent" in narrowed and "Socks" not in narrowed


def test_an_answer_that_is_none_of_the_choices_is_told_so(talk: Talk) -> None:
    add = [call("add_to_cart", product_id="tents-01")]
    asked, again = talk(("put the Meadow 2 Tent into my cart", add), ("in size XXL", add))
    assert asked.startswith("Which one would you like?")
    assert again == f"That isn't one of them. {asked}"


def test_how_many_are_left_is_a_number(talk: Talk) -> None:
    (left,) = talk(("how many are left of the Meadow 2 Tent?", [call("get_product", product_id="tents-01")]))
    assert left.startswith("There are ") and left.endswith(" of Meadow 2 Tent left.")


def test_a_product_called_by_its_whole_name_stands_alone(talk: Talk) -> None:
    search = [call("search_products", query="Meadow 2 Tent"), ""]
    alone, beside = (
        talk((said, search))[0] for said in ("tell me of the Meadow 2 Tent", "like the Meadow 2 Tent: similar")
    )
    assert alone.count("Tent") == 1 and beside.count("Tent") > 1


def test_a_price_asked_of_the_calculator_is_told(talk: Talk) -> None:
    look = ("the Meadow 2 Tent", [call("get_product", product_id="tents-01"), "The Meadow 2 Tent is a tent."])
    assert "costs $" in talk(look, ("how much is it?", [call("calculate", expression="tents-01.price")]))[1]


def test_my_last_order_is_the_newest_also_for_a_change(open_app: OpenApp) -> None:
    app = open_app(
        model=ScriptedModel(
            [call("get_order", order_id="A1393"), "", [talks.cancel("A1393")]],
            tuned=True,
        )
    )
    newest = app.records.orders.list("C003")[0].id
    conversation = app.start_conversation("C003")
    assert f"Order {newest} " in _text(list(app.agent.reply(conversation, "where is my last order?")))
    list(app.agent.reply(conversation, "please cancel my last order"))
    assert conversation.pending is not None and newest in conversation.pending.summary


def test_too_few_left_is_told_in_the_customers_language(talk: Talk) -> None:
    add = [call("add_to_cart", product_id="picture-books-02", quantity=99)]
    (told,) = talk(("把99本《晚安，夜班车》加入购物车", add))
    assert "只剩" in told and told.endswith("您想要几件？")
