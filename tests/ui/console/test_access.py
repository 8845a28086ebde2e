"""The door of the shop's own view."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from ui.console.access import guarded

_PASSWORD = "a long enough password"


def _visitor(
    password: str | None, host: str = "127.0.0.1", client: str = "127.0.0.1", name: str = "127.0.0.1"
) -> TestClient:
    def secret(request: Request) -> PlainTextResponse:
        return PlainTextResponse("what shoppers said")

    inside = Starlette(routes=[Route("/", secret), Route("/gradio_api/{rest:path}", secret, methods=["GET", "POST"])])
    door = guarded(inside, SecretStr(password) if password else None, host, "Larkhill <i>")
    app = Starlette(routes=[Mount("/console", door)])
    return TestClient(app, base_url=f"http://{name}", client=(client, 1), follow_redirects=False)


@pytest.fixture
def stranger() -> Iterator[TestClient]:
    with _visitor(_PASSWORD, host="0.0.0.0", client="203.0.113.7", name="shop.example") as client:
        yield client


def _log_in(client: TestClient, password: str) -> int:
    return client.post("/console/login", data={"password": password}).status_code


def test_the_password_opens_everything_and_logging_out_closes_it(stranger: TestClient) -> None:
    for path in ("/console/", "/console/gradio_api/queue/join", "/console/gradio_api/..%2f"):
        answer = stranger.get(path)
        assert answer.status_code == 401 and "shoppers said" not in answer.text
    assert "Larkhill &lt;i&gt;" in stranger.get("/console/").text
    assert _log_in(stranger, _PASSWORD) == 303
    answer = stranger.get("/console/")
    assert (answer.status_code, answer.text) == (200, "what shoppers said")
    assert answer.headers["x-frame-options"] == "DENY" and answer.headers["cache-control"] == "no-store"
    assert stranger.post("/console/gradio_api/queue/join").status_code == 200
    stranger.get("/console/logout")
    assert stranger.get("/console/").status_code == 401


def test_the_cookie_stays_in_its_place(stranger: TestClient) -> None:
    cookie = stranger.post("/console/login", data={"password": _PASSWORD}).headers["set-cookie"].casefold()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/console"))
    assert _PASSWORD not in cookie


@pytest.mark.parametrize("given", ["", "a long enough passwor", "é" * 40, "x" * 5000])
def test_a_wrong_password_opens_nothing(stranger: TestClient, given: str) -> None:
    assert _log_in(stranger, given) == 401
    assert stranger.get("/console/").status_code == 401


def test_guessing_is_slowed_down_also_for_the_right_guess(stranger: TestClient) -> None:
    answers = [_log_in(stranger, f"guess {number} of many") for number in range(11)]
    assert (answers[9], answers[10]) == (401, 429)
    assert _log_in(stranger, _PASSWORD) == 429


def test_a_session_of_another_password_is_none(stranger: TestClient) -> None:
    _log_in(stranger, _PASSWORD)
    other = _visitor("another long password", host="0.0.0.0", client="203.0.113.7", name="shop.example")
    other.cookies = stranger.cookies
    assert other.get("/console/").status_code == 401


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]:7860"])
def test_without_a_password_it_opens_on_this_machine(name: str) -> None:
    assert _visitor(None, name=name).get("/console/").status_code == 200


@pytest.mark.parametrize(
    ("where", "headers"),
    [
        ({"host": "0.0.0.0"}, {}),
        ({"client": "203.0.113.7"}, {}),
        # Somebody's own name that points here, and a proxy on this machine.
        ({"name": "rebound.example"}, {}),
        ({}, {"X-Forwarded-For": "203.0.113.7"}),
    ],
)
def test_without_a_password_it_opens_nowhere_else(where: dict[str, str], headers: dict[str, str]) -> None:
    answer = _visitor(None, **where).get("/console/", headers=headers)
    assert answer.status_code == 403 and "SHELFTALK_CONSOLE_PASSWORD" in answer.text
