"""What a shopper does with the widget, and models to talk with."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from assistant.chat_models import ToolChoice
from assistant.schema import Message, ToolCall, ToolSpec
from tests.browser.chromium import Visit, open_page
from tests.browser.serving import Served

KEY = "k" * 40
SEARCH = [ToolCall(id="s1", name="search_products", arguments={"query": "trail running shoes", "max_price": 120})]
CANCEL = [ToolCall(id="c1", name="cancel_pending_order", arguments={"order_id": "A1001", "reason": "too late"})]
POLICY = [ToolCall(id="p1", name="search_policies", arguments={"question": "Can I send things back?"})]
HUMAN = [ToolCall(id="h1", name="hand_over_to_human", arguments={"reason": "The customer asks for a person."})]


class Halting:
    """Says a sentence, then waits until the test lets it go on."""

    name = "halting"
    tuned = False

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.ended: list[str] = []

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        try:
            yield "Happy to help you. "
            self.go_on.wait(timeout=20)
            yield "Tell me what you like. "
            self.ended.append("whole")
            yield "And for whom it is. "
        finally:
            self.ended.append("left")


def visit(browser: Any, address: Served | str, path: str = "/demo-shop/", attributes: str = "", **how: Any) -> Visit:
    """Open a page of the shop's, with further attributes on the widget's tag."""
    here = open_page(browser, **how)
    if attributes:

        def tagged(route: Any) -> None:
            answer = route.fetch()
            route.fulfill(response=answer, body=answer.text().replace("data-locale=", f"{attributes} data-locale="))

        here.page.route(lambda url: "/demo-shop/" in url and "/static/" not in url, tagged)
    here.page.goto(f"{address if isinstance(address, str) else address.address}{path}")
    return here


def open_chat(here: Visit, name: str = "Chat with our AI assistant") -> Any:
    """Open the widget by its button; return the panel."""
    here.page.get_by_role("button", name=name).click()
    panel = here.page.locator("shelftalk-widget").get_by_role("dialog").first
    panel.wait_for()
    return panel


def say(here: Visit, words: str) -> None:
    """Type a message and send it."""
    here.page.locator("shelftalk-widget textarea").fill(words)
    here.page.keyboard.press("Enter")


def token_of(customer_id: str, key: str = KEY) -> str:
    """Return the attribute by which the shop's page tells the widget who its customer is."""
    expires = datetime.now(UTC) + timedelta(minutes=5)
    return f'data-token="{jwt.encode({"sub": customer_id, "exp": expires}, key, algorithm="HS256")}"'
