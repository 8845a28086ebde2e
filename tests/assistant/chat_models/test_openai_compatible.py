import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.chat_models import ChatModelOptions, load_chat_model
from assistant.errors import ChatModelError
from assistant.schema import Message, ToolCall
from assistant.tools import ALL_TOOLS

MESSAGES = [Message(role="user", content="hi")]
SPECS = [tool.spec for tool in ALL_TOOLS]


@contextmanager
def server(answer: str, status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A model server on this machine that answers everything with `answer`; yields its address and what it was sent."""
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            seen[-1]["authorization"] = self.headers.get("Authorization")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *arguments: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}/v1", seen
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def stream_of(*deltas: dict[str, Any]) -> str:
    chunks = [f"data: {json.dumps({'choices': [{'delta': delta}]})}\n\n" for delta in deltas]
    return "".join(chunks) + "data: [DONE]\n\n"


def ask(url: str, **options: Any) -> list[str | ToolCall]:
    settings = ChatModelOptions(models=Path("unused"), model="m", base_url=url, **options)
    return list(load_chat_model("openai_compatible", settings).stream(MESSAGES, SPECS))


def test_text_streams_and_the_request_is_what_servers_expect() -> None:
    with server(stream_of({"content": "Hel"}, {"content": "lo"}, {})) as (url, seen):
        assert ask(url, api_key="secret") == ["Hel", "lo"]
        ask(url, temperature=0.7)
    body, sampled = seen
    assert (body["temperature"], sampled["temperature"]) == (0, 0.7)
    assert body["authorization"] == "Bearer secret"
    assert body["stream"] is True and body["tool_choice"] == "auto"
    assert [tool["function"]["name"] for tool in body["tools"]] == [spec.name for spec in SPECS]


def test_a_call_in_pieces_is_put_together() -> None:
    deltas = (
        {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "get_order", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"order_'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": 'id": "A1"}'}}]},
    )
    with server(stream_of(*deltas)) as (url, _):
        assert ask(url) == [ToolCall(id="c1", name="get_order", arguments={"order_id": "A1"})]


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        ("out of memory", 500, "answered 500: out of memory"),
        ("data: {broken\n\n", 200, "something else"),
        ('data: {"error": {"message": "no such model"}}\n\n', 200, "no such model"),
        (
            stream_of({"tool_calls": [{"index": 0, "function": {"name": "x", "arguments": "{oops"}}]}),
            200,
            "broken tool call",
        ),
    ],
)
def test_what_is_no_answer_is_a_chat_model_error(answer: str, status: int, says: str) -> None:
    with server(answer, status) as (url, _), pytest.raises(ChatModelError, match=says):
        ask(url)


def test_a_server_that_is_not_there_is_named() -> None:
    with server("") as (url, _):
        pass
    with pytest.raises(ChatModelError, match="did not answer"):
        ask(url)


def test_without_an_address_the_settings_are_named() -> None:
    with pytest.raises(ChatModelError, match="SHELFTALK_CHAT_MODEL_URL"):
        load_chat_model("openai_compatible", ChatModelOptions(models=Path("unused")))
