"""The parts of the Gradio app that need no browser: what they write, and what a session makes of events."""

import html
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from assistant.schema import (
    Conversation,
    Event,
    Money,
    PaymentMethod,
    ProductCard,
    ProductsShown,
    Proposal,
    Scan,
    Shipment,
    TextDelta,
    ToolCall,
    ToolCallFinished,
    ToolCallStarted,
    TurnFailed,
    TurnFinished,
)
from ui.gradio_app import picture_route
from ui.gradio_cards import picture_address, proposal_html, shelf_html
from ui.gradio_markup import literal, literal_lines, prose
from ui.gradio_messages import chat_messages
from ui.gradio_parcels import parcels_html
from ui.gradio_session import Session, Shelf

_CARD = ProductCard(
    id="p-1",
    title='A "title" <script>alert(1)</script>',
    short_name="Plain <b>Thing</b> {{x}}",
    brand="Ampère & Söhne",
    category=None,
    price=Money(amount=Decimal("1234.5"), currency="USD"),
    stock=3,
    rating=4.25,
    rating_count=1200,
    image="pictures/p-1-blue green.svg",
    link=None,
)


def _session() -> Session:
    return Session(Conversation(id="c"), Shelf("favourites", ()))


def _play(session: Session, *events: Event) -> None:
    for _ in session.follow("hello", iter(events), stoppable=True):
        pass


@pytest.mark.parametrize(
    "text", ["<b onclick='x'>", "**no** [a](b) ![c](d)", "{{x}} ${y} `z`", "# 1. - |a|b|", "价格 <5"]
)
def test_literal_text_reads_as_written_and_holds_no_mark(text: str) -> None:
    made = literal(text)
    assert html.unescape(made) == text
    assert not set(made) & set("<>\"'`*_[](){}$|!-")


def test_literal_lines_hold_no_blank_line() -> None:
    assert literal_lines("one\n\n  two\n") == "one<br><br>two"


def test_prose_keeps_bold_and_lists_and_disarms_the_rest() -> None:
    made = prose("- **Shoes** for $5\n    code\n![x](http://a.b/c.png) <img src=y> www.a.b")
    assert made.splitlines()[0] == "- **Shoes** for &#36;5"
    assert made.splitlines()[1] == "code"
    assert not any(mark in made for mark in ("![", "](", "<img", "http://", "www."))


def test_a_card_tells_everything_and_holds_no_tag_of_the_catalogue() -> None:
    made = shelf_html(Shelf("search_products", (_CARD,)), "en")
    shown = html.unescape(made)
    for words in ("$1,234.50", "Only 3 left", "Ampère & Söhne", "Rated 4.2 out of 5 by 1200 customers", "1 product"):
        assert words in shown
    assert "<script" not in made and "<b>" not in made and "{{" not in made
    assert 'src="pictures&#47;p&#45;1&#45;blue&#37;20green&#46;svg"' in made


@pytest.mark.parametrize(("stock", "words"), [(0, "Sold out"), (1, "Only 1 left"), (6, "In stock")])
def test_stock_is_told_as_it_is(stock: int, words: str) -> None:
    assert words in shelf_html(Shelf("", (_CARD.model_copy(update={"stock": stock}),)), "en")


def test_nothing_is_claimed_of_what_is_unknown() -> None:
    unknown = {"stock": None, "price": None, "rating": None, "brand": None, "image": None}
    made = shelf_html(Shelf("", (_CARD.model_copy(update=unknown),)), "en")
    assert "Price on request" in made
    assert not any(word in made for word in ("tock", "Sold", "Rated", "<img"))


@pytest.mark.parametrize(
    ("image", "address"),
    [
        (None, None),
        ("pictures/a.svg", "pictures/a.svg"),
        ("pictures/../shop.sqlite", None),
        ("shop.sqlite", None),
        ("javascript:alert(1)", None),
        ("https://shop.example/a.jpg", "https://shop.example/a.jpg"),
    ],
)
def test_only_pictures_have_an_address(image: str | None, address: str | None) -> None:
    assert picture_address(image) == address


def test_a_proposal_shows_its_consequences_and_the_refund_once() -> None:
    proposal = Proposal(
        id="1",
        tool="t",
        arguments={},
        summary="Cancel order A1",
        changes=("1 × Lamp", "$5.00 goes back to Visa"),
        refund=Money(amount=Decimal(5), currency="USD"),
        refund_to=PaymentMethod(id="v", kind="card", label="Visa ending in 4242"),
        record_id="A1",
        record_version=1,
    )
    shown = html.unescape(proposal_html(proposal, "en"))
    assert "1 × Lamp" in shown and "Visa ending in 4242" in shown
    assert shown.count("$5.00") == 1


def test_a_turn_becomes_words_and_a_fold_of_its_calls() -> None:
    session = _session()
    call = ToolCall(id="1", name="search_products", arguments={"query": "<i>"})
    _play(
        session,
        ToolCallStarted(call=call),
        ToolCallFinished(call_id="1", name="search_products", ok=False, content="Error: <b>"),
        ProductsShown(products=(_CARD,), attribution_id="a1"),
        TextDelta(text="Here you are."),
        TurnFinished(text="Here you are.", steps=2, seconds=1.26),
    )
    greeting, said, words, fold = [message["content"] for message in chat_messages(session)]
    assert "AI assistant" in greeting
    assert (said, words) == ("hello", "Here you are.")
    assert "1 look-up · 1.3 s" in fold and "didn't work" in fold
    assert "<i>" not in fold and "<b>" not in fold
    assert session.shelf == Shelf("search_products", (_CARD,), "a1")


def test_a_failure_is_told_calmly_after_what_was_said() -> None:
    session = _session()
    _play(session, TextDelta(text="Well,"), TurnFailed(text="Sorry, try again.", trace_id="t"))
    assert session.turns[0].text == "Well,\n\nSorry, try again."


def test_stopping_closes_the_agents_turn() -> None:
    session, closed = _session(), []

    def events() -> Iterator[Event]:
        try:
            yield TextDelta(text="One.")
            yield TextDelta(text="Two.")
            yield TextDelta(text="Three.")
        finally:
            closed.append(True)

    for view in session.follow("hello", events(), stoppable=True):
        if view.text == "One.":
            session.stop()
    assert (session.turns[0].text, session.turns[0].stopped, closed) == ("One.Two.", True, [True])
    assert not session.busy


def test_a_second_turn_waits_for_the_first() -> None:
    session = _session()
    first = session.follow("hello", iter([TextDelta(text="One.")]), stoppable=True)
    next(first)
    assert list(session.follow("again", iter([TextDelta(text="Two.")]), stoppable=True)) == []
    first.close()
    assert [turn.said for turn in session.turns] == ["hello"]


def test_every_text_is_there_in_both_languages() -> None:
    tables = tomllib.loads(resources.files("ui").joinpath("texts.toml").read_text(encoding="utf-8"))
    assert tables["en"].keys() == tables["zh"].keys()


def test_a_parcel_tells_where_it_was_newest_first_and_its_words_are_text() -> None:
    scans = (
        Scan(at=datetime(2026, 3, 3, 8, tzinfo=UTC), state="packed", place="Columbus"),
        Scan(at=datetime(2026, 3, 5, 9, tzinfo=UTC), state="in_transit", place="<b>Reno</b>"),
    )
    parcel = Shipment(id="S1", order_id="A1", tracking_number="PW1", state="in_transit", scans=scans)
    unseen = Shipment(id="S2", order_id="A1")
    made = parcels_html([parcel, unseen], "en")
    assert made.count("<details") == 1
    assert (
        made.index("5 Mar 2026") < made.index("3 Mar 2026") and "On its way · &#60;b&#62;Reno&#60;&#47;b&#62;" in made
    )
    assert "<b>" not in made
    assert "运输中" in parcels_html([parcel], "zh") and "2026年3月3日" in parcels_html([parcel], "zh")


def test_a_store_without_pictures_has_none_and_shows_nothing_beside_them(tmp_path: Path) -> None:
    (tmp_path / "shop.sqlite").write_text("records")
    site = TestClient(Starlette(routes=[picture_route(tmp_path)]))
    assert site.get("/pictures/mug.svg").status_code == 404
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "mug.svg").write_text("<svg/>")
    assert site.get("/pictures/mug.svg").text == "<svg/>"
    assert site.get("/pictures/..%2fshop.sqlite").status_code == 404
