"""The widget in a real browser: Debian's chromium, the demo shop's pages and a scripted model, over a real socket."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import ToolCall
from assistant.settings import Settings
from assistant.testing.stage import ShopCopy
from tests.browser.chromium import CHROMIUM, DESKTOP, FLAGS, PHONE, TABLET, Visit, open_page
from tests.browser.serving import Served, serve

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
]

_SEARCH = [ToolCall(id="s1", name="search_products", arguments={"query": "trail running shoes", "max_price": 120})]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def shop(demo_shop: ShopCopy, demo_settings: Settings) -> Iterator[Any]:
    """Serve the demo shop with a model; it closes after the test."""
    with ExitStack() as closing:
        yield lambda model, **given: closing.enter_context(serve(demo_shop, demo_settings, model, **given))


def visit(browser: Any, served: Served, path: str = "/demo-shop/", **how: Any) -> Visit:
    here = open_page(browser, **how)
    here.page.goto(f"{served.address}{path}")
    return here


def say(here: Visit, words: str) -> None:
    here.page.get_by_role("textbox", name="Your message").fill(words)
    here.page.keyboard.press("Enter")


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=lambda size: str(size["width"]))
def test_it_opens_and_answers_with_cards(browser: Any, shop: Any, size: dict[str, int]) -> None:
    here = visit(browser, shop(ScriptedModel([_SEARCH, "Here are trail shoes within your budget."])), size=size)
    assert not [address for address in here.requests if "panel." in address]
    here.page.get_by_role("button", name="Chat with our AI assistant").click()
    panel = here.page.get_by_role("dialog", name="Larkhill")
    panel.wait_for()
    assert "AI" in panel.locator(".disclosure").inner_text()
    say(here, "Trail running shoes under $120, please")
    panel.get_by_text("Here are trail shoes within your budget.").wait_for()
    assert panel.get_by_role("listitem").count() == 4
