"""Wires the screen to the agent: what a tap, a message or a new shopper does."""

import logging
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any
from uuid import uuid4

import gradio as gr

from assistant.app import App
from assistant.errors import RecordsError
from assistant.schema import Conversation, Event, Product, ProductCard
from assistant.shop.feedback import FeedbackEntry, Rating
from assistant.telling.phrases import phrase
from assistant.turns.waiting import catch_up
from retrieval.schema import Filters, Query
from ui.auth import Tokens, proven_customer
from ui.gradio_counter import Counter
from ui.gradio_for_you import for_you_html
from ui.gradio_messages import turn_at
from ui.gradio_screen import (
    Screen,
    begun_screen,
    hand_over_screen,
    lay_out,
    talk_screen,
    turn_screen,
    whole_screen,
    why_screen,
)
from ui.gradio_session import Session, Shelf
from ui.gradio_side import FOR_YOU, SHELF, Contents, Updates, side_screen, told_html
from ui.gradio_theme import FOCUS_MESSAGE_JS, SWITCH_THEME_JS
from ui.texts import text

_CUSTOMERS = 10
_FAVOURITES = 9
_ORDERS = 20
_LONGEST_COMMENT = 1000
_RATINGS: dict[bool | str, Rating] = {True: "up", False: "down"}
# Turns at work at once; those behind them wait in Gradio's queue.
_TURNS = 8
_log = logging.getLogger(__name__)


class ShopFront:
    """The page of one shop. What a browser does lives in its Session; nothing here changes after `build`."""

    def __init__(self, app: App, shop: str) -> None:
        self._app = app
        self._shop = shop
        key = app.settings.token_key
        self._tokens = Tokens(key.get_secret_value()) if key else None
        # Where customers prove who they are, nobody picks one.
        self._customers = [] if self._tokens else list(app.records.customers.list(_CUSTOMERS))
        self._counter = Counter(app)
        self._screen: Screen
        self._state: gr.State
        self._visitor: gr.BrowserState

    def build(self) -> gr.Blocks:
        """Lay the page out and wire it."""
        title = text("page_title", "en", shop=self._shop)
        with gr.Blocks(title=title, analytics_enabled=False, fill_width=True) as blocks:
            self._state = gr.State(None, delete_callback=_leave)
            # A guest's cart is there again after a reload.
            self._visitor = gr.BrowserState(None, storage_key="shelftalk-visitor")
            self._screen = lay_out(self._shop, "en", self._customers)
            self._wire_sessions(blocks)
            self._wire_turns()
        return blocks

    def _wire_sessions(self, blocks: gr.Blocks) -> None:
        screen, state = self._screen, self._state
        quietly: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        everything = [state, self._visitor, *screen.outputs]
        blocks.load(self._open, self._visitor, everything, **quietly)
        screen.restart.click(self._restart, state, everything, **quietly)
        if self._customers:
            # `input` is the shopper's hand; `change` would answer our own updates as well.
            screen.picker.input(self._shop_as, [state, screen.picker], everything, **quietly)
        screen.stop.click(self._stop, state, screen.stop, **quietly)
        screen.theme.click(None, js=SWITCH_THEME_JS, **quietly)
        for name, tab in screen.side.labels.items():
            tab.select(partial(self._turn_to, name), state, screen.side.for_you, **quietly)
        for panel in screen.side.panels:
            panel.select(self._act, state, screen.side.outputs, **quietly)
        screen.listen.tick(self._listen, state, [screen.chat, screen.hand_over, screen.listen], **quietly)
        thought = [screen.chat, screen.why, screen.comment, screen.side.told]
        screen.chat.like(self._think, state, thought, **quietly)
        gr.on(
            [screen.comment.submit, screen.send_why.click], self._say_why, [state, screen.comment], thought, **quietly
        )

    def _wire_turns(self) -> None:
        screen, state = self._screen, self._state
        hidden: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        turn = {"outputs": screen.outputs, "concurrency_limit": _TURNS, "concurrency_id": "turns", **hidden}
        gr.on([screen.message.submit, screen.send.click], self._say_typed, [state, screen.message], **turn)
        tapped = [chip.click(self._say, [state, chip], **turn) for chip in screen.chips]
        tapped.extend(panel.click(self._ask_about, state, **turn) for panel in screen.side.panels)
        tapped.append(screen.accept.click(self._accept, state, **turn))
        tapped.append(screen.decline.click(self._decline, state, **turn))
        for event in tapped:
            # What was tapped is gone by now, and the keyboard's focus with it.
            event.then(None, js=FOCUS_MESSAGE_JS, **hidden)

    # -- sessions ------------------------------------------------------------------------------------------------------

    def _open(self, visitor_id: str | None, request: gr.Request) -> Updates:
        spoken = request.headers.get("accept-language", "")
        customer_id = proven_customer(self._tokens, self._app.records.customers, request.query_params.get("token"))
        language = None if customer_id else "zh" if spoken.casefold().startswith("zh") else "en"
        return self._begin(visitor_id or uuid4().hex, customer_id, language)

    def _restart(self, session: Session) -> Updates:
        _leave(session)
        return self._begin(session.visitor_id, session.conversation.customer_id, session.language)

    def _shop_as(self, session: Session, customer_id: str) -> Updates:
        _leave(session)
        # What one tries out as a guest is no customer's.
        return self._begin(uuid4().hex, customer_id or None, None if customer_id else session.language)

    def _begin(self, visitor_id: str, customer_id: str | None, language: str | None) -> Updates:
        """Start a conversation in a session of its own; in the customer's language unless another is given."""
        conversation = self._app.start_conversation(customer_id)
        conversation.language = language or conversation.language
        # One cart, whether a guest fills it by talking or by tapping.
        conversation.visitor_id = None if customer_id else visitor_id
        # What is on the screen is in the record, also before the first word.
        conversation.shown = self._favourites()
        cards = tuple(ProductCard.of(product, conversation.language) for product in conversation.shown)
        customer = self._app.records.customers.find(customer_id) if customer_id else None
        name = customer.name if customer else None
        session = Session(conversation, Shelf("favourites", cards, uuid4().hex), name, visitor_id)
        return {self._state: session, self._visitor: visitor_id, self._screen.message: "", **self._whole(session)}

    def _favourites(self) -> list[Product]:
        """Return the best rated product in stock of each department, as many as fill a screen."""
        catalogue = self._app.catalogue
        aisles = [Filters(department=name, in_stock=True) for name in catalogue.departments()[:_FAVOURITES]]
        found = [catalogue.search(Query(text="", filters=filters, k=1)) for filters in aisles]
        return [hit.product for hits in found for hit in hits]

    def _whole(self, session: Session) -> Updates:
        return {**whole_screen(self._screen, self._shop, self._customers, session), **self._side(session)}

    def _side(self, session: Session, told: str = "") -> Updates:
        customer_id, cart = session.conversation.customer_id, self._counter.cart(session)
        ids = list(dict.fromkeys(line.product_id for line in cart.lines))
        records = self._app.records
        orders = records.orders.list(customer_id, _ORDERS) if customer_id else ()
        contents = Contents(
            cart=cart,
            in_cart={product.id: product for product in self._app.catalogue.get_products(ids)},
            orders=orders,
            parcels=records.shipments.of_customer(customer_id, [each.id for each in orders]) if customer_id else {},
            opened=self._counter.product(session.opened) if session.opened else None,
            for_you=self._for_you(session) if session.tab == FOR_YOU else None,
            told=told,
        )
        return side_screen(self._screen.side, session, contents)

    def _for_you(self, session: Session) -> str:
        question = self._counter.recommend(session)
        return for_you_html(session.for_you.cards, session.thumbs, question, session.customer, session.language)

    # -- taps ----------------------------------------------------------------------------------------------------------

    def _act(self, session: Session, event: gr.EventData) -> Updates:
        """Do what a button beside the talk is for."""
        given = {name: str(value) for name, value in event._data.items()}
        product_id, variant_id = given.get("product", ""), given.get("variant") or None
        told, tab = "", None
        match given.get("act"):
            case "open":
                session.opened, tab = product_id, SHELF
                self._counter.note(session, product_id, "click" if session.showing_of(product_id) else "view")
            case "back":
                session.opened = None
            case "cart_add" if variant_id is None and self._has_choice(product_id):
                session.opened, tab = product_id, SHELF
                told = text("choose_first", session.language)
            case "cart_add":
                told = self._counter.add(session, product_id, variant_id)
            case "cart_set":
                told = self._counter.set(session, product_id, variant_id, int(given.get("quantity", "0")))
            case "like" | "dislike" as thumb:
                self._counter.think(session, product_id, thumb)
                told = text(f"told_{thumb}", session.language)
            case "coupon":
                told = self._counter.coupon(session, given.get("coupon", ""))
        if tab:
            session.tab = tab
        selected = {self._screen.side.tabs: gr.update(selected=tab)} if tab else {}
        return {**self._side(session, told), **selected}

    def _turn_to(self, name: str, session: Session | None) -> Any:
        """Note what is looked at beside the talk; recommendations are made for who looks at them."""
        # Gradio selects the first tab before the page has opened.
        if session is None:
            return gr.skip()
        session.tab = name
        return self._for_you(session) if name == FOR_YOU else gr.skip()

    def _listen(self, session: Session) -> Updates:
        """Show what a person of the shop's has written since."""
        if session.busy:
            return {self._screen.chat: gr.skip()}
        news = catch_up(self._app.records.tickets, session.conversation)
        if news is None or not session.hear(*news):
            return {self._screen.chat: gr.skip()}
        self._save(session.conversation)
        return {**talk_screen(self._screen, session), **hand_over_screen(self._screen, session)}

    def _has_choice(self, product_id: str) -> bool:
        product = self._counter.product(product_id)
        return product is not None and len(product.variants) > 1

    def _think(self, session: Session, event: gr.LikeData) -> Updates:
        """Keep a thumb up or down; the same thumb again takes it back."""
        turn = turn_at(session, int(event.index))
        if turn is None or not turn.over or turn.by is not None:
            return {self._screen.chat: gr.skip()}
        conversation, rating = session.conversation, _RATINGS.get(event.liked)
        if rating is None:
            session.ratings.pop(turn.number, None)
            self._app.records.feedback.take_back(conversation.id, turn.number)
        else:
            session.ratings[turn.number] = rating
            self._give(session, turn.number, rating)
        session.asked_why = turn.number if rating == "down" else None
        return {**talk_screen(self._screen, session), **why_screen(self._screen, session)}

    def _say_why(self, session: Session, comment: str) -> Updates:
        """Add a word of why to the thumb down that was just given."""
        told = ""
        if session.asked_why is not None and comment.strip():
            self._give(session, session.asked_why, "down", comment.strip())
            told = text("thanks", session.language)
        session.asked_why = None
        return {**why_screen(self._screen, session), self._screen.side.told: told_html(told)}

    def _give(self, session: Session, turn: int, rating: Rating, comment: str = "") -> None:
        conversation = session.conversation
        entry = FeedbackEntry(
            conversation_id=conversation.id,
            turn=turn,
            rating=rating,
            comment=comment[:_LONGEST_COMMENT],
            customer_id=conversation.customer_id,
        )
        self._app.records.feedback.give(entry)

    # -- turns ---------------------------------------------------------------------------------------------------------

    def _say_typed(self, session: Session, said: str) -> Iterator[Updates]:
        taken: Updates = {self._screen.message: ""}
        for updates in self._say(session, said):
            yield {**updates, **taken}
            # Only once: the shopper may be writing the next message by now.
            taken = {}

    def _say(self, session: Session, said: str) -> Iterator[Updates]:
        events = self._app.reply(session.conversation, said, "app", session.visitor_id)
        return self._turn(session, said, events, stoppable=True)

    def _ask_about(self, session: Session, event: gr.EventData) -> Iterator[Updates]:
        yield from self._say(session, str(event.say))

    def _accept(self, session: Session) -> Iterator[Updates]:
        yield from self._confirm(session, True)

    def _decline(self, session: Session) -> Iterator[Updates]:
        yield from self._confirm(session, False)

    def _confirm(self, session: Session, accepted: bool) -> Iterator[Updates]:
        conversation = session.conversation
        if conversation.pending is not None:
            said = phrase("yes" if accepted else "no", conversation.language)
            events = self._app.confirm(conversation, conversation.pending.id, accepted, "app", session.visitor_id)
            # A yes is carried out or not, never stopped half-way.
            yield from self._turn(session, said, events, stoppable=False)

    def _turn(self, session: Session, said: str, events: Iterator[Event], stoppable: bool) -> Iterator[Updates]:
        """Play one turn on the screen and keep the conversation, also when the shopper leaves in the middle."""
        if session.busy:
            return
        try:
            with closing(session.follow(said, events, stoppable)) as views:
                for place, _ in enumerate(views):
                    if not session.left:
                        yield (
                            turn_screen(self._screen, session)
                            if place
                            else begun_screen(self._screen, session, stoppable)
                        )
        finally:
            self._save(session.conversation)
        if not session.left:
            yield self._whole(session)

    def _save(self, conversation: Conversation) -> None:
        try:
            self._app.records.conversations.save(conversation)
        except RecordsError as error:
            # The shopper has had the answer; that it wasn't kept is the operator's to mend.
            _log.error("conversation %s was not saved: %s", conversation.id, error, exc_info=error)

    def _stop(self, session: Session) -> Any:
        session.stop()
        return gr.update(value=text("stopping", session.language), interactive=False)


def _leave(session: Session | None) -> None:
    if session is not None:
        session.leave()
