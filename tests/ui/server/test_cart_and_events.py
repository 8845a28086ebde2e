"""The cart and the events over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assistant.app import App
from tests.ui.server.test_routes import client, shop, token
from tests.ui.server.test_visitors import visitor

__all__ = ["shop"]


def item(shop: App, product_id: str = "candles-01", quantity: int = 1) -> dict[str, Any]:
    variants = shop.catalogue.get_product(product_id).variants
    variant = next((each.id for each in variants if (each.stock or 0) >= quantity), None)
    return {"product_id": product_id, "variant_id": variant, "quantity": quantity}


def test_a_cart_is_put_and_read_and_is_nobody_elses(shop: App) -> None:
    asked = client(shop)
    mine, theirs = visitor(asked), visitor(asked)
    assert asked.get("/cart", headers=mine).json()["lines"] == []
    put = asked.put("/cart", json={"items": [item(shop, quantity=2)]}, headers=mine).json()
    assert [(line["product_id"], line["quantity"]) for line in put["lines"]] == [("candles-01", 2)]
    assert float(put["total"]["amount"]) == 2 * float(put["lines"][0]["price"]["amount"])
    assert asked.get("/cart", headers=mine).json() == put
    assert asked.get("/cart", headers=theirs).json()["lines"] == []
    assert asked.get("/cart").status_code == 401
    assert asked.put("/cart", json={"items": []}, headers=mine).json()["lines"] == []


def test_a_guest_who_signs_in_keeps_the_cart_and_what_they_looked_at(shop: App) -> None:
    asked = client(shop)
    mine = visitor(asked)
    asked.put("/cart", json={"items": [item(shop)]}, headers=mine)
    asked.post("/events", json={"events": [{"type": "view", "product_id": "candles-02"}]}, headers=mine)
    both = {**mine, **token("C001")}
    assert [line["product_id"] for line in asked.get("/cart", headers=both).json()["lines"]] == ["candles-01"]
    assert asked.get("/cart", headers=mine).json()["lines"] == [], "the next user of the same browser"
    assert shop.records.interactions.of_customer("C001")[0].product_id == "candles-02"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"items": [{"product_id": "nothing-99"}]}, 409),
        ({"items": [{"product_id": "candles-01", "variant_id": "none"}]}, 409),
        ({"items": [{"product_id": "candles-01", "quantity": 99}]}, 409),
        ({"items": [], "coupon": "FREE"}, 409),
        ({"items": [{"product_id": "candles-01", "quantity": 0}]}, 422),
        ({"items": [{"product_id": "candles-01", "price": 1}]}, 422),
        ({"things": []}, 422),
    ],
)
def test_what_cannot_be_had_changes_nothing(shop: App, body: dict[str, Any], status: int) -> None:
    asked = client(shop)
    mine = visitor(asked)
    before = asked.put("/cart", json={"items": [item(shop)]}, headers=mine).json()
    answer = asked.put("/cart", json=body, headers=mine)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
    assert asked.get("/cart", headers=mine).json()["lines"] == before["lines"]


def test_events_are_kept_with_what_they_followed_from(shop: App) -> None:
    asked = client(shop)
    mine = visitor(asked)
    earlier = datetime.now(UTC) - timedelta(minutes=3)
    told = [
        {"type": "view", "product_id": "candles-01", "at": earlier.isoformat()},
        {"type": "click", "product_id": "candles-01", "attribution_id": "a1"},
        {"type": "cart_add", "product_id": "candles-01", "variant_id": "v", "quantity": 2},
        {"type": "purchase", "product_id": "gone-from-the-shop"},
        {"type": "purchase", "product_id": "candles-01", "at": "2020-01-01T10:00:00Z"},
    ]
    answer = asked.post("/events", json={"events": told, "source": "widget"}, headers={**mine, **token("C002")})
    assert (answer.status_code, answer.content) == (204, b"")
    kept = shop.records.interactions.of_customer("C002", limit=3)
    assert {(event.kind, event.attribution_id, event.source) for event in kept} == {
        ("view", None, "widget"), ("click", "a1", "widget"), ("cart_add", None, "widget"),
    }  # fmt: skip
    assert next(event.at for event in kept if event.kind == "view") == earlier
    assert all(event.visitor_id for event in kept)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "steal", "product_id": "candles-01"},
        {"type": "view"},
        {"type": "view", "product_id": "candles-01", "at": "2026-01-01T10:00:00"},
        {"type": "cart_add", "product_id": "candles-01", "quantity": "2"},
        {"type": "view", "product_id": "candles-01", "customer_id": "C001"},
    ],
)
def test_an_event_that_makes_no_sense_keeps_none(shop: App, event: dict[str, Any]) -> None:
    asked = client(shop)
    mine = visitor(asked)
    good = {"type": "view", "product_id": "candles-01"}
    answer = asked.post("/events", json={"events": [good, event]}, headers={**mine, **token("C003")})
    assert (answer.status_code, bool(answer.json()["error"])) == (422, True)
    assert not any(each.source == "shop" for each in shop.records.interactions.of_customer("C003"))


def test_events_of_nobody_are_refused(shop: App) -> None:
    body = {"events": [{"type": "view", "product_id": "candles-01"}]}
    assert client(shop).post("/events", json=body).status_code == 401
