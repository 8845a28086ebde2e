"""The shelf beside the talk that is chosen for the shopper: it hears what is said, and only taps count as interest."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from assistant.app import App, assemble
from assistant.chat_models.scripted import ScriptedModel, SilentModel
from assistant.recommending import ShopRecommender
from assistant.refitting import Pace
from assistant.schema import Address, Conversation, Customer, Interaction, Message, ToolCall
from assistant.testing.stage import ShopCopy, Stage
from retrieval.schema import InteractionKind
from ui.gradio_counter import Counter
from ui.gradio_session import Session, Shelf

AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def stage(demo_shop: ShopCopy) -> Iterator[Stage]:
    with demo_shop.stage(SilentModel()) as stage:
        yield stage


def did(product_id: str, kind: InteractionKind, visitor: str, showing: str | None = None) -> Interaction:
    return Interaction(
        visitor_id=visitor, product_id=product_id, kind=kind, at=AN_HOUR_AGO, source="widget", attribution_id=showing
    )


def socks_in(app: App) -> list[str]:
    every = app.catalogue.get_products(app.catalogue.items().ids)
    return [each.id for each in every if each.category == "Socks"]


@pytest.mark.parametrize(
    ("said", "language"), [("I don't want socks", "en"), ("please no socks this time", "en"), ("不要袜子", "zh")]
)
def test_what_is_said_not_to_be_wanted_leaves_the_shelf_at_once(stage: Stage, said: str, language: str) -> None:
    app = stage.app
    socks = socks_in(app)
    assert len(socks) >= 3
    app.records.interactions.add(*(did(each, "click", "guest") for each in socks[:3]))
    talk = Conversation(id="t", language=language)
    session = Session(talk, Shelf("favourites", ()), visitor_id="guest")
    counter = Counter(app)
    counter.recommend(session)
    assert set(socks) & {card.id for card in session.for_you.cards}
    talk.messages.append(Message(role="user", content=said))
    counter.recommend(session)
    assert session.for_you.cards
    assert not set(socks) & {card.id for card in session.for_you.cards}
    talk.messages.append(Message(role="user", content="actually, I like socks" if language == "en" else "我喜欢袜子"))
    counter.recommend(session)
    assert set(socks) & {card.id for card in session.for_you.cards}


def test_what_is_sold_out_or_too_dear_is_not_recommended(demo_shop: ShopCopy) -> None:
    with demo_shop.stage(SilentModel()) as stage:
        app = stage.app
        first = app.recommender.recommend(None, k=8).products
        gone, dear = first[0], max(first[1:], key=lambda product: product.price.amount if product.price else 0)
        assert dear.price
        app.catalogue.set_price_and_stock(gone.id, gone.price, 0)
        try:
            budget = dear.price.amount - Decimal("0.01")
            second = [product.id for product in app.recommender.recommend(None, k=8, budget=budget).products]
        finally:
            app.catalogue.set_price_and_stock(gone.id, gone.price, gone.stock)
        assert second
        assert gone.id not in second and dear.id not in second


def test_a_stranger_is_shown_something_of_everything_and_asked_one_question(stage: Stage) -> None:
    found = stage.app.recommender.recommend(None, k=8)
    assert len({product.category for product in found.products}) >= 7
    assert len({product.department for product in found.products}) >= 4
    assert found.question and found.question.endswith("?")


def test_a_guest_is_shown_what_those_of_the_same_language_take(stage: Stage) -> None:
    app = stage.app
    home = Address(name="n", line1="1", city="c", postcode="1", country="CN")
    taken = {"zh": "candles-01", "en": "socks-01"}
    for language, product_id in taken.items():
        people = [
            Customer(id=f"{language}{n}", name="n", email=f"{language}{n}@example.com", language=language, address=home)
            for n in range(25)
        ]
        app.records.customers.add(*people)
        bought = [
            Interaction(customer_id=each.id, product_id=product_id, kind="purchase", at=AN_HOUR_AGO) for each in people
        ]
        app.records.interactions.add(*bought)
    for language, product_id in taken.items():
        assert app.recommender.recommend(None, k=8, language=language).products[0].id == product_id


def test_a_tap_names_the_showing_so_that_trying_out_learns(stage: Stage) -> None:
    app = stage.app
    recommender = ShopRecommender(app.catalogue, app.records, explore=0.5)
    for _ in range(40):
        chosen = recommender.recommend(None, "guest")
        tried = [trial.product_id for trial in app.records.interactions.trials()]
        if tried:
            break
    app.records.interactions.add(did(tried[0], "click", "guest", chosen.attribution_id))
    assert [trial.rewarded for trial in app.records.interactions.trials()] == [True]


def test_asking_about_a_product_in_the_talk_is_an_interest(stage: Stage) -> None:
    shown = ToolCall(id="1", name="search_products", arguments={"query": "candles"})
    asked = ToolCall(id="2", name="get_product", arguments={"product_id": "candles-01"})
    model = ScriptedModel([[shown], "Here they are.", [asked], "It is a candle.", [asked], "A candle."])
    app = assemble(stage.app.settings, stage.app.catalogue, stage.app.records, stage.app.policies, model)
    talk = app.start_conversation()
    list(app.reply(talk, "candles", "http", "guest"))
    assert app.records.interactions.of_visitor("guest") == ()
    showing = app.records.traces.of_conversation(talk.id)[-1].showings[-1]
    list(app.reply(talk, f"tell me of {showing.product_ids[0]}", "http", "guest"))
    (event,) = app.records.interactions.of_visitor("guest")
    assert (event.source, event.conversation_id) == ("chat", talk.id)
    if "candles-01" in showing.product_ids:
        assert (event.kind, event.attribution_id) == ("click", showing.attribution_id)
    # A customer who doesn't let it leaves nothing behind.
    app.records.consents.set("C001", False)
    other = app.start_conversation("C001")
    before = app.records.interactions.of_customer("C001")
    list(app.reply(other, "tell me of candles-01", "http", "phone"))
    assert app.records.interactions.of_customer("C001") == before
    assert app.records.interactions.of_visitor("phone") == ()


@pytest.mark.parametrize(
    ("kind", "showing", "people", "rises"),
    [
        ("click", "s", 150, True),
        ("view", None, 400, True),
        # Shown by the shop itself, and nobody tapped.
        ("view", "s", 400, False),
        # A robot, in one browser.
        ("click", None, 1, False),
    ],
)
def test_what_many_want_rises_and_what_was_only_shown_or_a_robot_clicked_does_not(
    stage: Stage, kind: InteractionKind, showing: str | None, people: int, rises: bool
) -> None:
    app = stage.app
    rare = "candles-01"
    times = 5000 if people == 1 else 1
    app.records.interactions.add(
        *(did(rare, kind, f"v{person}", showing) for person in range(people) for _ in range(times))
    )
    recommender = ShopRecommender(app.catalogue, app.records, pace=Pace())
    assert (rare in [product.id for product in recommender.recommend(None, k=8).products]) == rises
