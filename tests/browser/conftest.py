"""A browser for the widget's tests, and shops to visit."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from assistant.settings import Settings
from assistant.testing.stage import ShopCopy
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.serving import serve


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed: apt-get install chromium")
    with sync_api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def shop(demo_shop: ShopCopy, demo_settings: Settings) -> Iterator[Any]:
    """Serve the demo shop with a model, and with settings beside the usual ones; it closes after the test."""
    with ExitStack() as closing:

        def served(model: Any, routes: Any = (), **settings: Any) -> Any:
            chosen = demo_settings.model_copy(update=settings)
            return closing.enter_context(serve(demo_shop, chosen, model, routes))

        yield served
