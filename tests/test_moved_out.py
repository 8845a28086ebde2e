"""All that can be moved out is: records in PostgreSQL, vectors on a Chroma server, the model on another, the shop's own
system behind webhooks, and two processes of `shelftalk serve` that share nothing else but the store's folder.
"""

import gc
import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.chroma import free_port, running_chroma
from tests.model_server import Answer, model_server
from tests.postgres import running_server, server_programs
from tests.receiving_shop import SECRET, ReceivingShop, receiving_shop, tell
from tests.ui.test_cli import run

ROOT = Path(__file__).parents[1]
TOKEN_KEY = "a key of the shop's page, long enough"
FEED = """id,title,price,currency,stock,description
k1,Copper Kettle with Gooseneck Spout,49.90,USD,3,For pour over coffee.
l1,Brass Reading Lamp,80.00,USD,5,Warm light for a desk.
b1,Wool Blanket,60.00,USD,9,Woven in one piece.
"""
MORE = "s1,Steel Whistling Kettle,19.90,USD,4,Whistles when it boils.\n"
PEOPLE = (
    "id,name,email,language,line1,city,postcode,country\nc1,Ida Sol,ida@example.com,en,1 Elm Street,Boise,83702,US\n"
)
ORDERS = (
    "id,customer_id,status,placed_at,currency,total,payment,line1,city,postcode,country,variant_id,title,quantity,price\n"
    "O1,c1,pending,2026-03-06T14:30:00Z,USD,49.90,Visa,1 Elm Street,Boise,83702,US,k1,Copper Kettle,1,49.90\n"
)


def rule(messages: list[dict[str, Any]]) -> Answer:
    """Stand in for the model: search for kettles, cancel and look up an order."""
    last = messages[-1]
    said = str(last["content"]).casefold()
    if last["role"] == "tool":
        return "Here it is."
    if "cancel" in said:
        return "cancel_pending_order", {"order_id": "O1", "reason": "Ordered twice."}
    if "order" in said:
        return "get_order", {"order_id": "O1"}
    return "search_products", {"query": "kettle"}


@dataclass
class Shop:
    """The shop as its visitors and its own people reach it."""

    environ: dict[str, str]
    store: Path

    def run(self, *arguments: object) -> str:
        """Run a command of `shelftalk`, in this process; return what it prints."""
        # A command leaves its connections to the end of its process, which here goes on.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            code, out, told = run(*arguments, "--store", self.store)
            gc.collect()
        assert code == 0, told
        return out

    @contextmanager
    def serve(self, processes: int) -> Iterator[list[tuple[str, "subprocess.Popen[str]"]]]:
        """Serve by several processes; yield each with its address."""
        command = [sys.executable, "-c", "from ui.cli import main; main()", "serve", "--port", "0"]
        command += ["--store", str(self.store)]
        started = [
            subprocess.Popen(command, env=self.environ, stdout=subprocess.PIPE, text=True) for _ in range(processes)
        ]
        try:
            yield [(_address_of(process), process) for process in started]
        finally:
            for process in started:
                process.kill()
                process.communicate()


def _address_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    told = process.stdout.readline()
    assert " is open at " in told, told
    return told.rsplit(" ", 1)[1].strip()


def say(address: str, path: str, **body: Any) -> list[dict[str, Any]]:
    """Post as Ida; return the events of the turn."""
    signed = jwt.encode({"sub": "c1", "exp": time.time() + 600}, TOKEN_KEY, algorithm="HS256")
    with httpx.Client(base_url=address, timeout=120, headers={"Authorization": f"Bearer {signed}"}) as line:
        answer = line.post(f"/v1/{path}", json=body).text
    return [json.loads(each.removeprefix("data: ")) for each in answer.splitlines() if each.startswith("data: ")]


def words(events: list[dict[str, Any]]) -> str:
    return "".join(event["text"] for event in events if event["type"] == "text_delta")


def shown(events: list[dict[str, Any]]) -> set[str]:
    return {card["id"] for event in events if event["type"] == "products_shown" for card in event["products"]}


def eventually(what: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.2)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Shop, int]]:
    """A shop that is all moved out, and the port where its own system will listen."""
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed. Get it with: apt-get install postgresql")
    hooks = free_port()
    with ExitStack() as closing:
        records = closing.enter_context(running_server(programs))
        settings = {
            "RECORDS_URL": f"{records}/postgres",
            "CHROMA_URL": closing.enter_context(running_chroma(tmp_path / "chroma")),
            "CHAT_MODEL": "openai_compatible",
            "CHAT_MODEL_URL": closing.enter_context(model_server(rule)),
            "CHAT_MODEL_NAME": "rules",
            "WEBHOOK_URL": f"http://127.0.0.1:{hooks}/hooks",
            "WEBHOOK_SECRET": SECRET,
            "TOKEN_KEY": TOKEN_KEY,
            "ENCODER": "hashing",
            "RANKER": "none",
            "SHOP_NAME": "Moved",
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"SHELFTALK_{name}", value)
        yield Shop({**os.environ, "PYTHONPATH": str(ROOT)}, tmp_path / "store"), hooks


def import_(shop: Shop, folder: Path, command: str, text: str) -> None:
    (folder / f"{command}.csv").write_text(text, encoding="utf-8")
    shop.run(command, folder / f"{command}.csv", "--strict")


def test_a_shop_that_is_all_moved_out(shop: tuple[Shop, int], tmp_path: Path) -> None:
    here, hooks = shop
    for command, text in (("import", FEED), ("customers", PEOPLE), ("orders", ORDERS)):
        import_(here, tmp_path, command, text)
    with here.serve(2) as ((first, dying), (second, _)):
        assert httpx.get(f"{first}/readyz", timeout=30).json()["ready"]
        # What another process imports is found by both, without a restart.
        assert "k1" in shown(found := say(first, "chat", message="a kettle, please")) and "s1" not in shown(found)
        import_(here, tmp_path, "import", FEED + MORE)
        for address in (first, second):
            assert {"k1", "s1"} <= shown(say(address, "chat", message="a kettle, please"))
        # Asked by one process, confirmed at the other, and once more at the first: it is done once.
        begun, *_, asked = say(first, "chat", message="Cancel my order O1, I ordered it twice")
        assert asked["type"] == "confirmation_requested"
        yes = {"conversation_id": begun["conversation_id"], "proposal_id": asked["proposal"]["id"], "accepted": True}
        assert "confirm" in words(say(second, "confirm", **yes))
        assert not any(event["type"] == "tool_call_started" for event in say(first, "confirm", **yes))
        # The shop's own system is down, and so is soon the process that tried to tell it.
        eventually(lambda: any(message["attempts"] for message in outbox(here)))
        dying.kill()
        assert "requested" in words(say(second, "chat", message="How is my order?"))
        with receiving_shop(hooks) as receiving:
            eventually(lambda: len(receiving.done) == 2)
            confirm(receiving, second)
            assert {message["state"] for message in outbox(here)} == {"confirmed"}
        assert "requested" not in words(say(second, "chat", message="How is my order?"))


def outbox(shop: Shop) -> list[dict[str, Any]]:
    return list(json.loads(shop.run("outbox", "--json")))


def confirm(receiving: ReceivingShop, address: str) -> None:
    """Let the shop's own system say that all is done that it was told."""
    kinds = {name: content["type"] for name, content in receiving.done.items()}
    assert sorted(kinds.values()) == ["order.cancelled", "refund.requested"]
    assert tell(address, "message.confirmed", message_id="msg_none").status_code == 422
    assert tell(address, "message.confirmed", "whsec_" + "A" * 32, message_id="msg_none").status_code == 401
    for name in kinds:
        assert tell(address, "message.confirmed", message_id=name).status_code == 204
