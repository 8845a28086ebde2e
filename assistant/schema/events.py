"""What the outside sees of a turn; an event's `type` is its class name in snake_case, everywhere."""

from typing import Annotated, Literal
from uuid import uuid4

from pydantic import Field

from assistant.schema.carts import Cart
from assistant.schema.conversation import Proposal, ToolCall
from assistant.schema.service import Passage, Ticket
from retrieval.schema import Money, Product, Value


class ConversationStarted(Value):
    """The first event of a conversation. `disclosure` tells the shopper that this is an AI."""

    type: Literal["conversation_started"] = "conversation_started"
    conversation_id: str
    disclosure: str


class ToolCallStarted(Value):
    """The model called a tool."""

    type: Literal["tool_call_started"] = "tool_call_started"
    call: ToolCall


class ToolCallFinished(Value):
    """The tool answered; `content` is what the model reads of it."""

    type: Literal["tool_call_finished"] = "tool_call_finished"
    call_id: str
    name: str
    ok: bool
    content: str


class ProductCard(Value):
    """A product as a screen shows it, in the shopper's language."""

    id: str
    title: str
    short_name: str
    brand: str | None
    category: str | None
    price: Money | None
    stock: int | None
    rating: float | None
    rating_count: int | None
    image: str | None
    link: str | None
    reason: str | None = Field(default=None, description="Why it is recommended, in the shopper's language.")

    @classmethod
    def of(cls, product: Product, language: str, reason: str | None = None) -> "ProductCard":
        """Show `product` in `language`, falling back to the shop's."""
        texts = product.text(language)
        return cls(
            id=product.id,
            title=texts.title,
            short_name=texts.short_name,
            brand=product.brand,
            category=product.category,
            price=product.price,
            stock=product.stock,
            rating=product.rating,
            rating_count=product.rating_count,
            image=product.image,
            link=product.link,
            reason=reason,
        )


class ProductsShown(Value):
    """Cards for the screen; sent as soon as a search is back, before any word."""

    type: Literal["products_shown"] = "products_shown"
    products: tuple[ProductCard, ...]
    attribution_id: str = Field(
        default_factory=lambda: uuid4().hex, description="Names this showing; what follows from it can say so."
    )


class SourcesShown(Value):
    """The policies an answer rests on."""

    type: Literal["sources_shown"] = "sources_shown"
    sources: tuple[Passage, ...]


class QuickRepliesOffered(Value):
    """Short messages that the shopper may send with one tap."""

    type: Literal["quick_replies_offered"] = "quick_replies_offered"
    replies: tuple[str, ...]


class ConfirmationRequested(Value):
    """A change waits for the customer's yes. Ends the turn."""

    type: Literal["confirmation_requested"] = "confirmation_requested"
    proposal: Proposal


class CartChanged(Value):
    """The cart is another now."""

    type: Literal["cart_changed"] = "cart_changed"
    cart: Cart


class HandOverChanged(Value):
    """A human was called, took over, or closed the ticket."""

    type: Literal["hand_over_changed"] = "hand_over_changed"
    ticket: Ticket


class TextDelta(Value):
    """The next piece of the reply: whole sentences that were checked."""

    type: Literal["text_delta"] = "text_delta"
    text: str


class TurnFinished(Value):
    """The turn is over and all is well. `held_back` counts the sentences that had no evidence."""

    type: Literal["turn_finished"] = "turn_finished"
    text: str
    steps: int
    held_back: int = 0
    seconds: float = 0.0
    stopped: bool = Field(default=False, description="Whether the shopper broke it off; `text` is what was said.")


class TurnFailed(Value):
    """Something broke; `text` is for the customer, the cause is in the log under `trace_id`."""

    type: Literal["turn_failed"] = "turn_failed"
    text: str
    trace_id: str


class TurnQueued(Value):
    """The turn waits for one of the places; comes before anything else of it but the conversation's id."""

    type: Literal["turn_queued"] = "turn_queued"
    ahead: int = Field(description="Turns that wait before this one.")
    expected_seconds: int = Field(description="How long the wait should be, by how long turns took lately.")


class TurnRefused(Value):
    """The turn was not begun."""

    type: Literal["turn_refused"] = "turn_refused"
    reason: Literal["busy", "rate_limited", "auth_required", "invalid"]
    text: str
    retry_after: int | None = Field(default=None, description="Seconds until it is worth another try, if known.")


Event = Annotated[
    ConversationStarted
    | ToolCallStarted
    | ToolCallFinished
    | ProductsShown
    | SourcesShown
    | QuickRepliesOffered
    | ConfirmationRequested
    | CartChanged
    | HandOverChanged
    | TextDelta
    | TurnFinished
    | TurnFailed
    | TurnQueued
    | TurnRefused,
    Field(discriminator="type"),
]
