"""The widget on pages of other people's: a strict policy, hostile styles, another origin; and words that attack."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from assistant.chat_models import ToolChoice
from assistant.chat_models.scripted import ScriptedModel
from assistant.schema import Message, ToolCall, ToolSpec
from tests.browser.serving import listening
from tests.browser.visits import SEARCH, open_chat, say, visit

pytestmark = pytest.mark.browser

_HOSTILE = """
* { display: none !important; color: red !important; font: 90px cursive !important; transform: rotate(90deg) !important;
    opacity: 0 !important; visibility: hidden !important; position: static !important; z-index: -1 !important;
    pointer-events: none !important; direction: rtl !important; animation: none !important; all: unset !important; }
shelftalk-widget, shelftalk-widget * { width: 1px !important; clip-path: inset(50%) !important; }
html { font-size: 60px !important; display: block !important; opacity: 1 !important; }
body { display: block !important; filter: blur(2px) !important; overflow: hidden !important; }
"""
_LOOK = "element => ['display', 'opacity', 'visibility', 'color', 'fontSize', 'position', 'width', 'rotate', 'transform']" \
        ".map(name => getComputedStyle(element)[name])"  # fmt: skip


@pytest.fixture
def other_page() -> Iterator[Any]:
    """Serve a page at another origin that carries the widget of a shop, under a policy."""
    with ExitStack() as closing:

        def serve(shop: list[str], policy: str = "", styles: str = "", attributes: str = "") -> str:
            def page(request: Request) -> HTMLResponse:
                tag = f'<script src="{shop[0]}/widget.js" {attributes} defer></script>'
                text = f"<!doctype html><html lang=en><title>A page</title><style nonce=n>{styles}</style>{tag}<p>Text"
                # A page knows its shop's address when it is written; the shop, which pages may call it.
                headers = {"Content-Security-Policy": policy.replace("SHOP", shop[0])} if policy else {}
                return HTMLResponse(text, headers=headers)

            return str(closing.enter_context(listening(Starlette(routes=[Route("/page", page)]))))

        yield serve


def test_under_a_strict_policy_on_another_origin_everything_works(browser: Any, shop: Any, other_page: Any) -> None:
    address: list[str] = []
    page = other_page(
        address,
        "default-src 'none'; script-src SHOP; connect-src SHOP; img-src SHOP; style-src 'nonce-n'; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
    )
    words = "Here are trail shoes within your budget."
    served = shop(ScriptedModel([SEARCH, words]), allowed_origins=(page,))
    address.append(served.address)
    here = visit(browser, page, "/page")
    panel = open_chat(here)
    say(here, "Trail running shoes")
    panel.get_by_text(words).wait_for()
    here.page.wait_for_function(
        "document.querySelector('shelftalk-widget').shadowRoot.querySelector('.card img').naturalWidth > 0"
    )
    card = panel.locator(".card").first
    card.get_by_role("button", name="Add to cart").click()
    card.get_by_label("size").wait_for()
    card.get_by_role("button", name="Add to cart").click()
    card.get_by_text("In your cart").wait_for()
    here.page.goto("about:blank")
    assert here.problems == []


def test_a_page_that_the_shop_does_not_know_gets_no_answer(browser: Any, shop: Any, other_page: Any) -> None:
    served = shop(ScriptedModel(["Never."]), allowed_origins=("https://shop.example",))
    here = visit(browser, other_page([served.address]), "/page")
    panel = open_chat(here)
    say(here, "Hello")
    panel.get_by_text("We can't reach the shop.").wait_for()


def test_hostile_styles_change_nothing(browser: Any, shop: Any, other_page: Any) -> None:
    served = shop(ScriptedModel([]))
    looks = []
    for styles in ("", _HOSTILE):
        here = visit(browser, other_page([served.address], styles=styles), "/page")
        panel = open_chat(here)
        parts = [here.page.locator("shelftalk-widget .launch"), panel, panel.locator(".bubble").first,
                 panel.get_by_role("button", name="Send"), panel.locator("textarea")]  # fmt: skip
        here.page.wait_for_timeout(300)
        looks.append([[part.evaluate(_LOOK), part.bounding_box()] for part in parts])
        assert here.page.evaluate("document.elementFromPoint(innerWidth - 60, innerHeight - 150)?.tagName") == (
            "SHELFTALK-WIDGET"
        )
    assert looks[0] == looks[1]


class _Attacker:
    """Says what a catalogue, a person or a model may say to a page that reads it as more than text."""

    name = "attacker"
    tuned = False
    words = "Happy to read <img src=x onerror=alert(1)> and <script>alert(2)</script> with you: javascript:alert(3)"

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        if tools and messages[-1].role == "user":
            yield ToolCall(id="a1", name="get_product", arguments={"product_id": "trail-shoes-01"})
        else:
            yield self.words


def test_what_anybody_writes_stays_text(browser: Any, shop: Any) -> None:
    attack = '"><img src=x onerror=alert(1)><script>alert(1)</script> {{7*7}} ${7*7} <b>bold</b>'
    here = visit(browser, shop(_Attacker()))
    alerts: list[str] = []
    here.page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))

    card = {
        "id": "x", "title": attack, "short_name": attack, "brand": None, "category": None, "price": None, "stock": 3,
        "rating": None, "rating_count": None, "image": "javascript:alert(4)", "link": "JavaScript:alert(5)",
        "reason": attack,
    }  # fmt: skip
    events = [
        {"type": "products_shown", "attribution_id": "a", "products": [card]},
        {"type": "sources_shown", "sources": [{"source": "x", "title": attack, "text": attack}]},
        {"type": "quick_replies_offered", "replies": [attack]},
    ]

    def poisoned(route: Any) -> None:
        answer = route.fetch()
        begun, rest = answer.text().split("\n\n", 1)
        more = "".join(f"data: {json.dumps(event)}\nid: 1\n\n" for event in events)
        route.fulfill(response=answer, body=f"{begun}\n\n{more}{rest}")

    here.page.route("**/v1/chat", poisoned)
    panel = open_chat(here)
    say(here, attack)
    panel.get_by_role("group", name="Was this helpful?").wait_for()
    panel.get_by_text("From our policies").click()
    log = panel.get_by_role("log")
    assert attack in panel.locator(".user").inner_text()
    assert attack in panel.locator(".card h3").first.inner_text()
    assert attack in panel.locator(".reason").inner_text()
    assert attack in panel.locator(".sources").inner_text()
    assert attack in panel.locator(".chip").first.inner_text()
    # Of the poisoned card neither the picture nor the link is there.
    assert log.locator("script, b, .card img[src^=javascript], a[href^=javascript i]").count() == 0
    assert log.locator("img:not([src^=http])").count() == 0
    here.page.wait_for_timeout(200)
    assert alerts == []


def test_the_demo_shop_escapes_what_it_is_asked_for(browser: Any, shop: Any) -> None:
    served = shop(ScriptedModel([]))
    here = visit(browser, served, "/demo-shop/shelf?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&sort=%3Cb%3E&page=-1")
    assert '">' in here.page.locator("h1").inner_text()
    assert here.page.locator("main script").count() == 0
    answer = here.page.request.get(f"{served.address}/demo-shop/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    # An id that the shop did not sign is none; the visitor is new, and the page is there.
    here.page.context.add_cookies([{"name": "demo_visitor", "value": "forged", "url": served.address}])
    here.page.reload()
    assert next(c["value"] for c in here.page.context.cookies() if c["name"] == "demo_visitor").count(".") == 2
