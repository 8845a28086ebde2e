"""What browsers are told, and whose pages may call."""

import pytest
from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.app import App
from tests.ui.server.test_routes import client, shop
from ui.server.serving import Site
from ui.widget import widget_routes

__all__ = ["shop"]
SHOP, OTHER = "https://shop.example", "https://other.example"


def site(shop: App) -> TestClient:
    def page(app: FastAPI) -> None:
        app.router.routes.append(Route("/", lambda request: HTMLResponse("<p>A page.")))

    return TestClient(Site(shop, widget_routes(shop), page).app)


def test_data_is_never_a_page(shop: App) -> None:
    asked = site(shop)
    for path in ("/v1/products/candles-01", "/v1/nothing", "/metrics", "/healthz", "/readyz", "/v1/openapi.json"):
        headers = asked.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; "), path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


def test_pages_are_framed_by_nobody_else(shop: App) -> None:
    asked = site(shop)
    page, demo, widget = (asked.get(path) for path in ("/", "/demo-shop/", "/widget.js"))
    assert (page.status_code, demo.status_code, widget.status_code) == (200, 200, 200)
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert "object-src 'none'" in page.headers["content-security-policy"]
    assert "script-src 'self'" in demo.headers["content-security-policy"], "its own, stricter one stays"
    assert widget.headers["cross-origin-resource-policy"] == "cross-origin"
    for answer in (page, demo, widget):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "status"), [(SHOP, 200), (OTHER, 403), ("null", 403), ("http://testserver", 200), (None, 200)]
)
def test_only_allowed_pages_may_call(shop: App, origin: str | None, status: int) -> None:
    asked = client(shop, allowed_origins=(SHOP,))
    answer = asked.get("/products/candles-01", headers={"Origin": origin} if origin else {})
    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") == (SHOP if origin == SHOP else None)
    assert "access-control-allow-credentials" not in answer.headers, "no cookies are used, so none are asked for"


def test_a_browser_may_ask_beforehand(shop: App) -> None:
    asked = client(shop, allowed_origins=(SHOP,))
    wanted = {
        "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-shelftalk-visitor,content-type",
    }  # fmt: skip
    answer = asked.options("/cart", headers={"Origin": SHOP, **wanted})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, SHOP)
    assert "x-shelftalk-visitor" in answer.headers["access-control-allow-headers"].lower()
    assert asked.options("/cart", headers={"Origin": OTHER, **wanted}).status_code in {400, 403}
    greedy = {**wanted, "Access-Control-Request-Headers": "cookie"}
    assert asked.options("/cart", headers={"Origin": SHOP, **greedy}).status_code == 400
