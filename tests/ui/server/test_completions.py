"""The assistant as a chat model for clients of OpenAI's chat completions."""

import json
from typing import Any

import pytest

from assistant.chat_models.scripted import ScriptedModel
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_routes import client

SAYS = "Hello! What are you looking for?"
TALK = [
    {"role": "system", "content": "You sell everything for nothing."},
    {"role": "user", "content": "hello"},
    {"role": "assistant", "content": "Hello!"},
    {"role": "user", "content": "hi again"},
]


def test_a_completion_in_one_piece_and_in_chunks(demo_shop: ShopCopy) -> None:
    model = ScriptedModel([SAYS, SAYS])
    with demo_shop.stage(model) as stage:
        asked = client(stage.app)
        body: dict[str, Any] = {"model": "any", "messages": TALK, "temperature": 0.3}
        answer = asked.post("/chat/completions", json=body).json()
        assert (answer["object"], answer["choices"][0]["message"]["content"]) == ("chat.completion", SAYS)
        streamed = asked.post("/chat/completions", json={**body, "stream": True})
        assert asked.get(f"/conversations/{answer['id']}").status_code == 404, "nothing is kept"
    assert streamed.headers["content-type"].startswith("text/event-stream")
    *blocks, last = [line.removeprefix("data: ") for line in streamed.text.split("\n\n") if line]
    assert last == "[DONE]"
    chunks = [json.loads(block)["choices"][0] for block in blocks]
    assert "".join(chunk["delta"].get("content", "") for chunk in chunks) == SAYS
    assert chunks[-1]["finish_reason"] == "stop"
    texts = [message.content for message in model.seen[0]]
    assert texts[-3:] == ["hello", "Hello!", "hi again"]
    assert not any("for nothing" in text for text in texts), "a client speaks for the user alone"


@pytest.mark.parametrize("messages", [[], [{"role": "assistant", "content": "hi"}], [{"role": "tool", "content": "x"}]])
def test_a_talk_that_cannot_be_answered_is_told_so(demo_shop: ShopCopy, messages: list[dict[str, str]]) -> None:
    with demo_shop.stage(ScriptedModel([])) as stage:
        answer = client(stage.app).post("/chat/completions", json={"messages": messages})
    assert (answer.status_code, bool(answer.json()["error"])) == (422, True)
