"""The Gradio app in a real browser: Debian's chromium, the demo shop and a scripted model."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from assistant.chat_models import ToolChoice
from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import Coupon, Message, ToolCall, ToolSpec
from assistant.settings import Settings
from assistant.testing.stage import ShopCopy, Stage
from ui.gradio_app import launch

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
_CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(_CHROMIUM is None, reason="Debian's chromium is not installed: apt-get install chromium"),
    # Gradio's own statistics of its queue use what pandas is about to drop.
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
_DESKTOP, _PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

_KEY = "k" * 40
_SEARCH = [ToolCall(id="s1", name="search_products", arguments={"query": "trail running shoes", "max_price": 120})]
_CANCEL = [ToolCall(id="c1", name="cancel_pending_order", arguments={"order_id": "A1001", "reason": "too late"})]
_POLICY = [ToolCall(id="p1", name="search_policies", arguments={"question": "Can I send things back?"})]
_ORDER = [ToolCall(id="o1", name="get_order", arguments={"order_id": "A1001"})]
_LOOK = [ToolCall(id="l1", name="get_product", arguments={"product_id": "trail-shoes-01"})]


@dataclass
class Visit:
    """A page of the app, everything it asked the network for, and the shop behind it."""

    page: Any
    address: str
    stage: Stage
    requests: list[str]
    problems: list[str]

    def say(self, text: str) -> None:
        self.page.locator("#st-message textarea").fill(text)
        self.page.keyboard.press("Enter")

    def shop_as(self, name: str) -> None:
        self.page.get_by_label("Shop as").click()
        self.page.get_by_role("option", name=name).click()
        self.page.get_by_text(f"You are shopping as {name}.").wait_for()

    def status_of(self, order_id: str) -> str:
        return self.stage.orders()[order_id].status


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, demo_shop: ShopCopy, demo_settings: Settings) -> Iterator[Any]:
    """Open the app with a model, at a size; everything is closed after the test."""
    with _opener(chromium, demo_shop, demo_settings) as opened:
        yield opened


@contextmanager
def _opener(chromium: Any, demo_shop: ShopCopy, demo_settings: Settings) -> Iterator[Any]:
    with ExitStack() as closing:

        def opened(
            model: Any, size: dict[str, int] = _DESKTOP, key: str | None = None, query: str = "", **context: Any
        ) -> Visit:
            stage = closing.enter_context(demo_shop.stage(model))
            # The copy of the store has no pictures; they are served from the original.
            chosen = demo_settings.model_copy(update={"token_key": SecretStr(key) if key else None})
            blocks = launch(replace(stage.app, settings=chosen), "127.0.0.1", 0, wait=False)
            closing.callback(blocks.close, verbose=False)
            browsing = chromium.new_context(viewport=size, locale="en-US", **context)
            closing.callback(browsing.close)
            page = browsing.new_page()
            page.set_default_timeout(20_000)
            visit = Visit(page, blocks.local_url, stage, [], [])
            page.on("request", lambda request: visit.requests.append(request.url))
            page.on("pageerror", lambda error: visit.problems.append(str(error)))
            page.goto(f"{blocks.local_url}{query}")
            page.wait_for_selector(".st-card")
            return visit

        yield opened


@pytest.mark.parametrize("signed_with", [_KEY, "x" * 40])
def test_the_shops_own_page_says_who_a_visitor_is_and_nobody_picks(visit: Any, signed_with: str) -> None:
    expires = datetime.now(UTC) + timedelta(minutes=5)
    token = jwt.encode({"sub": "C002", "exp": expires}, signed_with, algorithm="HS256")
    here = visit(ScriptedModel([]), key=_KEY, query=f"?token={token}")
    name = here.stage.find_customer("C002").name
    greeting = here.page.locator("#st-chat").inner_text()
    assert (f"You are shopping as {name}." in greeting) == (signed_with == _KEY)
    assert not here.page.get_by_label("Shop as").is_visible()
    assert here.page.locator(".st-demo").count() == 0


def test_a_search_fills_the_shelf_and_asks_nobody_outside(visit: Any) -> None:
    here = visit(ScriptedModel([_SEARCH, "Here are trail shoes within your budget."]))
    page = here.page
    assert "You are talking to an AI" in page.locator(".st-disclosure").inner_text()
    here.say("Trail running shoes under $120, please")
    page.wait_for_selector(".st-steps")
    cards = page.locator(".st-card")
    assert cards.count() == 4
    answer = page.locator("#st-chat").inner_text()
    for card in cards.all():
        assert float(card.locator(".st-price").inner_text().removeprefix("$")) <= 120
        assert card.locator("h3").inner_text() in answer
        assert "Rated" in (card.locator(".st-stars").get_attribute("aria-label") or "")
        assert card.locator("img").get_attribute("alt")
    page.wait_for_function("[...document.querySelectorAll('.st-card img')].every(image => image.naturalWidth > 0)")
    steps = page.locator("details.st-steps")
    assert steps.get_attribute("open") is None
    steps.locator("summary").click()
    assert "search_products(" in steps.locator("code").inner_text()
    assert page.locator(".st-chip:visible").count() == 3
    outside = [url for url in here.requests if not url.startswith((here.address, "data:", "blob:"))]
    assert (outside, here.problems) == ([], [])


def test_a_yes_cancels_the_order(visit: Any) -> None:
    here = visit(ScriptedModel([_CANCEL]))
    page = here.page
    here.shop_as("Maya Lindqvist")
    here.say("Cancel order A1001, it comes too late")
    accept = page.get_by_role("button", name="Yes, do it")
    accept.wait_for()
    assert "Cancel order A1001" in page.locator(".st-proposal").inner_text()
    assert "Refund" in page.locator(".st-proposal").inner_text()
    assert here.status_of("A1001") == "pending"
    accept.click()
    page.get_by_text("Order A1001 is cancelled.").first.wait_for()
    accept.wait_for(state="hidden")
    assert here.status_of("A1001") == "cancelled"


def test_a_no_changes_nothing(visit: Any) -> None:
    here = visit(ScriptedModel([_CANCEL]))
    page = here.page
    here.shop_as("Maya Lindqvist")
    here.say("Cancel order A1001")
    decline = page.get_by_role("button", name="No, leave it")
    decline.click()
    page.get_by_text("All right, nothing was changed.").wait_for()
    decline.wait_for(state="hidden")
    assert here.status_of("A1001") == "pending"


def test_a_phone_has_no_sideways_scrolling(visit: Any) -> None:
    here = visit(ScriptedModel([_POLICY, "You can send most things back."]), _PHONE, color_scheme="dark")
    page = here.page
    here.say("What is your return policy? " + "A" * 300)
    page.locator("details.st-sources summary").click()
    for end in (page.locator("#st-composer"), page.locator("#st-header")):
        box = end.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= _PHONE["width"]
        assert box["y"] >= 0 and box["y"] + box["height"] <= _PHONE["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]
    assert page.evaluate("document.querySelector('#st-chat .bubble-wrap').scrollWidth") <= _PHONE["width"]
    assert page.evaluate("document.querySelector('.st-cards').scrollWidth") > _PHONE["width"]


def test_what_shopper_and_catalogue_write_stays_text(visit: Any) -> None:
    attack = "<img src=x onerror=alert(1)> ![p](http://example.invalid/p.png) **bold** {{x}} ${1+1}"
    here = visit(ScriptedModel(["Happy to read <img src=y onerror=alert(y)> and {{y}} with you."]))
    page = here.page
    here.say(attack)
    page.locator("#st-chat [data-testid=user]").get_by_text(attack).wait_for()
    page.locator("#st-chat [data-testid=bot]").get_by_text(
        "<img src=y onerror=alert(y)> and {{y}} with you."
    ).wait_for()
    assert page.locator("#st-chat img").count() == 0
    assert not [url for url in here.requests if "example.invalid" in url]


class _Halting:
    """Says a sentence, then waits until the test lets it go on."""

    name = "halting"
    tuned = False

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        yield "Happy to help you. "
        self.go_on.wait(timeout=20)
        yield "Tell me what you like. "
        yield "This is never read. "


def test_stop_ends_the_answer_and_a_new_conversation_is_empty(visit: Any) -> None:
    model = _Halting()
    here = visit(model)
    page = here.page
    here.say("Hello there")
    page.get_by_text("Happy to help you.").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Stopping…").wait_for()
    model.go_on.set()
    page.get_by_text("Stopped.").wait_for()
    page.get_by_role("button", name="Send").wait_for()
    assert "This is never read." not in page.locator("#st-chat").inner_text()
    page.get_by_role("button", name="New conversation").click()
    page.get_by_text("Happy to help you.").wait_for(state="hidden")
    assert page.locator("#st-chat [data-testid=user]").count() == 0


def test_two_browsers_share_nothing_and_a_chinese_one_reads_chinese(visit: Any, chromium: Any) -> None:
    here = visit(ScriptedModel([_LOOK, "Here you are."]))
    other = chromium.new_context(viewport=_DESKTOP, locale="zh-CN").new_page()
    other.goto(here.address)
    other.wait_for_selector(".st-card")
    here.page.locator(".st-ask").first.click()
    here.page.wait_for_selector(".st-steps")
    assert here.page.locator(".st-card").count() == 1
    assert other.locator(".st-card").count() > 1
    assert other.locator("#st-chat [data-testid=user]").count() == 0
    other.get_by_role("button", name="发送").wait_for()
    assert other.evaluate("document.documentElement.lang") == "zh"
    other.context.close()


def test_a_card_opens_and_the_way_back_leads_to_the_shelf(visit: Any) -> None:
    here = visit(ScriptedModel([]))
    page = here.page
    count = page.locator(".st-card").count()
    card = page.locator(".st-card").first
    name, price = card.locator("h3").inner_text(), card.locator(".st-price").inner_text()
    card.locator("h3 button").press("Enter")
    product = page.locator(".st-product")
    product.wait_for()
    assert name.split()[0] in product.locator("h2").inner_text() and price in product.locator(".st-price").inner_text()
    assert product.locator("dl div").count() > 2
    page.get_by_role("button", name="Back to the shelf").click()
    product.wait_for(state="detached")
    assert page.locator(".st-card").count() == count


def test_what_is_recommended_says_why_and_changes_with_thumbs_and_with_the_talk(visit: Any) -> None:
    here = visit(ScriptedModel([_LOOK, "Here you are."]))
    page, records = here.page, here.stage.app.records
    here.shop_as("Maya Lindqvist")
    page.get_by_role("tab", name="For you").click()
    page.get_by_role("heading", name="For you, Maya Lindqvist").wait_for()
    cards = page.locator(".st-for-you .st-card")
    first = cards.first.get_attribute("data-product")
    assert page.locator(".st-for-you .st-reason").count() > 0
    before = [card.get_attribute("data-product") for card in cards.all()]
    cards.first.get_by_role("button", name="Not for me").click()
    page.locator(f".st-for-you [data-product='{first}']").first.wait_for(state="detached")
    assert [event.kind for event in records.interactions.of_customer("C001", limit=1)] == ["dislike"]
    second = cards.first.get_attribute("data-product")
    cards.first.get_by_role("button", name="More like this").click()
    page.locator(f"[data-product='{second}'] [aria-pressed=true]").or_(page.locator("#st-told")).first.wait_for()
    assert [event.kind for event in records.interactions.of_customer("C001", limit=1)] == ["like"]
    shown = [card.get_attribute("data-product") for card in cards.all()]
    here.say("I don't want socks, please")
    page.wait_for_selector(".st-steps")
    page.locator(f".st-for-you [data-product='{shown[0]}']").first.wait_for(state="detached")
    after = [card.get_attribute("data-product") for card in cards.all()]
    assert sum("socks" in product for product in after) < sum("socks" in product for product in shown)
    assert first not in after and first in before and len(after) == len(before)


def test_what_is_put_into_the_cart_is_there_after_a_reload_and_its_interest_is_kept(visit: Any) -> None:
    here = visit(ScriptedModel([]))
    page, records = here.page, here.stage.app.records
    here.stage.app.records.coupons.put(Coupon(code="SPRING10", kind="percent", value=Decimal(10)))
    page.locator(".st-open").first.click()
    page.get_by_role("button", name="Add to cart", exact=True).click()
    page.locator("#st-told").get_by_text("It's in your cart.").wait_for()
    page.reload()
    page.get_by_role("tab", name="Cart · 1").click()
    line = page.locator(".st-line")
    price = Decimal(line.locator(".st-amount").inner_text().strip("$"))
    line.get_by_role("button", name="One more").click()
    page.get_by_role("tab", name="Cart · 2").wait_for()
    page.get_by_label("Coupon code").fill("nothing")
    page.keyboard.press("Enter")
    page.get_by_text("There is no such coupon.").wait_for()
    page.get_by_label("Coupon code").fill("spring10")
    page.keyboard.press("Enter")
    page.get_by_text("Coupon SPRING10").wait_for()
    assert page.locator(".st-total dd").inner_text() == f"${price * 2 * Decimal('0.9'):,.2f}"
    line.get_by_role("button", name="Remove").click()
    page.get_by_text("Your cart is empty").wait_for()
    done = [(event.kind, event.source, event.customer_id) for _, event in records.interactions.since()]
    assert done[-2:] == [("click", "app", None), ("cart_add", "app", None)]
    clicked, added = [event for _, event in records.interactions.since()][-2:]
    assert clicked.attribution_id is not None and clicked.attribution_id == added.attribution_id
    assert clicked.visitor_id == added.visitor_id and clicked.visitor_id


def test_orders_are_the_customers_own_and_can_be_asked_about(visit: Any) -> None:
    here = visit(ScriptedModel([_ORDER, "It is waiting to be packed."]))
    page = here.page
    page.get_by_role("tab", name="My orders").click()
    page.get_by_role("button", name="Where is my order?").last.wait_for()
    assert page.locator(".st-order").count() == 0
    here.shop_as("Maya Lindqvist")
    page.locator(".st-order").first.wait_for()
    shown = {order.get_attribute("data-order") for order in page.locator(".st-order").all()}
    assert shown == {order for order, state in here.stage.orders().items() if state.customer_id == "C001"}
    parcel = page.locator(".st-parcel").first
    assert not parcel.locator("li").first.is_visible()
    parcel.locator("summary").click()
    parcel.get_by_text("Columbus").wait_for()
    assert "Packed" in parcel.locator("li").last.inner_text()
    page.locator("[data-order=A1001]").get_by_role("button", name="Ask about it").click()
    page.locator("#st-chat [data-testid=user]").get_by_text("Where is my order A1001?").wait_for()
    page.wait_for_selector(".st-steps")


def test_a_thumb_is_kept_with_a_word_of_why_and_can_be_taken_back(visit: Any) -> None:
    here = visit(ScriptedModel([_SEARCH, "Here are trail shoes within your budget."]))
    page, feedback = here.page, here.stage.app.records.feedback
    assert page.get_by_role("button", name="Dislike").count() == 0
    here.say("Trail running shoes under $120, please")
    page.wait_for_selector(".st-steps")
    page.get_by_role("button", name="Dislike").last.click()
    page.get_by_label("What was wrong").fill("These are <b>road</b> shoes")
    page.keyboard.press("Enter")
    page.locator("#st-why").wait_for(state="hidden")
    (entry,) = feedback.list()
    assert (entry.turn, entry.rating, entry.comment) == (1, "down", "These are <b>road</b> shoes")
    page.get_by_role("button", name="Disliked").click()
    page.get_by_role("button", name="Disliked").wait_for(state="detached")
    assert feedback.list() == []


def test_records_and_files_beside_the_pictures_are_not_served(visit: Any, demo_store: Path) -> None:
    here = visit(ScriptedModel([]))
    picture = next((demo_store / "pictures").iterdir()).name
    get = here.page.request.get
    assert get(f"{here.address}pictures/{picture}").status == 200
    for path in ("pictures/../shop.sqlite", "pictures/%2e%2e/shop.sqlite", f"gradio_api/file={demo_store}/shop.sqlite"):
        assert get(f"{here.address}{path}").status in (403, 404)
