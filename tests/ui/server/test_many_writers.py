"""Sixty-four shoppers who fill their carts at once, over HTTP on one SQLite file: none is told that it is locked."""

import json
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest

from assistant.chat_models import ToolChoice
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.testing.stage import ShopCopy
from tests.browser.serving import listening
from ui.server.serving import Site

SHOPPERS = 64
BOOK = "picture-books-02"


class Adding:
    """A model that puts the same book into whoever's cart."""

    name = "adding"
    tuned = True

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        if messages[-1].role == "user":
            yield ToolCall(id=f"call-{len(messages)}", name="add_to_cart", arguments={"product_id": BOOK})
        else:
            yield "Goodnight, Night Bus is in your cart."


def shopper(address: str) -> tuple[list[str], Any]:
    """Talk twice as a visitor; return how the turns ended, and the cart then."""
    with httpx.Client(base_url=address, timeout=180) as line:
        line.headers["X-Shelftalk-Visitor"] = line.get("/v1/visitor").json()["visitor_id"]
        body: dict[str, Any] = {"message": "Goodnight, Night Bus into my cart, please"}
        ends = []
        for _ in range(2):
            told = line.post("/v1/chat", json=body).text
            events = [
                json.loads(each.removeprefix("data: ")) for each in told.splitlines() if each.startswith("data: ")
            ]
            body["conversation_id"] = body.get("conversation_id") or events[0]["conversation_id"]
            ends.append(events[-1].get("reason") or events[-1]["type"])
        return ends, line.get("/v1/cart").json()


def test_sixty_four_fill_their_carts_at_once(demo_shop: ShopCopy, caplog: pytest.LogCaptureFixture) -> None:
    many = {f"rate_limit{which}": "10000/minute" for which in ("", "_address", "_all", "_visitors")}
    waits = {"places": SHOPPERS, "longest_wait": 180, "rate_storage": "records"}
    with demo_shop.stage(Adding()) as stage, caplog.at_level(logging.WARNING):
        shop = replace(stage.app, settings=stage.app.settings.model_copy(update=many | waits))
        with listening(Site(shop).app) as address, ThreadPoolExecutor(SHOPPERS) as pool:
            answers = list(pool.map(shopper, [address] * SHOPPERS))
        noted = [event for event in shop.records.interactions.everything() if event.kind == "cart_add"]
    assert {tuple(ends) for ends, _ in answers} == {("turn_finished", "turn_finished")}
    assert {tuple((line["product_id"], line["quantity"]) for line in cart["lines"]) for _, cart in answers} == {
        ((BOOK, 2),)
    }
    assert sum(event.product_id == BOOK and event.person.startswith("visitor:") for event in noted) == 2 * SHOPPERS
    assert "locked" not in caplog.text
