"""Recommendations over HTTP, and the page beside a message."""

from typing import Any

import pytest

from assistant.app import App
from assistant.chat_models.scripted import ScriptedModel
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_routes import SAYS, client, events, shop, token
from tests.ui.server.test_visitors import begin, visitor

__all__ = ["shop"]


def test_a_customer_is_shown_what_fits_with_reasons(shop: App) -> None:
    asked = client(shop)
    told = asked.get("/recommendations?k=4", headers=token("C001")).json()
    assert 1 <= len(told["products"]) <= 4
    assert told["attribution_id"]
    assert any(card["reason"] for card in told["products"])
    chinese = asked.get("/recommendations?k=4&language=zh", headers=token("C001")).json()["products"]
    assert any(not (card["reason"] or "a").isascii() for card in chinese)
    stranger = asked.get("/recommendations?k=4", headers=visitor(asked)).json()["products"]
    assert {card["id"] for card in stranger} != {card["id"] for card in told["products"]}


def test_what_goes_with_a_product(shop: App) -> None:
    asked = client(shop)
    told = asked.get("/recommendations?for_product=candles-01").json()
    assert "candles-01" not in [card["id"] for card in told["products"]]
    assert asked.get("/recommendations?for_product=none").status_code == 404
    assert asked.get("/recommendations?k=1000").status_code == 422


def test_the_page_goes_with_the_message(demo_shop: ShopCopy) -> None:
    model = ScriptedModel(["Hello! What are you looking for?"])
    with demo_shop.stage(model) as stage:
        body = {"message": "is this one in stock?", "page": {"product_id": "candles-01", "locale": "en-GB"}}
        assert events(client(stage.app).post("/chat", json=body))[-1]["type"] == "turn_finished"
        read = " ".join(message.content + (message.aside or "") for message in model.seen[0])
        assert "candles-01" in read
        strange = {"message": "hi", "page": {"product": "x"}}
        assert client(stage.app).post("/chat", json=strange).status_code == 422


@pytest.mark.parametrize(("said", "language"), [("no socks, please", "en"), ("不要袜子", "zh")])
def test_what_was_said_counts_in_the_conversation_and_for_nobody_else(
    demo_shop: ShopCopy, said: str, language: str
) -> None:
    with demo_shop.stage(ScriptedModel([SAYS, SAYS])) as stage:
        asked = client(stage.app)
        mine, theirs = visitor(asked), visitor(asked)
        seen = [{"type": "click", "product_id": f"socks-0{number}"} for number in (1, 2, 3)]
        assert asked.post("/events", json={"events": seen}, headers=mine).status_code == 204
        before = socks(asked.get("/recommendations?k=24", headers=mine).json())
        assert before, "the list of somebody who looks at socks has socks"
        number = begin(asked, mine, said)
        told = asked.get(f"/recommendations?k=24&conversation_id={number}", headers=mine).json()
        assert len(told["products"]) > 12
        assert not socks(told)
        reasons = [card["reason"] for card in told["products"] if card["reason"]]
        assert reasons
        assert all(reason.isascii() for reason in reasons) == (language == "en")
        assert socks(asked.get("/recommendations?k=24", headers=mine).json())
        for headers in ({}, theirs, token("C001")):
            assert asked.get(f"/recommendations?conversation_id={number}", headers=headers).status_code == 404
    assert asked.get("/recommendations?conversation_id=../../x").status_code == 422


def test_somebody_of_whom_nothing_is_known_is_asked_one_question(shop: App) -> None:
    asked = client(shop)
    assert asked.get("/recommendations", headers=visitor(asked)).json()["question"].endswith("?")
    assert asked.get("/recommendations?language=zh", headers=visitor(asked)).json()["question"].endswith("？")
    assert asked.get("/recommendations", headers=token("C001")).json()["question"] is None


def socks(told: dict[str, Any]) -> list[str]:
    return [card["id"] for card in told["products"] if card["id"].startswith("socks")]
