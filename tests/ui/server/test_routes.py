"""The service over HTTP, with scripted models."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import jwt
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from assistant.app import App
from assistant.chat_models import ToolChoice
from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.settings import Settings
from assistant.testing.stage import ShopCopy
from ui.server.metrics import Metrics
from ui.server.routes import build_service, service_routes

KEY = "a key of the shop's page, long enough"
SAYS = "Hello! What are you looking for?"


@pytest.fixture
def shop(demo_shop: ShopCopy) -> Iterator[App]:
    calls = [ToolCall(id="1", name="search_products", arguments={"query": "candles"})]
    with demo_shop.stage(ScriptedModel([calls, "", SAYS, SAYS])) as stage:
        yield stage.app


def client(shop: App, **given: Any) -> TestClient:
    own = {name: given.pop(name) for name in list(given) if name in Settings.model_fields}
    secret = shop.settings.model_copy(update={"token_key": SecretStr(KEY), **own})
    opened = replace(shop, settings=secret)
    return TestClient(build_service(opened, **given))


def token(customer: str, key: str = KEY, expires: float = 600) -> dict[str, str]:
    signed = jwt.encode({"sub": customer, "exp": time.time() + expires}, key, algorithm="HS256")
    return {"Authorization": f"Bearer {signed}"}


def events(answer: Any) -> list[dict[str, Any]]:
    """Return the events of an answer, each with its number as `_id`; the stream's own names must be theirs."""
    found = []
    for block in answer.text.replace("\r\n", "\n").strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "data" in lines:
            event = json.loads(lines["data"])
            assert lines["event"] == event["type"]
            found.append({"_id": int(lines["id"]), **event})
    return found


def test_a_turn_is_streamed_from_its_conversation_to_its_end(shop: App) -> None:
    told = events(client(shop).post("/chat", json={"message": "candles"}))
    names = [event["type"] for event in told]
    assert (names[0], names[-1]) == ("conversation_started", "turn_finished")
    assert names.index("products_shown") < names.index("text_delta")
    assert [event["_id"] for event in told] == list(range(1, len(told) + 1))
    assert "".join(event["text"] for event in told if event["type"] == "text_delta") == told[-1]["text"]


def test_a_conversation_goes_on_in_another_process(shop: App) -> None:
    first = events(client(shop).post("/chat", json={"message": "candles"}))
    number = first[0]["conversation_id"]
    # Another service over the same records knows nothing but what is in them.
    elsewhere = client(shop)
    second = events(elsewhere.post("/chat", json={"message": "thanks", "conversation_id": number}))
    assert "conversation_started" not in [event["type"] for event in second]
    view = elsewhere.get(f"/conversations/{number}").json()
    assert [message["role"] for message in view["messages"]][::2] == ["user", "user"]
    assert view["products"]


def test_a_line_that_dropped_is_taken_up_behind_the_last_event(shop: App) -> None:
    asked = client(shop)
    told = events(asked.post("/chat", json={"message": "candles"}))
    path = f"/conversations/{told[0]['conversation_id']}/events"
    assert events(asked.get(path, headers={"Last-Event-ID": "3"})) == told[3:]
    assert events(asked.get(path)) == told


def test_a_customers_conversation_is_nobody_elses(shop: App) -> None:
    asked = client(shop)
    told = events(asked.post("/chat", json={"message": "candles"}, headers=token("C001")))
    number = told[0]["conversation_id"]
    for headers in ({}, token("C002")):
        assert asked.get(f"/conversations/{number}", headers=headers).status_code == 404
        assert asked.get(f"/conversations/{number}/events", headers=headers).status_code == 404
        body = {"message": "and mine?", "conversation_id": number}
        assert asked.post("/chat", json=body, headers=headers).status_code == 404
    assert asked.get(f"/conversations/{number}", headers=token("C001")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        token("C001", key="another key of somebody else's page"),
        token("C001", expires=-3600),
        token("C999"),
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic QzAwMTo="},
    ],
)
def test_a_token_that_proves_nothing_is_refused(shop: App, headers: dict[str, str]) -> None:
    answer = client(shop).post("/chat", json={"message": "my orders"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]


def test_a_change_is_confirmed_over_http(demo_shop: ShopCopy) -> None:
    cancel = ToolCall(id="1", name="cancel_pending_order", arguments={"order_id": "A1001", "reason": "wrong size"})
    with demo_shop.stage(ScriptedModel([[cancel]])) as stage:
        asked = client(stage.app)
        told = events(asked.post("/chat", json={"message": "cancel A1001, wrong size"}, headers=token("C001")))
        assert told[-1]["type"] == "confirmation_requested"
        body = {
            "conversation_id": told[0]["conversation_id"], "proposal_id": told[-1]["proposal"]["id"], "accepted": True,
        }  # fmt: skip
        assert asked.post("/confirm", json=body).status_code == 404, "a guest may not say yes for a customer"
        done = events(asked.post("/confirm", json=body, headers=token("C001")))
        assert done[-1]["type"] == "turn_finished"
        assert stage.app.records.orders.get("A1001", "C001").status == "cancelled"


def test_a_guest_who_proved_who_they_are_goes_on(demo_shop: ShopCopy) -> None:
    orders = ToolCall(id="1", name="list_orders", arguments={})
    with demo_shop.stage(ScriptedModel([[orders], "", [orders], ""])) as stage:
        asked = client(stage.app)
        email = stage.app.records.customers.get("C001").email
        told = events(asked.post("/chat", json={"message": f"I'm {email}, order A1001, where is it?"}))
        body = {"message": "and the others?", "conversation_id": told[0]["conversation_id"]}
        assert events(asked.post("/chat", json=body))[-1]["type"] == "turn_finished"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b'{"message": "a", "colour": "red"}', 422),
        (b'{"message": ' + b'"' + b"a" * 5000 + b'"}', 422),
        (b'{"message": "\xff\xfe"}', 400),
        (b"x" * 10_000_000, 413),
    ],
    ids=["broken", "unknown field", "too long", "no UTF-8", "ten megabytes"],
)
def test_a_body_that_cannot_be_read_is_told_so(shop: App, body: bytes, status: int) -> None:
    answer = client(shop).post("/chat", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


def test_too_many_turns_of_one_visitor_are_refused_politely(shop: App) -> None:
    asked = client(shop, rate_limit="1/minute")
    assert events(asked.post("/chat", json={"message": "candles"}))[-1]["type"] == "turn_finished"
    (refused,) = events(asked.post("/chat", json={"message": "candles"}))
    assert (refused["type"], refused["reason"]) == ("turn_refused", "rate_limited")
    assert 0 < refused["retry_after"] <= 60


class Holding:
    """Says a word, and waits until it is let go."""

    name = "holding"
    tuned = False

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.left = threading.Event()

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        try:
            yield "Hello! "
            self.let_go.wait(10)
            yield "What are you looking for?"
        finally:
            self.left.set()


def test_when_all_places_are_taken_the_visitor_is_told(demo_shop: ShopCopy) -> None:
    model = Holding()
    with demo_shop.stage(model) as stage:
        asked = client(stage.app, places=1, longest_wait=0.05)
        first: list[Any] = []
        talking = threading.Thread(target=lambda: first.append(asked.post("/chat", json={"message": "hello"})))
        talking.start()
        time.sleep(0.3)
        begun, refused = events(asked.post("/chat", json={"message": "hello"}))
        assert (begun["type"], refused["type"], refused["reason"]) == ("conversation_started", "turn_refused", "busy")
        assert refused["retry_after"] > 0
        model.let_go.set()
        talking.join(10)
        assert events(first[0])[-1]["type"] == "turn_finished"


def test_products_and_health(shop: App) -> None:
    asked = client(shop)
    told = asked.get("/products/candles-01").json()
    product = shop.catalogue.get_products(["candles-01"])[0]
    assert (told["id"], told["description"]) == ("candles-01", product.text("en").description)
    assert [variant["id"] for variant in told["variants"]] == [variant.id for variant in product.variants]
    assert told["attributes"]
    assert "gtin" not in told
    assert asked.get("/products/candles-01?language=zh").json()["title"] == product.text("zh").title
    assert asked.get("/products/none").status_code == 404
    from starlette.applications import Starlette

    whole = TestClient(Starlette(routes=service_routes(shop)))
    assert whole.get("/healthz").json() == {"alive": True}
    assert whole.get("/readyz").json()["products"] > 1000
    assert "shelftalk_turns" in whole.get("/metrics").text
    assert whole.get("/v1/products/candles-01").status_code == 200


def test_a_thumb_is_kept_and_the_last_word_counts(shop: App) -> None:
    asked = client(shop)
    number = events(asked.post("/chat", json={"message": "candles"}, headers=token("C001")))[0]["conversation_id"]
    body = {"conversation_id": number, "turn": 1, "rating": "up"}
    assert asked.post("/feedback", json=body, headers=token("C001")).status_code == 204
    worse = {**body, "rating": "down", "comment": "Too dear."}
    assert asked.post("/feedback", json=worse, headers=token("C001")).status_code == 204
    (kept,) = shop.records.feedback.list()
    assert (kept.rating, kept.comment, kept.customer_id) == ("down", "Too dear.", "C001")
    assert asked.post("/feedback", json=body).status_code == 404, "somebody else's conversation"
    assert asked.post("/feedback", json={**body, "turn": 2}, headers=token("C001")).status_code == 422
    assert asked.post("/feedback", json={**body, "rating": "meh"}, headers=token("C001")).status_code == 422


def test_what_happened_is_counted(shop: App) -> None:
    metrics = Metrics()
    asked = client(shop, metrics=metrics, rate_limit="1/minute")
    for _ in range(2):
        asked.post("/chat", json={"message": "candles"})
    told = metrics.text().decode()
    assert 'shelftalk_turns_total{end="turn_finished"} 1.0' in told
    assert 'shelftalk_turns_total{end="turn_refused"} 1.0' in told
    assert 'shelftalk_tool_calls_total{ok="true",tool="search_products"} 1.0' in told
    assert 'shelftalk_wait_seconds_count{until="card"} 1.0' in told


def test_only_the_shops_own_pages_may_call(shop: App) -> None:
    asked = client(shop, allowed_origins=("https://shop.example",))
    for origin, allowed in (("https://shop.example", True), ("https://other.example", False)):
        answer = asked.get("/products/candles-01", headers={"Origin": origin})
        assert (answer.headers.get("access-control-allow-origin") == origin) is allowed


def test_records_that_do_not_answer_are_a_clear_answer(shop: App) -> None:
    asked = client(shop)
    mine = {"X-Shelftalk-Visitor": asked.get("/visitor").json()["visitor_id"]}
    engine = shop.records.carts._engine
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE carts RENAME TO taken_away")
    answer = asked.get("/cart", headers=mine)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "taken_away" not in answer.text
    assert "sqlite" not in answer.text
    assert asked.get("/products/candles-01").status_code == 200
