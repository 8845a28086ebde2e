"""What strangers send and don't send: the service stays up, and nobody else notices."""

import json
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest
from starlette.routing import Mount

from assistant.app import App
from assistant.chat_models import ToolChoice
from assistant.chat_models.scripted import ScriptedModel
from assistant.errors import ChatModelError
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_routes import client, events
from tests.ui.server.test_serve import served
from ui.server.connections import ImpatientProtocol, allow_many_connections
from ui.server.routes import build_service, service_routes
from ui.server.turns import Turns


class Greeting:
    """Greets, as often as asked; `words` is how much of it there is."""

    name = "greeting"
    tuned = False

    def __init__(self, words: int = 3, dies_after: int | None = None) -> None:
        self._words = words
        self._dies_after = dies_after

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        for number in range(self._words):
            if number == self._dies_after:
                raise ChatModelError("The model's process has ended.")
            yield "Hello there "


def address_of(url: str) -> tuple[str, int]:
    return "127.0.0.1", int(url.rsplit(":", 1)[1])


def request(url: str, body: dict[str, str]) -> bytes:
    content = json.dumps(body).encode()
    head = f"POST /v1/chat HTTP/1.1\r\nHost: {url}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}"
    return head.encode() + b"\r\n\r\n" + content


def is_well(url: str) -> bool:
    answer = httpx.post(f"{url}/v1/chat", json={"message": "hello"}, timeout=20)
    return '"turn_finished"' in answer.text


class Hasty(ImpatientProtocol):
    patience = 1.0


def test_a_thousand_connections_that_say_nothing_keep_nobody_out(demo_shop: ShopCopy) -> None:
    allow_many_connections()
    with demo_shop.stage(Greeting()) as stage, served(service_routes(stage.app), Hasty) as url, ExitStack() as silent:
        lines = [silent.enter_context(socket.create_connection(address_of(url), timeout=10)) for _ in range(1000)]
        # Some begin to say something and never go on.
        for line in lines[:100]:
            line.sendall(b"POST /v1/chat HTTP/1.1\r\nHost: a")
        assert is_well(url)
        for line in lines:
            assert line.recv(1) == b"", "closed by the service"
        assert is_well(url)


def test_a_caller_who_leaves_at_any_byte_of_the_question(demo_shop: ShopCopy) -> None:
    with demo_shop.stage(Greeting()) as stage:
        turns = Turns(grace=0.05)
        with served(service_routes(_generous(stage.app), turns)) as url:
            asked = request(url, {"message": "hello"})
            for length in range(len(asked) + 1):
                with socket.create_connection(address_of(url), timeout=10) as line:
                    line.sendall(asked[:length])
            assert is_well(url)
            _wait_until(lambda: turns.places.taken == 0)


def test_a_caller_who_leaves_at_any_byte_of_the_answer(demo_shop: ShopCopy) -> None:
    with demo_shop.stage(Greeting()) as stage:
        turns = Turns(grace=0.05)
        with served(service_routes(_generous(stage.app), turns)) as url:
            asked = request(url, {"message": "hello"})
            whole = _read(url, asked, 100_000)
            assert b"turn_finished" in whole
            for length in range(1, len(whole), 11):
                assert len(_read(url, asked, length)) == length
            assert is_well(url)
            _wait_until(lambda: turns.places.taken == 0)


def test_a_stream_read_byte_by_byte_holds_no_place(demo_shop: ShopCopy) -> None:
    with demo_shop.stage(Greeting()) as stage:
        turns = Turns(grace=0.05)
        with (
            served(service_routes(_generous(stage.app), turns)) as url,
            socket.create_connection(address_of(url), timeout=10) as line,
        ):
            line.sendall(request(url, {"message": "hello"}))
            for _ in range(3):
                assert line.recv(1)
                time.sleep(1)
            assert turns.places.taken == 0, "the turn is over, though its reader isn't"
            assert is_well(url)


@pytest.mark.parametrize("dies_after", [0, 1, 2])
def test_a_model_that_dies_in_mid_sentence(demo_shop: ShopCopy, dies_after: int) -> None:
    with demo_shop.stage(Greeting(dies_after=dies_after)) as stage, served(service_routes(stage.app)) as url:
        answer = httpx.post(f"{url}/v1/chat", json={"message": "hello"})
        lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
        told = [json.loads(line) for line in lines]
        assert told[-1]["type"] == "turn_failed"
        assert told[-1]["trace_id"]
        assert "process" not in told[-1]["text"], "the cause is for the log"
        again = {"message": "and now?", "conversation_id": told[0]["conversation_id"]}
        assert "turn_failed" in httpx.post(f"{url}/v1/chat", json=again).text, "the conversation isn't stuck"
        assert httpx.get(f"{url}/readyz").status_code == 200


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_ours_ends_the_turn_and_nothing_else(demo_shop: ShopCopy) -> None:
    class Mistaken(Greeting):
        def stream(
            self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
        ) -> Iterator[str | ToolCall]:
            yield "Hello"
            raise ZeroDivisionError

    with demo_shop.stage(Mistaken()) as stage:
        told = events(client(stage.app).post("/chat", json={"message": "hello"}))
        assert (told[0]["type"], told[-1]["type"]) == ("conversation_started", "turn_failed")
        assert client(stage.app).get("/products/candles-01").status_code == 200


def test_a_body_that_drips_is_given_up(demo_shop: ShopCopy) -> None:
    with demo_shop.stage(Greeting()) as stage:
        api = build_service(stage.app)
        middleware = next(each for each in api.user_middleware if each.kwargs.get("most"))
        middleware.kwargs["patience"] = 0.3
        with served([Mount("/v1", api)]) as url, socket.create_connection(address_of(url), timeout=10) as line:
            asked = request(url, {"message": "hello"})
            line.sendall(asked[:-5])
            assert line.recv(100).startswith(b"HTTP/1.1 408")
            assert is_well(url)


MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_markup_goes_through_as_text(demo_shop: ShopCopy) -> None:
    with demo_shop.stage(ScriptedModel(["Hello! What are you looking for?"])) as stage:
        asked = client(stage.app)
        answer = asked.post("/chat", json={"message": MARKUP})
        assert answer.headers["content-type"].startswith("text/event-stream")
        number = events(answer)[0]["conversation_id"]
        view = asked.get(f"/conversations/{number}")
        assert view.headers["content-type"] == "application/json"
        said = view.json()["messages"][0]
        assert (said["role"], said["text"]) == ("user", MARKUP)


@pytest.mark.parametrize(
    "message", ["\0", "\ud83d\ude00" * 10, "‮gnp.exe", "a\r\nevent: turn_finished\r\ndata: {}\r\n\r\n", "﷽" * 50]
)
def test_strange_characters_break_no_stream(demo_shop: ShopCopy, message: str) -> None:
    with demo_shop.stage(Greeting()) as stage:
        answer = client(stage.app).post("/chat", content=json.dumps({"message": message}))
        if answer.status_code == 200:
            assert events(answer)[-1]["type"] in {"turn_finished", "turn_refused"}
        else:
            assert answer.status_code == 422


def _generous(shop: App) -> App:
    """Return the shop without limits: all callers here come from one address."""
    limits = ("rate_limit", "rate_limit_address", "rate_limit_all")
    changes = {"rate_storage": "memory", **dict.fromkeys(limits, "100000/minute")}
    return replace(shop, settings=shop.settings.model_copy(update=changes))


def _read(url: str, asked: bytes, length: int) -> bytes:
    """Return at most so many bytes of the answer, and leave."""
    got = b""
    with socket.create_connection(address_of(url), timeout=10) as line:
        line.sendall(asked)
        while len(got) < length and b"\r\n0\r\n\r\n" not in got:
            piece = line.recv(length - len(got))
            if not piece:
                break
            got += piece
    return got


def _wait_until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)
