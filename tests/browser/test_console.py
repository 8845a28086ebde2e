"""The shop's own view in a real browser, beside the shopper's."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from assistant.chat_models import ChatModel
from assistant.chat_models.scripted import ScriptedModel, SilentModel
from assistant.schema import ToolCall
from assistant.settings import Settings
from assistant.shop.feedback import FeedbackEntry
from assistant.shop.traces import HeldBack, Showing
from assistant.testing.stage import ShopCopy, Stage
from retrieval.merchandising import MERCHANDISING_FILE
from tests.assistant.shop.test_traces import make_trace
from tests.browser.chromium import CHROMIUM, DESKTOP, FLAGS, PHONE, Visit, open_page
from ui.gradio_app import launch

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
    # Gradio's own statistics of its queue use what pandas is about to drop.
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]
_PASSWORD = "larkhill staff only"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def _open(
    browser: Any,
    shop: ShopCopy,
    settings: Settings,
    size: dict[str, int] = DESKTOP,
    password: str | None = None,
    model: ChatModel | None = None,
) -> Iterator[tuple[Stage, Visit, str]]:
    with ExitStack() as closing:
        stage = closing.enter_context(shop.stage(model or SilentModel()))
        chosen = settings.model_copy(update={"console_password": SecretStr(password) if password else None})
        blocks = launch(replace(stage.app, settings=chosen), "127.0.0.1", 0, wait=False)
        closing.callback(blocks.close, verbose=False)
        visit = open_page(browser, size)
        visit.page.set_default_timeout(40_000)
        closing.callback(visit.page.context.close)
        yield stage, visit, f"{blocks.local_url}console"


def _talked(stage: Stage) -> None:
    """Leave what one conversation leaves in the records, a held-back sentence and a search for what isn't sold."""
    records, now = stage.app.records, datetime.now(UTC)
    conversation = stage.app.start_conversation("C001")
    records.conversations.save(conversation)
    trace = make_trace("5f0c5f0c5f0c", "C001", None, now, "grand piano", 0)
    held = HeldBack(sentence="It floats <b>on water</b>.", reason="nothing says so")
    showing = Showing(attribution_id="a1", product_ids=("trail-shoes-01",))
    said = {"role": "user", "content": "Do you sell <i>pianos</i>?"}
    changed = {"conversation_id": conversation.id, "held_back": (held,), "showings": (showing,), "first_word": 1.25}
    records.traces.add(type(trace).model_validate(trace.model_copy(update=changed).model_dump() | {"messages": [said]}))
    records.feedback.give(FeedbackEntry(conversation_id=conversation.id, turn=1, rating="down", comment="No pianos?"))


def test_an_empty_shop_says_so_and_asks_nobody_outside(
    chromium: Any, demo_shop: ShopCopy, demo_settings: Settings
) -> None:
    with _open(chromium, demo_shop, demo_settings) as (_, visit, address):
        visit.page.goto(address)
        visit.page.get_by_text("Nobody has asked anything yet").wait_for()
        visit.page.get_by_role("tab", name="Searches").click()
        visit.page.get_by_text("No searches in this time").wait_for()
        outside = [
            url for url in visit.requests if not url.startswith((address.removesuffix("console"), "data:", "blob:"))
        ]
        assert (outside, visit.problems) == ([], [])


def test_a_conversation_is_read_with_what_was_held_back_while_it_goes_on(
    chromium: Any, demo_shop: ShopCopy, demo_settings: Settings
) -> None:
    with _open(chromium, demo_shop, demo_settings) as (stage, visit, address):
        page = visit.page
        page.goto(address)
        page.get_by_role("tab", name="Conversations").click()
        page.get_by_text("No conversations yet").wait_for()
        _talked(stage)
        # Nobody reloads: it comes by itself.
        page.get_by_text("Maya Lindqvist · C001").wait_for()
        talk = page.locator(".sc-talk")
        assert "Do you sell <i>pianos</i>?" in talk.inner_text()
        assert talk.locator(".sc-held s").inner_text() == "It floats <b>on water</b>."
        assert "nothing says so" in talk.locator(".sc-held").inner_text()
        page.get_by_role("tab", name="Answers").click()
        page.get_by_text("No pianos?").wait_for()
        page.get_by_role("button", name="Read the conversation").last.click()
        talk.wait_for()


def test_a_person_answers_and_both_sides_see_it_until_the_assistant_is_back(
    chromium: Any, demo_shop: ShopCopy, demo_settings: Settings
) -> None:
    call = [ToolCall(id="h1", name="hand_over_to_human", arguments={"reason": "The mug <b>broke</b>"})]
    model = ScriptedModel([call, "Gladly, that is done."])
    with _open(chromium, demo_shop, demo_settings, model=model) as (stage, visit, address):
        shopper, shop = visit.page, open_page(chromium).page
        shop.set_default_timeout(40_000)
        shopper.goto(address.removesuffix("console"))
        shopper.wait_for_selector(".st-card")
        shopper.locator("#st-message textarea").fill("My mug arrived broken, a person please")
        shopper.keyboard.press("Enter")
        shopper.locator(".st-hand-over-open").wait_for()
        shop.goto(address)
        shop.get_by_role("tab", name="Hand-overs").click()
        shop.locator(".sc-ticket").get_by_text("The mug <b>broke</b>").wait_for()
        shop.get_by_label("Your name").fill("Anna")
        shop.get_by_label("Your answer").fill("I'm sorry. A new mug is on its way & free.")
        shop.get_by_role("button", name="Send answer").click()
        shopper.get_by_text("A new mug is on its way & free.").wait_for()
        shopper.get_by_text("Anna is with you now").wait_for()
        shopper.locator("#st-message textarea").fill("Thank you, Anna!")
        shopper.keyboard.press("Enter")
        # The model has no further step: nobody asked it.
        shop.locator("#sc-desk-lines").get_by_text("Thank you, Anna!").wait_for()
        shop.get_by_role("button", name="Done: back to the assistant").click()
        shop.get_by_text("Nobody waits for a person").wait_for()
        shopper.get_by_text("The assistant is here again.").wait_for()
        (ticket,) = [stage.app.records.tickets.get("T1001")]
        assert (ticket.state, ticket.taken_by) == ("closed", "Anna")
        shop.context.close()


def test_words_that_find_nothing_get_a_synonym(chromium: Any, demo_shop: ShopCopy, demo_settings: Settings) -> None:
    file = demo_settings.store / MERCHANDISING_FILE
    assert not file.exists()
    try:
        with _open(chromium, demo_shop, demo_settings) as (stage, visit, address):
            _talked(stage)
            page = visit.page
            page.goto(address)
            page.get_by_role("tab", name="Searches").click()
            page.get_by_role("button", name="Add synonym: grand piano").click()
            field = page.get_by_label("Words that mean the same")
            page.wait_for_function("document.querySelector('#sc-synonyms textarea').value === 'grand piano, '")
            field.fill("grand piano, ")
            page.keyboard.press("Enter")
            page.locator(".sc-told.sc-bad").wait_for()
            assert not file.exists()
            field.fill("grand piano, keyboard")
            page.keyboard.press("Enter")
            page.get_by_text("these mean the same: grand piano, keyboard").wait_for()
            assert file.read_text() == '[[synonyms]]\nwords = ["grand piano", "keyboard"]\n'
    finally:
        file.unlink(missing_ok=True)


def test_the_door_is_shut_without_the_password_and_a_phone_fits_behind_it(
    chromium: Any, demo_shop: ShopCopy, demo_settings: Settings
) -> None:
    with _open(chromium, demo_shop, demo_settings, PHONE, _PASSWORD) as (stage, visit, address):
        _talked(stage)
        page = visit.page
        assert page.request.get(f"{address}/config").status == 401
        page.goto(address)
        page.get_by_label("Password").fill("a guess at it, wrong")
        page.keyboard.press("Enter")
        page.get_by_text("That isn't the password.").wait_for()
        page.get_by_label("Password").fill(_PASSWORD)
        page.keyboard.press("Enter")
        page.locator(".sc-tiles").wait_for()
        page.locator(".sc-chart .js-plotly-plot .barlayer").first.wait_for()
        for tab in page.get_by_role("tab").all():
            tab.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.get_by_role("link", name="Log out").click()
        page.get_by_label("Password").wait_for()
        assert page.request.get(f"{address}/config").status == 401
