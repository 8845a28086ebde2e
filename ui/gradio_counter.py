"""What a tap beside the talk does in the shop: put into the cart, take out of it, look at, like."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from assistant.app import App
from assistant.errors import ToolError
from assistant.schema import Cart, Interaction
from assistant.shop.carts import cart_owner
from assistant.shop.coupons import CouponRefused
from assistant.telling.reasons import recommended_cards
from retrieval.schema import InteractionKind, Product
from ui.gradio_session import Session, Shelf
from ui.texts import text

_MOST_PIECES = 99
_RECOMMENDED = 9
_LONGEST_CODE = 40


@dataclass(frozen=True)
class Counter:
    """Serves sessions. What comes from a browser is checked by the records and the catalogue."""

    app: App

    def cart(self, session: Session) -> Cart:
        """Return the shopper's cart as it is now."""
        return self.app.records.carts.of(self._owner(session), session.language)

    def add(self, session: Session, product_id: str, variant_id: str | None) -> str:
        """Put one piece into the cart; return what to tell the shopper."""
        try:
            self.app.records.carts.add(self._owner(session), product_id, variant_id, language=session.language)
        except ToolError:
            # The shop hasn't got that many: the card says how many there are.
            return text("cart_refused", session.language)
        self.note(session, product_id, "cart_add")
        return text("cart_added", session.language)

    def set(self, session: Session, product_id: str, variant_id: str | None, quantity: int) -> str:
        """Let the cart hold this many pieces; return what to tell the shopper, if anything."""
        wanted = min(max(quantity, 0), _MOST_PIECES)
        try:
            self.app.records.carts.change(self._owner(session), product_id, wanted, variant_id, session.language)
        except ToolError:
            return text("cart_refused", session.language)
        return ""

    def coupon(self, session: Session, code: str) -> str:
        """Apply a coupon, or with an empty code do without one; return what to tell the shopper, if anything."""
        carts, owner = self.app.records.carts, self._owner(session)
        if not code.strip():
            carts.drop_coupon(owner, session.language)
            return ""
        try:
            carts.apply_coupon(owner, code.strip()[:_LONGEST_CODE], session.language)
        except CouponRefused as refused:
            return text(f"coupon_{refused.problem}", session.language, minimum=refused.minimum)
        return ""

    def recommend(self, session: Session) -> str | None:
        """Choose what is recommended to the shopper now; return the question where little is known."""
        conversation = session.conversation
        chosen = self.app.recommender.recommend(
            conversation.customer_id, session.visitor_id, conversation, _RECOMMENDED
        )
        cards = recommended_cards(chosen, session.language)
        if [card.id for card in cards] != [card.id for card in session.for_you.cards]:
            session.for_you = Shelf("for_you", cards, chosen.attribution_id)
        else:
            session.for_you = replace(session.for_you, cards=cards)
        return chosen.question

    def think(self, session: Session, product_id: str, thumb: Literal["like", "dislike"]) -> None:
        """Keep what the shopper thinks of a product; the next recommendations know it."""
        self.note(session, product_id, thumb)
        session.thumbs[product_id] = thumb

    def product(self, product_id: str) -> Product | None:
        """Return the product, or None where the shop has none of this id."""
        return next(iter(self.app.catalogue.get_products([product_id])), None)

    def note(self, session: Session, product_id: str, kind: InteractionKind) -> None:
        """Keep what was done with a product, and which showing it followed from."""
        if self.product(product_id) is None:
            return
        interaction = Interaction(
            customer_id=session.conversation.customer_id,
            visitor_id=session.visitor_id,
            product_id=product_id,
            kind=kind,
            at=datetime.now(UTC),
            source="app",
            conversation_id=session.conversation.id,
            attribution_id=session.showing_of(product_id),
        )
        self.app.records.interactions.add(interaction)

    def _owner(self, session: Session) -> str:
        """Return whose cart it is. What a guest put in stays theirs when the talk finds out who they are."""
        conversation = session.conversation
        owner = cart_owner(conversation.customer_id, session.visitor_id, conversation.id)
        if conversation.customer_id is not None:
            for guest in (cart_owner(None, session.visitor_id, None), cart_owner(None, None, conversation.id)):
                self.app.records.carts.merge(guest, owner)
        return owner
