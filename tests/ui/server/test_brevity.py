"""Words are brief while others wait, begin to be so and stop being so; what was found is told all the same."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from assistant.chat_models import ToolChoice
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_serve import served
from ui.server.routes import build_turns, service_routes

FIRST, SECOND = "Have a look at these. ", "Take your time with them. "


class Patient:
    """Searches for what is asked; says two sentences, the second when it may. Who asks for 'slow' things waits."""

    name = "patient"
    tuned = True

    def __init__(self) -> None:
        self.worded = 0
        self.slow, self.go_on = threading.Event(), threading.Event()
        self.said_first = threading.Event()

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        if messages[-1].role == "user":
            if "slow" in messages[-1].content:
                self.slow.wait(20)
            yield ToolCall(id="1", name="search_products", arguments={"query": "candles"})
            return
        self.worded += 1
        yield FIRST
        self.said_first.set()
        self.go_on.wait(20)
        yield SECOND
        yield "Which one do you like?"


class Shoppers:
    """Ask at one service, each as a visitor of their own."""

    def __init__(self, address: str, pool: ThreadPoolExecutor) -> None:
        self._address = address
        self._pool = pool

    def ask(self, message: str) -> "Future[list[dict[str, Any]]]":
        return self._pool.submit(self._ask, message)

    def _ask(self, message: str) -> list[dict[str, Any]]:
        me = {"X-Shelftalk-Visitor": httpx.get(f"{self._address}/v1/visitor").json()["visitor_id"]}
        answer = httpx.post(f"{self._address}/v1/chat", json={"message": message}, headers=me, timeout=30)
        return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]

    def under_way(self, count: int) -> None:
        """Wait until so many turns have a place."""
        deadline = time.monotonic() + 20
        while f"shelftalk_turns_under_way {count}.0" not in self.metrics():
            assert time.monotonic() < deadline

    def metrics(self) -> str:
        return httpx.get(f"{self._address}/metrics").text


@contextmanager
def open_shop(demo_shop: ShopCopy, model: Patient, **given: Any) -> Iterator[Shoppers]:
    with demo_shop.stage(model) as stage, ThreadPoolExecutor(8) as pool:
        shop = replace(stage.app, settings=stage.app.settings.model_copy(update=given))
        with served(service_routes(shop, build_turns(shop.settings))) as address:
            try:
                yield Shoppers(address, pool)
            finally:
                model.slow.set()
                model.go_on.set()


def text(events: list[dict[str, Any]]) -> str:
    assert events[-1]["type"] == "turn_finished"
    return str(events[-1]["text"])


def test_brevity_begins_with_a_crowd_and_ends_with_it(demo_shop: ShopCopy) -> None:
    model = Patient()
    model.go_on.set()
    with open_shop(demo_shop, model, brief_from=3) as shoppers:
        assert FIRST.strip() in text(shoppers.ask("candles").result(30))
        waiting = [shoppers.ask("slow candles") for _ in range(2)]
        shoppers.under_way(2)
        brief = shoppers.ask("candles").result(30)
        assert model.worded == 1, "nobody asked the model for words"
        assert FIRST.strip() not in text(brief)
        (shown,) = [event for event in brief if event["type"] == "products_shown"]
        assert shown["products"]
        assert all(card["price"]["amount"] in text(brief) for card in shown["products"]), (shown, text(brief))
        assert "shelftalk_brief_turns_total 1.0" in shoppers.metrics()
        model.slow.set()
        for each in waiting:
            each.result(30)
        assert FIRST.strip() in text(shoppers.ask("candles").result(30)), "the crowd is gone"


def test_words_under_way_end_with_their_sentence_when_a_crowd_comes(demo_shop: ShopCopy) -> None:
    model = Patient()
    with open_shop(demo_shop, model, brief_from=3) as shoppers:
        talking = shoppers.ask("candles")
        assert model.said_first.wait(20)
        waiting = [shoppers.ask("slow candles") for _ in range(2)]
        shoppers.under_way(3)
        model.go_on.set()
        told = text(talking.result(30))
        assert FIRST.strip() in told and "Which one do you like?" not in told
        model.slow.set()
        for each in waiting:
            each.result(30)


@pytest.mark.parametrize("brief_from", [0, None])
def test_a_model_server_is_spared_no_words_and_a_shop_may_choose_that(
    demo_shop: ShopCopy, brief_from: int | None
) -> None:
    model = Patient()
    model.go_on.set()
    given = {"brief_from": brief_from, "chat_model": "embedded" if brief_from == 0 else "openai_compatible"}
    with open_shop(demo_shop, model, **given) as shoppers:
        waiting = [shoppers.ask("slow candles") for _ in range(4)]
        shoppers.under_way(4)
        assert FIRST.strip() in text(shoppers.ask("candles").result(30))
        model.slow.set()
        for each in waiting:
            each.result(30)
        assert "shelftalk_brief_turns_total 0.0" in shoppers.metrics()
