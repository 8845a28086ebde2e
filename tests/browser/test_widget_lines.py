"""The widget when things go wrong: lines that drop, pages that are reloaded, a service that refuses."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from assistant.chat_models.scripted import ScriptedModel
from tests.browser.serving import Line
from tests.browser.visits import KEY, SEARCH, Halting, open_chat, say, token_of, visit

pytestmark = pytest.mark.browser


@pytest.fixture
def line() -> Iterator[Any]:
    """Lay a line to a server; it is taken away after the test."""
    laid: list[Line] = []

    def lay(address: str) -> Line:
        laid.append(Line(address))
        return laid[-1]

    yield lay
    for each in laid:
        each.close()


def test_a_line_that_drops_in_mid_answer_is_taken_up(browser: Any, shop: Any, line: Any) -> None:
    model = Halting()
    laid = line(shop(model).address)
    here = visit(browser, laid.address)
    panel = open_chat(here)
    say(here, "Hello there")
    panel.get_by_text("Happy to help you.").wait_for()
    laid.down = True
    laid.cut()
    panel.locator(".wait", has_text="Reconnecting…").wait_for()
    model.go_on.set()
    laid.down = False
    panel.get_by_text("And for whom it is.").wait_for()
    panel.get_by_role("group", name="Was this helpful?").wait_for()
    said = panel.locator(".bubble.assistant").last.inner_text()
    assert said.count("Happy to help you.") == said.count("Tell me what you like.") == 1
    assert panel.locator(".bubble.user").count() == 1
    assert model.ended == ["whole", "left"]


def test_a_dead_line_is_told_and_tried_again_by_hand(browser: Any, shop: Any, line: Any) -> None:
    laid = line(shop(ScriptedModel(["Here I am."])).address)
    here = visit(browser, laid.address)
    panel = open_chat(here)
    laid.down = True
    laid.cut()
    say(here, "Hello there")
    panel.get_by_text("We can't reach the shop.").wait_for()
    laid.down = False
    panel.get_by_role("button", name="Try again").click()
    panel.get_by_text("Here I am.").wait_for()
    assert panel.locator(".bubble.user").count() == 1
    assert panel.get_by_text("We can't reach the shop.").count() == 0


def test_stop_stops_the_model_and_the_talk_goes_on(browser: Any, shop: Any) -> None:
    model = Halting()
    here = visit(browser, shop(model))
    panel = open_chat(here)
    say(here, "Hello there")
    panel.get_by_text("Happy to help you.").wait_for()
    panel.get_by_role("button", name="Stop answering").click()
    here.page.wait_for_timeout(200)
    model.go_on.set()
    panel.get_by_text("Stopped.").wait_for()
    panel.get_by_role("button", name="Send").wait_for()
    assert model.ended == ["left"]
    assert "And for whom it is." not in panel.inner_text()
    say(here, "And now?")
    panel.get_by_text("And for whom it is.").wait_for()
    assert model.ended == ["left", "whole", "left"]


def test_a_reload_brings_the_talk_back_with_the_answer_under_way(browser: Any, shop: Any) -> None:
    model = Halting()
    here = visit(browser, shop(model))
    panel = open_chat(here)
    say(here, "Hello there")
    panel.get_by_text("Happy to help you.").wait_for()
    here.page.reload()
    panel.get_by_text("Happy to help you.").wait_for()
    assert panel.locator(".bubble.user").all_text_contents() == ["You: Hello there"]
    model.go_on.set()
    panel.get_by_text("And for whom it is.").wait_for()
    panel.get_by_role("group", name="Was this helpful?").wait_for()
    here.page.reload()
    panel.get_by_text("And for whom it is.").wait_for()
    assert panel.locator(".bubble").count() == 2
    assert panel.locator(".wait").count() == 0
    assert here.problems == []


def test_cards_are_there_after_a_reload_and_a_new_talk_is_empty(browser: Any, shop: Any) -> None:
    here = visit(browser, shop(ScriptedModel([SEARCH, "Here are trail shoes."])))
    panel = open_chat(here)
    say(here, "Trail running shoes")
    panel.get_by_text("Here are trail shoes.").wait_for()
    panel.get_by_role("group", name="Was this helpful?").wait_for()
    here.page.reload()
    panel.locator(".card").first.wait_for()
    assert panel.locator(".card").count() == 4
    panel.get_by_role("button", name="New conversation").click()
    panel.get_by_text("Hi! Tell me what you are looking for").wait_for()
    assert panel.locator(".card, .bubble.user").count() == 0


def test_refusals_and_failures_are_told_in_clear_words(browser: Any, shop: Any) -> None:
    here = visit(browser, shop(ScriptedModel(["Hello to you."]), rate_limit="2/minute"))
    panel = open_chat(here)
    say(here, "Hello")
    panel.get_by_text("Hello to you.").wait_for()
    say(here, "And again")
    panel.get_by_text("Sorry, something went wrong on our side.").wait_for()
    say(here, "Once more")
    panel.get_by_text("That was a lot at once.").wait_for()
    assert panel.get_by_role("button", name="Try again").count() == 2
    panel.get_by_role("button", name="Send").wait_for()


def test_a_token_that_is_refused_tells_the_page(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([]), token_key=SecretStr(KEY))
    here = visit(browser, served, attributes=token_of("C001", "x" * 40))
    here.page.evaluate("document.addEventListener('shelftalk:auth-required', () => { window.asked = true; })")
    panel = open_chat(here)
    say(here, "Where is my order?")
    panel.get_by_text("Please sign in again to go on.").wait_for()
    assert here.page.evaluate("window.asked")


def test_a_talk_that_the_shop_has_forgotten_begins_anew(browser: Any, shop: Any) -> None:
    here = visit(browser, shop(ScriptedModel(["Hello to you.", "Hello again."])))
    panel = open_chat(here)
    say(here, "Hello")
    panel.get_by_text("Hello to you.").wait_for()
    panel.get_by_role("group", name="Was this helpful?").wait_for()
    here.page.route("**/v1/chat", lambda route: route.fulfill(status=404, json={"error": "gone"}), times=1)
    say(here, "Are you there?")
    panel.get_by_text("This conversation has ended.").wait_for()
    panel.get_by_role("button", name="Try again").click()
    panel.get_by_text("Hello again.").wait_for()
