"""Recommendations over HTTP, and the page beside a message."""

from assistant.app import App
from assistant.chat_models.scripted import ScriptedModel
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_routes import client, events, shop, token
from tests.ui.server.test_visitors import visitor

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
