"""Real processes: one that is told to end, and two that share one store."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from retrieval.encoders import HashingEncoder
from retrieval.schema import Encoder


@pytest.fixture
def store(demo_store: Path, demo_encoder: Encoder, tmp_path: Path) -> Path:
    if demo_encoder.name != HashingEncoder().name:
        pytest.skip("the processes here open a store of hashed words")
    shutil.copytree(demo_store, tmp_path / "store")
    return tmp_path / "store"


@contextmanager
def process(store: Path, **environ: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    command = [sys.executable, "-m", "tests.ui.server.process", str(store)]
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environ}
    )
    try:
        assert started.stdout is not None
        address = started.stdout.readline().strip()
        assert address, started.communicate(timeout=5)
        for _ in range(100):
            try:
                httpx.get(f"{address}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address, started
    finally:
        started.kill()
        started.communicate()


def told(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def test_told_to_end_it_finishes_its_turns_and_begins_no_more(store: Path) -> None:
    with process(store) as (address, service):
        with httpx.stream("POST", f"{address}/v1/chat", json={"message": "hello"}, timeout=30) as answer:
            events = told(answer)
            number = next(events)["conversation_id"]
            service.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert httpx.get(f"{address}/readyz").status_code == 503, "so that nobody sends visitors here any more"
            refused = httpx.post(f"{address}/v1/chat", json={"message": "hello"})
            assert '"reason":"busy"' in refused.text
            *_, last = events
        assert last["type"] == "turn_finished"
        assert not last["stopped"]
        _, logged = service.communicate(timeout=30)
        assert service.returncode in {0, -signal.SIGTERM}
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["end"] for line in lines if line["message"] == "turn"] == ["turn_refused", "turn_finished"]
    assert not [line for line in lines if line["level"] in {"error", "warning"}], logged
    with process(store) as (address, _):
        view = httpx.get(f"{address}/v1/conversations/{number}").json()
        assert [message["role"] for message in view["messages"]] == ["user", "assistant"]


def test_a_turn_that_takes_too_long_at_the_end_is_stopped_and_kept(store: Path) -> None:
    with process(store, PATIENCE="0.3") as (address, service):
        with httpx.stream("POST", f"{address}/v1/chat", json={"message": "hello"}, timeout=30) as answer:
            events = told(answer)
            next(events)
            began = time.monotonic()
            service.send_signal(signal.SIGTERM)
            *_, last = events
        assert (last["type"], last["stopped"]) == ("turn_finished", True)
        service.communicate(timeout=30)
        assert time.monotonic() - began < 15


def test_two_processes_serve_one_shop(store: Path) -> None:
    limits = {"SHELFTALK_RATE_LIMIT": "3/minute", "SHELFTALK_RATE_STORAGE": "records"}
    with process(store, **limits) as (here, _), process(store, **limits) as (there, second):
        me = {"X-Shelftalk-Visitor": httpx.get(f"{here}/v1/visitor").json()["visitor_id"]}
        with httpx.stream("POST", f"{here}/v1/chat", json={"message": "hello"}, headers=me, timeout=30) as answer:
            *_, last = (first, *_) = list(told(answer))
        assert last["type"] == "turn_finished"
        number = first["conversation_id"]
        # The other process takes the id that this one signed, and goes on with what was said here.
        body = {"message": "and?", "conversation_id": number}
        with httpx.stream("POST", f"{there}/v1/chat", json=body, headers=me, timeout=30) as answer:
            assert list(told(answer))[-1]["type"] == "turn_finished"
        view = httpx.get(f"{here}/v1/conversations/{number}", headers=me).json()
        assert [message["role"] for message in view["messages"]] == ["user", "assistant"] * 2
        cart = {"items": [{"product_id": "candles-01", "quantity": 1}]}
        put = httpx.put(f"{there}/v1/cart", json=cart, headers=me)
        if put.status_code == 409:
            variant = httpx.get(f"{there}/v1/products/candles-01").json()["variants"][0]["id"]
            cart["items"][0]["variant_id"] = variant
            put = httpx.put(f"{there}/v1/cart", json=cart, headers=me)
        # The link to check out is signed anew each time it is told.
        carts = [put.json(), httpx.get(f"{here}/v1/cart", headers=me).json()]
        assert all(each.pop("checkout_url") for each in carts)
        assert carts[0] == carts[1]
        # Both count together: the third turn is the last, wherever it is asked for.
        ends = []
        for address in (here, there):
            with httpx.stream("POST", f"{address}/v1/chat", json=body, headers=me, timeout=30) as answer:
                ends.append(list(told(answer))[-1])
        assert [end.get("reason", end["type"]) for end in ends] == ["turn_finished", "rate_limited"]
        # One that dies takes nothing of the other's along.
        second.kill()
        assert httpx.get(f"{here}/v1/conversations/{number}", headers=me).status_code == 200
