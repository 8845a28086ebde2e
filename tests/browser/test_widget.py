"""The widget on the demo shop's pages, in a real browser over a real socket, with a scripted model."""

import json
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from assistant.chat_models.scripted import ScriptedModel
from tests.browser.chromium import DESKTOP, PHONE, TABLET
from tests.browser.visits import CANCEL, HUMAN, KEY, POLICY, SEARCH, open_chat, say, token_of, visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_and_answers_with_cards(browser: Any, shop: Any, size: dict[str, int], scheme: str) -> None:
    words = "Here are trail shoes within your budget."
    here = visit(browser, shop(ScriptedModel([SEARCH, words])), size=size, color_scheme=scheme)
    assert not [address for address in here.requests if "panel." in address or "/v1/" in address]
    panel = open_chat(here)
    assert "AI assistant" in panel.locator(".disclosure").inner_text()
    say(here, "Trail running shoes under $120, please")
    panel.get_by_text(words).wait_for()
    cards = panel.locator(".card")
    assert cards.count() == 4
    for card in cards.all():
        assert float(card.locator(".price").inner_text().removeprefix("$")) <= 120
        assert card.locator("img").get_attribute("alt", timeout=1000)
    here.page.wait_for_function(
        "document.querySelector('shelftalk-widget').shadowRoot.querySelector('.card img').naturalWidth > 0"
    )
    paper = panel.evaluate("element => getComputedStyle(element).backgroundColor")
    assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(26, 29, 28)")
    box = panel.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    assert box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
    assert here.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    outside = [url for url in here.requests if not url.startswith((here.page.url.split("/demo-shop")[0], "data:"))]
    assert (outside, here.problems) == ([], [])


def test_a_yes_in_the_dialog_cancels_the_order(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([CANCEL]), token_key=SecretStr(KEY))
    here = visit(browser, served, attributes=token_of("C001"))
    panel = open_chat(here)
    say(here, "Cancel order A1001, it comes too late")
    question = panel.get_by_role("dialog", name="Cancel order A1001")
    question.wait_for()
    assert "You get back" in question.inner_text() and "Visa ending in 4242" in question.inner_text()
    assert served.stage.orders()["A1001"].status == "pending"
    question.get_by_role("button", name="Yes, do it").click()
    panel.get_by_text("Order A1001 is cancelled.").wait_for()
    assert served.stage.orders()["A1001"].status == "cancelled"
    assert question.count() == 0
    assert here.problems == []


def test_a_no_changes_nothing_and_an_open_question_survives_a_reload(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([CANCEL]), token_key=SecretStr(KEY))
    here = visit(browser, served, attributes=token_of("C001"))
    open_chat(here)
    say(here, "Cancel order A1001, it comes too late")
    here.page.get_by_role("dialog", name="Cancel order A1001").wait_for()
    here.page.reload()
    here.page.get_by_role("button", name="No, leave it").click()
    here.page.get_by_text("All right, nothing was changed.").wait_for()
    assert served.stage.orders()["A1001"].status == "pending"


def test_sources_thumbs_and_a_colleague(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([POLICY, "You can send most things back.", HUMAN]))
    here = visit(browser, served)
    panel = open_chat(here)
    say(here, "What is your return policy?")
    panel.get_by_text("From our policies").click()
    assert "30 days" in panel.locator(".sources").inner_text()
    panel.get_by_role("button", name="Not helpful").click()
    panel.get_by_text("Thank you!").wait_for()
    assert panel.get_by_role("button", name="Not helpful").get_attribute("aria-pressed") == "true"
    say(here, "I want to talk to a human")
    ticket = panel.get_by_text("A colleague has been called.")
    ticket.wait_for()
    assert served.stage.app.records.tickets.waiting()[0].id in ticket.inner_text()


def test_what_a_colleague_writes_is_read_in_the_talk(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([HUMAN]))
    tickets = served.stage.app.records.tickets
    here = visit(browser, served)
    panel = open_chat(here)
    say(here, "I want to talk to a human")
    panel.get_by_text("A colleague has been called.").wait_for()
    ticket = tickets.waiting()[0]
    tickets.take(ticket.id, "Ana")
    tickets.answer(ticket.id, "Hello, <b>Ana</b> here.")
    panel.get_by_text("A colleague is with you.").wait_for()
    assert panel.locator(".human").text_content() == "Ana: Hello, <b>Ana</b> here."
    # What was read once is read again by neither the next look nor the next turn.
    here.page.wait_for_timeout(4500)
    say(here, "Hello Ana, my parcel is wet")
    panel.get_by_role("button", name="Send").wait_for()
    assert panel.get_by_text("Hello, <b>Ana</b> here.").count() == 1
    assert [message.text for message in tickets.messages(ticket.id)][-1] == "Hello Ana, my parcel is wet"
    tickets.answer(ticket.id, "I'll send another.")
    panel.locator(".human").nth(1).wait_for()
    tickets.close(ticket.id)
    panel.get_by_text(f"The colleague has closed ticket {ticket.id}.").wait_for()
    here.page.reload()
    panel.locator(".human", has_text="I'll send another.").wait_for()
    assert here.problems == []


def test_the_page_says_which_product_is_meant(browser: Any, shop: Any) -> None:
    here = visit(browser, shop(ScriptedModel(["It is."])), "/demo-shop/products/trail-shoes-01")
    open_chat(here)
    with here.page.expect_request("**/v1/chat") as asked:
        say(here, "Is this one waterproof?")
    page = json.loads(asked.value.post_data)["page"]
    assert page["product_id"] == "trail-shoes-01"
    assert page["url"].endswith("/demo-shop/products/trail-shoes-01")


def test_quick_replies_say_what_they_say(browser: Any, shop: Any) -> None:
    here = visit(browser, shop(ScriptedModel([SEARCH, "Here are trail shoes.", SEARCH, "Here they are again."])))
    panel = open_chat(here)
    say(here, "Trail running shoes")
    chip = panel.get_by_role("group", name="Suggestions").get_by_role("button").first
    chip.wait_for()
    words = chip.inner_text()
    chip.click()
    panel.locator(".user", has_text=words).wait_for()
    assert panel.get_by_role("button", name=words).count() == 0


def test_it_speaks_chinese_and_whatever_a_table_holds(browser: Any, shop: Any) -> None:
    table = {"fa": {"launcher": "گفتگو", "message": "پیام شما", "greeting": "سلام!"}}

    def texts(request: Request) -> JSONResponse:
        return JSONResponse(table)

    served = shop(ScriptedModel([]), routes=[Route("/texts.json", texts)])
    chinese = visit(browser, served, locale="zh-CN")
    open_chat(chinese, "与 AI 购物助手对话").get_by_role("textbox", name="您的消息").wait_for()
    persian = visit(browser, served, attributes='data-texts="/texts.json" data-locale="fa"')
    panel = open_chat(persian)
    assert panel.get_attribute("dir") == "rtl"
    panel.get_by_role("textbox", name="پیام شما").wait_for()
    # What the table lacks is told in English.
    assert panel.get_by_role("button", name="Send").count() == 1
    send, box = panel.get_by_role("button", name="Send").bounding_box(), panel.bounding_box()
    assert send["x"] < box["x"] + box["width"] / 2


@pytest.mark.parametrize(
    ("brand", "ground", "ink"),
    [
        ("white", "rgb(255, 255, 255)", "rgb(0, 0, 0)"),
        ("#7a2ee6", "rgb(122, 46, 230)", "rgb(255, 255, 255)"),
        ("hsl(60 100% 50%)", "rgb(255, 255, 0)", "rgb(0, 0, 0)"),
        ("nonsense", "rgb(30, 90, 72)", "rgb(255, 255, 255)"),
    ],
)
def test_a_brands_colour_is_never_unreadable(browser: Any, shop: Any, brand: str, ground: str, ink: str) -> None:
    here = visit(browser, shop(ScriptedModel([])), attributes=f'data-brand-color="{brand}"')
    button = here.page.get_by_role("button", name="Chat with our AI assistant")
    style = button.evaluate("element => [getComputedStyle(element).backgroundColor, getComputedStyle(element).color]")
    assert style == [ground, ink]
