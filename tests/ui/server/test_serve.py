"""The service over a real socket: what streams, and what stops when the browser leaves."""

import json
import socket
import threading
import time
from asyncio import Protocol
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from assistant.chat_models.scripted import ScriptedModel
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_routes import Holding
from ui.server.routes import build_service, service_routes
from ui.server.turns import Turns

SAYS = "Hello! What are you looking for?"


@contextmanager
def served(routes: Sequence[BaseRoute], http: type[Protocol] | None = None) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        config = uvicorn.Config(Starlette(routes=list(routes)), log_level="warning", ws="none", http=http or "auto")
        server = uvicorn.Server(config)
        free.listen()
        running = threading.Thread(target=server.run, kwargs={"sockets": [free]})
        running.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            running.join()


def test_a_turn_streams_beside_the_health_of_the_service(demo_shop: ShopCopy) -> None:
    with demo_shop.stage(ScriptedModel([SAYS])) as stage, served(service_routes(stage.app)) as address:
        assert httpx.get(f"{address}/healthz").json() == {"alive": True}
        assert httpx.get(f"{address}/readyz").json()["ready"] is True
        with httpx.stream("POST", f"{address}/v1/chat", json={"message": "hello"}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = [line for line in answer.iter_lines() if line.startswith("data: ")]
    told = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert (told[0]["type"], told[-1]["type"], told[-1]["text"]) == ("conversation_started", "turn_finished", SAYS)


def test_words_come_while_the_model_writes_and_it_stops_when_the_browser_leaves(demo_shop: ShopCopy) -> None:
    model = Holding()
    with demo_shop.stage(model) as stage:
        routes = [Mount("/v1", build_service(stage.app, turns=Turns(grace=0.1)))]
        with served(routes) as address:
            with httpx.stream("POST", f"{address}/v1/chat", json={"message": "hi"}) as answer:
                first = next(line for line in answer.iter_lines() if line.startswith("data: "))
                assert "conversation_started" in first
                assert not model.left.is_set()
            time.sleep(0.5)
            model.let_go.set()
            assert model.left.wait(5)
