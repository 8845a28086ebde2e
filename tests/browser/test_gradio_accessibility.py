"""What axe finds in the Gradio app."""

from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from assistant.chat_models.scripted import ScriptedModel
from assistant.settings import Settings
from assistant.testing.stage import ShopCopy
from tests.browser.accessibility import violations
from tests.browser.chromium import open_page
from tests.browser.visits import SEARCH
from ui.gradio_app import launch

pytestmark = [
    pytest.mark.browser,
    # Gradio's own statistics of its queue use what pandas is about to drop.
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_app(browser: Any, demo_shop: ShopCopy, demo_settings: Settings, scheme: str) -> None:
    with ExitStack() as closing:
        stage = closing.enter_context(demo_shop.stage(ScriptedModel([SEARCH, "Here they are."])))
        blocks = launch(replace(stage.app, settings=demo_settings), "127.0.0.1", 0, wait=False)
        closing.callback(blocks.close, verbose=False)
        page = open_page(browser, color_scheme=scheme).page
        page.goto(blocks.local_url)
        page.wait_for_selector(".st-card")
        assert violations(page) == []
        page.locator("#st-message textarea").fill("Trail running shoes")
        page.keyboard.press("Enter")
        page.wait_for_selector(".st-steps")
        assert violations(page) == []
