"""A stopped turn really ends the model's work."""

import json
import threading
import time
from collections.abc import Iterator, Sequence

import httpx
import pytest

from assistant.chat_models import ToolChoice
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_serve import served
from ui.server.routes import service_routes


class Counting:
    """Writes on and on, a word each 10 ms, and counts what it wrote. No word ends a sentence unless `sentences`."""

    name = "counting"
    tuned = True

    def __init__(self, sentences: bool) -> None:
        self.pieces = 0
        self.left = threading.Event()
        self._mark = ". " if sentences else " "

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        try:
            while self.pieces < 3000:
                self.pieces += 1
                time.sleep(0.01)
                yield f"Hello{self._mark if self.pieces % 50 == 0 else ' '}"
        finally:
            self.left.set()


@pytest.mark.parametrize("sentences", [True, False])
def test_the_stop_button_ends_the_models_work(demo_shop: ShopCopy, sentences: bool) -> None:
    model = Counting(sentences)
    with demo_shop.stage(model) as stage, served(service_routes(stage.app)) as address:
        me = {"X-Shelftalk-Visitor": httpx.get(f"{address}/v1/visitor").json()["visitor_id"]}
        told = []
        with httpx.stream("POST", f"{address}/v1/chat", json={"message": "hello"}, headers=me) as answer:
            for line in answer.iter_lines():
                if not line.startswith("data: "):
                    continue
                told.append(json.loads(line.removeprefix("data: ")))
                if len(told) == 1:
                    path = f"{address}/v1/conversations/{told[0]['conversation_id']}/turn"
                    assert httpx.delete(path).status_code == 404, "a stranger"
                    time.sleep(0.3)
                    assert httpx.delete(path, headers=me).status_code == 204
                    written = model.pieces
        assert model.left.wait(1)
        assert 0 < model.pieces <= written + 3, "at most the word under way is written to its end"
        last = told[-1]
        assert (last["type"], last["stopped"]) == ("turn_finished", True)
        assert last["text"] == "".join(event["text"] for event in told if event["type"] == "text_delta")
        assert httpx.delete(path, headers=me).status_code == 204, "once more changes nothing"
        # The conversation is free again, and so is the place.
        assert 'shelftalk_turns_total{end="stopped"} 1.0' in httpx.get(f"{address}/metrics").text
        assert "shelftalk_turns_under_way 0.0" in httpx.get(f"{address}/metrics").text
