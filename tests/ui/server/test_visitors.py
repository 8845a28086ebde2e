"""Whose a conversation is: the visitor who began it, the customer who signed in, and nobody else."""

import time
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from assistant.app import App
from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import ToolCall
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_routes import KEY, client, events, shop, token
from ui.server.visitors import Visitors

__all__ = ["shop"]


def visitor(asked: Any) -> dict[str, str]:
    return {"X-Shelftalk-Visitor": asked.get("/visitor").json()["visitor_id"]}


def begin(asked: Any, headers: dict[str, str], message: str = "candles") -> str:
    return str(events(asked.post("/chat", json={"message": message}, headers=headers))[0]["conversation_id"])


def test_a_visitor_alone_opens_what_they_began(shop: App) -> None:
    asked = client(shop)
    mine, theirs = visitor(asked), visitor(asked)
    number = begin(asked, mine)
    for headers in ({}, theirs, token("C001"), {**theirs, **token("C001")}):
        assert asked.get(f"/conversations/{number}", headers=headers).status_code == 404
        assert asked.get(f"/conversations/{number}/events", headers=headers).status_code == 404
        assert asked.delete(f"/conversations/{number}/turn", headers=headers).status_code == 404
        body = {"message": "and?", "conversation_id": number}
        assert asked.post("/chat", json=body, headers=headers).status_code == 404
    assert asked.get(f"/conversations/{number}", headers=mine).status_code == 200
    assert asked.get(f"/conversations/{number}/events", headers=mine).status_code == 200


def test_who_signs_in_takes_the_conversation_along_and_leaves_nothing_in_the_browser(shop: App) -> None:
    asked = client(shop)
    mine = visitor(asked)
    number = begin(asked, mine)
    body = {"message": "thanks", "conversation_id": number}
    assert asked.post("/chat", json=body, headers={**mine, **token("C001")}).status_code == 200
    assert asked.get(f"/conversations/{number}", headers=token("C001")).status_code == 200
    assert asked.get(f"/conversations/{number}", headers=mine).status_code == 404, "the next user of the same browser"


def test_a_guest_who_proved_who_they_are_goes_on_in_another_process(demo_shop: ShopCopy) -> None:
    orders = ToolCall(id="1", name="list_orders", arguments={})
    with demo_shop.stage(ScriptedModel([[orders], "", [orders], ""])) as stage:
        asked = client(stage.app)
        mine = visitor(asked)
        email = stage.app.records.customers.get("C001").email
        number = begin(asked, mine, f"I'm {email}, order A1001, where is it?")
        assert asked.get(f"/conversations/{number}").status_code == 404
        body = {"message": "and the others?", "conversation_id": number}
        assert events(client(stage.app).post("/chat", json=body, headers=mine))[-1]["type"] == "turn_finished"


def test_a_known_visitor_keeps_the_id(shop: App) -> None:
    asked = client(shop)
    first = visitor(asked)
    again = asked.get("/visitor", headers=first).json()
    ids = [
        jwt.decode(each, options={"verify_signature": False})["sub"] for each in (*first.values(), again["visitor_id"])
    ]
    assert ids[0] == ids[1]
    assert again["shop_name"] == shop.settings.shop_name
    assert again["languages"] == ["en", "zh"]
    assert "AI" in again["disclosure"]
    assert "AI" in asked.get("/visitor?language=zh").json()["disclosure"]


@pytest.mark.parametrize(
    "forged",
    [
        "nonsense",
        Visitors("another shop's key").issue("v1"),
        jwt.encode({"sub": "v1", "aud": "shelftalk-visitor", "exp": time.time() + 600}, KEY, algorithm="HS256"),
        jwt.encode({"sub": "v1", "aud": "shelftalk-visitor", "exp": time.time() + 600}, "", algorithm="none"),
        token("C001")["Authorization"].removeprefix("Bearer "),
    ],
)
def test_a_forged_visitor_is_refused(shop: App, forged: str) -> None:
    answer = client(shop).post("/chat", json={"message": "hi"}, headers={"X-Shelftalk-Visitor": forged})
    assert (answer.status_code, "GET /v1/visitor" in answer.json()["error"]) == (401, True)


def test_a_visitors_id_is_no_customers_token(shop: App) -> None:
    asked = client(shop, visitor_key=SecretStr(KEY))
    (mine,) = visitor(asked).values()
    answer = asked.post("/chat", json={"message": "hi"}, headers={"Authorization": f"Bearer {mine}"})
    assert answer.status_code == 401


def test_a_token_that_was_given_up_cannot_be_replayed_in_any_process(shop: App) -> None:
    asked, mine = client(shop), token("C001")
    number = begin(asked, mine)
    assert asked.delete("/session", headers=mine).status_code == 204
    for process in (asked, client(shop)):
        assert process.get(f"/conversations/{number}", headers=mine).status_code == 401
    assert asked.get(f"/conversations/{number}", headers=token("C001", expires=700)).status_code == 200
    assert asked.delete("/session").status_code == 401
