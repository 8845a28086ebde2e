"""A whole purchase path through the widget and the demo shop, and what the shop learns of it."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from assistant.chat_models.scripted import ScriptedModel
from tests.browser.chromium import PHONE
from tests.browser.visits import SEARCH, open_chat, say, visit

pytestmark = pytest.mark.browser
_ANSWER = "Here are trail shoes within your budget."


def _eventually(told: Callable[[], bool]) -> None:
    """Wait for what the browser sends without anybody waiting for the answer."""
    until = time.monotonic() + 10
    while not told():
        assert time.monotonic() < until
        time.sleep(0.05)


def _visitor(served: Any, here: Any) -> str:
    from ui.server.callers import Callers

    token = next(cookie["value"] for cookie in here.page.context.cookies() if cookie["name"] == "demo_visitor")
    app = served.stage.app
    return Callers(app.settings, app.records).visitors.visitor_id(token)


def test_from_a_question_to_an_order(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([SEARCH, _ANSWER]))
    here = visit(browser, served)
    page = here.page
    panel = open_chat(here)
    say(here, "Trail running shoes under $120, please")
    card = panel.locator(".card").first
    name = card.get_by_role("heading").inner_text()
    picture = card.locator("img").get_attribute("src")
    card.get_by_role("button", name="Add to cart").click()
    colour, size = card.get_by_label("colour"), card.get_by_label("size")
    assert colour.evaluate("element => element.getRootNode().activeElement === element")
    colour.select_option(index=1)
    assert card.locator("img").get_attribute("src") != picture
    size.select_option("42")
    chosen = colour.input_value()
    card.get_by_role("button", name="Add to cart").click()
    card.get_by_text("In your cart").wait_for()
    assert page.locator("[data-cart-count]").inner_text() == "1"
    assert page.locator("shelftalk-widget .launch b").inner_text() == "1"
    panel.get_by_role("link", name="Cart: 1").click()
    page.wait_for_url("**/demo-shop/cart")
    line = page.locator(".lines li")
    assert name in line.inner_text() and f"{chosen}, 42" in line.inner_text()
    line.get_by_role("combobox").select_option("2")
    line.get_by_role("button", name="Update").click()
    page.get_by_role("link", name="Check out").click()
    for label, text in (
        ("Full name", "Ada <b>Ash</b>"), ("E-mail", "ada@example.org"), ("Street and number", "1 Oak Lane"),
        ("City", "Columbus"), ("Postcode", "43004"),
    ):  # fmt: skip
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Place order (demo)").click()
    page.get_by_role("heading", name="Order placed (demo)").wait_for()
    assert "Ada <b>Ash</b>" in page.locator("main").inner_text()
    assert page.locator("[data-cart-count]").inner_text() == ""
    # From the first card to the order: what the shop's figures count.
    done = served.stage.app.records.interactions.of_visitor(_visitor(served, here))
    assert [event.kind for event in done if event.kind == "purchase"] == ["purchase"]
    added = next(event for event in done if event.kind == "cart_add")
    seen = [event for event in done if event.kind == "view"]
    assert added.source == "widget" and added.product_id in {event.product_id for event in seen}
    assert len({added.attribution_id, *(event.attribution_id for event in seen)}) == 1 and added.attribution_id
    assert here.problems == []


def test_the_page_may_take_adding_over(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([SEARCH, _ANSWER]))
    here = visit(browser, served)
    here.page.evaluate(
        """() => document.addEventListener('shelftalk:add-to-cart', (event) => {
          event.preventDefault();
          window.taken = event.detail;
        })"""
    )
    panel = open_chat(here)
    say(here, "Trail running shoes")
    card = panel.locator(".card").first
    card.get_by_role("button", name="Add to cart").click()
    card.locator("select").first.wait_for()
    card.get_by_role("button", name="Add to cart").click()
    card.get_by_text("In your cart").wait_for()
    taken = here.page.evaluate("window.taken")
    assert taken["variant_id"].startswith(taken["product_id"]) and taken["quantity"] == 1
    assert not [url for url in here.requests if url.endswith("/v1/cart")]


def test_what_was_seen_is_told_also_by_a_page_that_is_left_at_once(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([SEARCH, _ANSWER]))
    here = visit(browser, served, size=PHONE)
    panel = open_chat(here)
    say(here, "Trail running shoes")
    panel.get_by_text(_ANSWER).wait_for()
    panel.locator(".card a").first.click()
    here.page.wait_for_url("**/demo-shop/products/*")
    of_visitor = served.stage.app.records.interactions.of_visitor
    visitor = _visitor(served, here)
    _eventually(lambda: {event.kind for event in of_visitor(visitor)} == {"view", "click"})
    kinds = [event.kind for event in of_visitor(visitor)]
    # Of four cards a phone shows two.
    assert kinds.count("click") == 1 and 1 <= kinds.count("view") < 4


def test_a_sold_out_product_cannot_be_added_and_a_lost_race_is_told(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([SEARCH, _ANSWER]))
    here = visit(browser, served)
    panel = open_chat(here)
    say(here, "Trail running shoes")
    card = panel.locator(".card").first
    card.get_by_role("button", name="Add to cart").click()
    card.locator("select").first.wait_for()
    here.page.route("**/v1/cart*", lambda route: route.fulfill(status=409, json={"error": "gone"}))
    card.get_by_role("button", name="Add to cart").click()
    card.get_by_text("That couldn't be added. Please try again.").wait_for()
    assert panel.locator(".head .icon b").is_hidden()


def test_the_shop_front_works_without_the_widget(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([]))
    here = visit(browser, served, "/demo-shop/shelf?department=Footwear&category=Trail+shoes&sort=cheap")
    page = here.page
    prices = [float(text.removeprefix("$")) for text in page.locator(".tile .price").all_inner_texts()]
    assert len(prices) > 6 and prices == sorted(prices)
    page.locator(".tile a").first.click()
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("heading", name="Your cart").wait_for()
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("Your cart is empty.").wait_for()
    page.get_by_role("link", name="Switch to Chinese").click()
    page.get_by_text("购物车是空的。").wait_for()
    page.get_by_role("searchbox").fill("登山靴")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="“登山靴”的搜索结果").wait_for()
    assert page.locator(".tile").count() > 3
    assert page.request.get(f"{served.address}/demo-shop/products/nope").status == 404
    assert page.request.get(f"{served.address}/products/trail-shoes-01").url.endswith(
        "/demo-shop/products/trail-shoes-01"
    )
    assert page.request.get(f"{served.address}/demo-shop/static/../pages.py").status == 404
    assert here.problems == []
