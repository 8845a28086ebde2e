"""Whoever can't see the screen, can't use a mouse or needs large letters shops as well: the widget and the demo shop."""

from typing import Any

import pytest
from pydantic import SecretStr

from assistant.chat_models.scripted import ScriptedModel
from tests.browser.accessibility import violations
from tests.browser.chromium import DESKTOP, PHONE, Visit
from tests.browser.visits import CANCEL, HUMAN, KEY, POLICY, SEARCH, open_chat, say, token_of, visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop-light", "phone-dark"])
def test_axe_finds_nothing_in_any_state_of_the_widget(
    browser: Any, shop: Any, size: dict[str, int], scheme: str
) -> None:
    model = ScriptedModel([SEARCH, "Here they are.", POLICY, "Most things can come back.", HUMAN, CANCEL])
    served = shop(model, token_key=SecretStr(KEY))
    here = visit(browser, served, attributes=token_of("C001"), size=size, color_scheme=scheme)
    page = here.page
    assert violations(page) == []
    panel = open_chat(here)
    assert violations(page) == []
    say(here, "Trail running shoes")
    panel.get_by_text("Here they are.").wait_for()
    panel.locator(".card").first.get_by_role("button", name="Add to cart").click()
    panel.locator(".card select").first.wait_for()
    assert violations(page) == []
    say(here, "What is your return policy?")
    panel.get_by_text("Most things can come back.").wait_for()
    panel.get_by_text("From our policies").click()
    say(here, "I want to talk to a human")
    panel.locator(".ticket").wait_for()
    panel.get_by_role("button", name="Send").wait_for()
    say(here, "Cancel order A1001, it comes too late")
    panel.get_by_role("dialog", name="Cancel order A1001").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="No, leave it").click()
    panel.get_by_text("All right, nothing was changed.").wait_for()
    panel.get_by_role("button", name="Send").wait_for()
    # The script is over: the next turn fails.
    say(here, "Hello")
    panel.locator(".notice").wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_demo_shop(browser: Any, shop: Any, scheme: str) -> None:
    here = visit(browser, shop(ScriptedModel([])), color_scheme=scheme)
    page = here.page
    for path in ("", "shelf?department=Audio", "shelf?q=zzqqxx", "products/headphones-01", "cart", "nowhere"):
        page.goto(f"{page.url.split('/demo-shop')[0]}/demo-shop/{path}")
        assert violations(page) == [], path
    page.goto(f"{page.url.split('/demo-shop')[0]}/demo-shop/products/headphones-01")
    page.get_by_role("button", name="Add to cart").click()
    assert violations(page) == []
    page.get_by_role("link", name="Check out").click()
    assert violations(page) == []


def _focused(here: Visit) -> str:
    return str(
        here.page.evaluate(
            """() => {
              let element = document.activeElement;
              while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
              return element.ariaLabel || element.innerText || element.tagName;
            }"""
        )
    )


def _tab_to(here: Visit, name: str, most: int = 30) -> None:
    for _ in range(most):
        if _focused(here).startswith(name):
            return
        here.page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab; the last was {_focused(here)}")


def test_everything_goes_by_the_keyboard(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([SEARCH, "Here they are.", CANCEL]), token_key=SecretStr(KEY))
    here = visit(browser, served, "/demo-shop/cart", attributes=token_of("C001"))
    keys = here.page.keyboard
    _tab_to(here, "Chat with our AI assistant")
    keys.press("Enter")
    panel = here.page.locator(".panel")
    panel.wait_for()
    here.page.wait_for_function("document.activeElement.shadowRoot?.activeElement?.tagName === 'TEXTAREA'")
    keys.type("Trail running shoes")
    keys.press("Shift+Enter")
    assert panel.locator(".user").count() == 0
    keys.press("Enter")
    panel.get_by_text("Here they are.").wait_for()
    panel.get_by_role("group", name="Was this helpful?").wait_for()
    assert _focused(here) == "Your message"
    for _ in range(30):
        keys.press("Shift+Tab")
        if "Add to cart" in _focused(here):
            break
    outline = panel.locator(".add:focus-visible").evaluate("element => getComputedStyle(element).outlineWidth")
    assert outline == "2px"
    keys.press("Enter")
    panel.locator("select").first.wait_for()
    keys.press("ArrowDown")
    _tab_to(here, "Add to cart")
    keys.press("Enter")
    panel.get_by_text("In your cart").wait_for()
    panel.locator("textarea").focus()
    keys.type("Cancel order A1001, it comes too late")
    keys.press("Enter")
    here.page.get_by_role("dialog", name="Cancel order A1001").wait_for()
    assert "Please confirm" in _focused(here)
    _tab_to(here, "Yes, do it")
    keys.press("Enter")
    panel.get_by_text("Order A1001 is cancelled.").wait_for()
    assert served.stage.orders()["A1001"].status == "cancelled"
    keys.press("Escape")
    panel.wait_for(state="hidden")
    assert _focused(here) == "Chat with our AI assistant"


def test_on_a_phone_focus_stays_in_the_panel_that_covers_the_page(browser: Any, shop: Any) -> None:
    here = visit(browser, shop(ScriptedModel([])), size=PHONE)
    panel = open_chat(here)
    assert panel.get_attribute("aria-modal") == "true"
    for _ in range(14):
        here.page.keyboard.press("Tab")
        assert here.page.evaluate("['SHELFTALK-WIDGET', 'BODY'].includes(document.activeElement.tagName)")
    here.page.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    assert not here.page.evaluate("document.body.inert")


def test_a_screen_reader_hears_each_sentence_once(browser: Any, shop: Any) -> None:
    words = "Happy to help you. Tell me what you like. And for whom it is."
    here = visit(browser, shop(ScriptedModel([SEARCH, words])))
    panel = open_chat(here)
    log = panel.get_by_role("log", name="Conversation")
    # What a screen reader reads out of a log: nodes that are added, outside of what is told not to be read.
    log.evaluate(
        """log => {
          window.heard = [];
          new MutationObserver((changes) => {
            const added = changes.flatMap((change) => [...change.addedNodes]);
            for (const node of added) {
              const place = node.nodeType === 1 ? node : node.parentElement;
              if (place.closest('[aria-live=off], [aria-hidden=true]')) continue;
              // With what it stands in, and that was added as well, it is read once.
              if (added.some((other) => other !== node && other.contains(node))) continue;
              if (node.textContent.trim()) window.heard.push(node.textContent.trim());
            }
          }).observe(log, { childList: true, subtree: true, characterData: true });
        }"""
    )
    say(here, "Trail running shoes")
    panel.get_by_role("group", name="Was this helpful?").wait_for()
    heard = here.page.evaluate("window.heard")
    for sentence in ("Happy to help you.", "Tell me what you like.", "And for whom it is."):
        assert sum(sentence in text for text in heard) == 1, heard
    assert not any("Add to cart" in text for text in heard)
    assert panel.get_by_role("status").filter(has_text="4 products").count() == 1


@pytest.mark.parametrize(
    "size", [{"width": 320, "height": 568}, {"width": 640, "height": 400}], ids=["320-px", "zoomed-to-200-percent"]
)
def test_small_screens_and_large_letters_lose_nothing(browser: Any, shop: Any, size: dict[str, int]) -> None:
    here = visit(browser, shop(ScriptedModel([SEARCH, "Here they are."])), size=size, device_scale_factor=2)
    panel = open_chat(here)
    say(here, "Trail running shoes " + "A" * 200)
    panel.get_by_text("Here they are.").wait_for()
    panel.get_by_role("group", name="Was this helpful?").wait_for()
    assert panel.evaluate("element => element.scrollWidth <= element.clientWidth")
    assert panel.get_by_role("log").evaluate("element => element.scrollWidth <= element.clientWidth")
    # Something of the talk is left to read between head and foot.
    assert panel.get_by_role("log").bounding_box()["height"] > 150
    for button in panel.get_by_role("button").all():
        box = button.bounding_box()
        assert box["width"] >= 24 and box["height"] >= 24, button.inner_text()
    assert here.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_nothing_moves_for_who_asked_for_that(browser: Any, shop: Any) -> None:
    here = visit(browser, shop(ScriptedModel([SEARCH, "Here they are."])), reduced_motion="reduce")
    panel = open_chat(here)
    say(here, "Trail running shoes")
    panel.get_by_text("Here they are.").wait_for()
    moving = here.page.evaluate("document.getAnimations({ subtree: true }).length")
    inside = panel.evaluate("element => element.getAnimations({ subtree: true }).length")
    assert (moving, inside) == (0, 0)
