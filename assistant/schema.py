"""The nouns and events of the assistant. Read this file first.

A customer's message is one turn. In a turn the chat model takes steps; each step ends in words or in tool calls. Tools
return typed results; the results are the only evidence that a sentence may rest on. Everything the outside sees of a
turn is an `Event`, in Python, JSON and JavaScript alike, whose `type` is its class name in snake_case.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import uuid4

from pydantic import Field, model_validator

from retrieval.recommending.schema import Reason
from retrieval.schema import CurrencyCode, Interaction, LanguageCode, Money, Product, Value

__all__ = ["Interaction", "LanguageCode", "Money", "Product", "Reason", "Value"]

# -- customers and orders ----------------------------------------------------------------------------------------------


class Address(Value):
    """Where to send things."""

    name: str
    line1: str
    line2: str | None = None
    city: str
    region: str | None = None
    postcode: str
    country: str = Field(description="ISO 3166-1 alpha-2.")


class PaymentMethod(Value):
    """How a customer pays. Never more of a card than its last four digits."""

    id: str
    kind: Literal["card", "paypal", "gift_card"]
    label: str = Field(description="What the customer calls it, such as 'Visa ending in 4242'.")


class Customer(Value):
    """A person the shop knows."""

    id: str
    name: str
    email: str
    language: LanguageCode = "en"
    address: Address
    payment_methods: tuple[PaymentMethod, ...] = ()


class OrderLine(Value):
    """One variant in an order, at the price it was bought for."""

    product_id: str
    variant_id: str | None = None
    title: str
    options: dict[str, str] = Field(default_factory=dict)
    quantity: int = Field(ge=1)
    price: Money = Field(description="For one piece.")


OrderStatus = Literal["pending", "processing", "shipped", "delivered", "cancelled", "returned"]


class Order(Value):
    """What a customer bought. `version` grows with every change; a writer that saw an older one is refused."""

    id: str
    customer_id: str
    status: OrderStatus
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    shipping: Money
    total: Money
    payment_method: PaymentMethod
    address: Address
    carrier: str | None = None
    tracking_number: str | None = None
    expected_on: date | None = Field(default=None, description="The day it should arrive, when that is known.")
    delivered_on: date | None = None
    cancel_reason: str | None = None
    items_changed: bool = Field(default=False, description="Whether its variants were changed after it was placed.")
    version: int = 1


class OrderChange(Value):
    """One step in an order's life."""

    order_id: str
    version: int = Field(description="The order's version after the step.")
    status: OrderStatus
    at: datetime
    note: str | None = Field(default=None, description="What was done, beyond the status.")


class Refund(Value):
    """Money that goes back to a customer."""

    order_id: str
    amount: Money
    method: PaymentMethod
    cause: Literal["cancelled", "returned", "exchanged", "changed"]
    state: Literal["awaiting_items", "requested", "paid"] = "requested"
    at: datetime


class GiftCard(Value):
    """Money in the shop that a customer holds; its id is that of the payment method it is used as."""

    id: str
    customer_id: str
    balance: Money


class ReturnedLine(Value):
    """Pieces of one line of an order that come back. `position` counts the order's lines from 0."""

    position: int
    title: str
    quantity: int = Field(ge=1)


class Return(Value):
    """Items that a customer sends back for money."""

    id: str
    order_id: str
    lines: tuple[ReturnedLine, ...]
    refund: Money = Field(description="What goes back once the items have come, the fee taken off.")
    fee: Money
    refund_to: PaymentMethod
    state: Literal["requested", "received", "closed"] = "requested"
    at: datetime


class VariantChange(Value):
    """One line of an order, and the variant that takes its place. `position` counts the order's lines from 0."""

    position: int
    variant_id: str
    title: str
    options: dict[str, str]
    price: Money = Field(description="For one piece of the new variant.")


class Exchange(Value):
    """Delivered items that are swapped for other variants of the same products."""

    id: str
    order_id: str
    lines: tuple[VariantChange, ...]
    difference: Money = Field(description="What the customer still pays; below zero, what goes back.")
    method: PaymentMethod
    state: Literal["requested", "sent", "closed"] = "requested"
    at: datetime


class Preference(Value):
    """What a shopper said they like or don't: a word such as 'leather', or a product's id."""

    subject: str
    liked: bool


ShipmentState = Literal["packed", "in_transit", "out_for_delivery", "delivered", "problem"]


class Scan(Value):
    """What the carrier saw of a parcel."""

    at: datetime
    state: ShipmentState
    place: str | None = None


class Shipment(Value):
    """A parcel of an order. `positions` count the order's lines that are in it from 0; none named: all of them."""

    id: str
    order_id: str
    carrier: str | None = None
    tracking_number: str | None = None
    state: ShipmentState = "packed"
    expected_on: date | None = None
    positions: tuple[int, ...] = ()
    scans: tuple[Scan, ...] = Field(default=(), description="Oldest first.")


class OutboxMessage(Value):
    """What the shop's own system has to be told of a change."""

    id: str = Field(description="The same whenever it is sent again: who got it once does nothing more.")
    type: str
    record_id: str
    data: dict[str, Any]
    at: datetime
    state: Literal["waiting", "sent", "confirmed", "refused", "dead"] = "waiting"
    attempts: int = 0
    next_at: datetime
    error: str | None = None


class TicketMessage(Value):
    """What a person of the shop, or the customer, wrote on a ticket."""

    sender: Literal["shop", "customer"]
    name: str | None = None
    text: str
    at: datetime


class CartLine(Value):
    """One variant in a cart, at the price of now."""

    product_id: str
    variant_id: str | None = None
    title: str
    options: dict[str, str] = Field(default_factory=dict)
    quantity: int = Field(ge=1)
    price: Money | None = Field(default=None, description="For one piece; None: unknown.")
    wanted: int | None = Field(default=None, description="What was put in, where fewer are in stock.")


CouponProblem = Literal["unknown", "not_yet", "over", "minimum", "nothing_fits", "used_up", "currency", "empty_cart"]
"""Why a coupon doesn't count."""


class Coupon(Value):
    """A code that takes something off a cart. `value` is a percentage, or an amount in `currency`."""

    code: str = Field(min_length=1, max_length=40)
    kind: Literal["percent", "amount"]
    value: Decimal = Field(gt=0)
    currency: CurrencyCode | None = Field(default=None, description="Of the amount and of the minimum.")
    minimum: Decimal | None = Field(default=None, ge=0, description="What the cart must come to.")
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    uses: int | None = Field(default=None, ge=1, description="How often in all; None: any number.")
    categories: tuple[str, ...] = Field(default=(), description="Categories and departments it is for; none: all.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.kind == "percent" and self.value > 100:
            raise ValueError(f"coupon {self.code}: more than 100 percent cannot be taken off")
        if self.currency is None and (self.kind == "amount" or self.minimum):
            raise ValueError(f"coupon {self.code}: an amount needs a currency")
        return self


class Cart(Value):
    """What a shopper means to buy. Prices and stock are those of the moment it was read.

    An amount is None where one of the prices is unknown, or nothing is in the cart.
    """

    id: str
    lines: tuple[CartLine, ...] = ()
    subtotal: Money | None = None
    coupon: str | None = None
    coupon_problem: CouponProblem | None = Field(default=None, description="Why the coupon counts no more.")
    discount: Money | None = None
    total: Money | None = Field(default=None, description="Without the delivery.")
    checkout_url: str | None = None
    version: int = Field(default=0, description="Grows with every change; 0: there is no cart yet.")
    gone: tuple[str, ...] = Field(default=(), description="What was in it and cannot be had any more, by title.")

    @property
    def pieces(self) -> int:
        """How many pieces are in it."""
        return sum(line.quantity for line in self.lines)


class Passage(Value):
    """A piece of the shop's policies, with where it stands."""

    source: str = Field(description="The policy's file stem, such as 'returns'.")
    title: str
    text: str


class Ticket(Value):
    """A conversation handed over to a human."""

    id: str
    conversation_id: str
    customer_id: str | None
    reason: str
    state: Literal["open", "taken", "closed"] = "open"
    opened_at: datetime
    ahead: int | None = Field(default=None, description="Open tickets before it; None once somebody has taken it.")
    taken_by: str | None = None
    summary: str = ""
    closed_at: datetime | None = None


class AuditRecord(Value):
    """One use of a tool on a customer's records."""

    at: datetime
    conversation_id: str
    customer_id: str | None = Field(description="Who asked, where that was known.")
    tool: str
    step: Literal["run", "propose", "apply"]
    arguments: dict[str, Any]
    refusal: str | None = Field(description="Why it was not allowed; None: it was.")


# -- what tools return -------------------------------------------------------------------------------------------------


class ProductsFound(Value):
    """Answer of a search: the best products inside the limits, best first."""

    type: Literal["products_found"] = "products_found"
    query: str
    products: tuple[Product, ...]
    limits: dict[str, str] = Field(
        default_factory=dict, description="The filters that held, as the shopper named them."
    )
    note: str | None = Field(
        default=None, description="What the model should know, such as a brand that isn't sold here."
    )
    closest_price: Money | None = Field(
        default=None, description="Lowest price beyond a price limit that left nothing."
    )


class ProductDetails(Value):
    """Everything known about one product."""

    type: Literal["product_details"] = "product_details"
    product: Product


class ProductsCompared(Value):
    """Two to four products side by side."""

    type: Literal["products_compared"] = "products_compared"
    products: tuple[Product, ...]


class PurchasesFound(Value):
    """What the customer has bought, newest first."""

    type: Literal["purchases_found"] = "purchases_found"
    orders: tuple[Order, ...]


class CustomerIdentified(Value):
    """The customer proved in the conversation who they are."""

    type: Literal["customer_identified"] = "customer_identified"
    customer: Customer


class OrdersFound(Value):
    """The customer's orders, newest first."""

    type: Literal["orders_found"] = "orders_found"
    orders: tuple[Order, ...]


class OrderDetails(Value):
    """One order of the customer's, and what of it comes back or is swapped."""

    type: Literal["order_details"] = "order_details"
    order: Order
    returns: tuple[Return, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    requested: tuple[str, ...] = Field(
        default=(), description="Types of the changes that the shop's own system hasn't confirmed yet."
    )


class OrderCancelled(Value):
    """An order was cancelled after the customer's yes."""

    type: Literal["order_cancelled"] = "order_cancelled"
    order: Order
    refund: Money
    refund_to: PaymentMethod


class OrderChanged(Value):
    """A pending order was changed after the customer's yes."""

    type: Literal["order_changed"] = "order_changed"
    order: Order
    changed: Literal["address", "items", "payment"]
    charge: Money | None = None
    charge_to: PaymentMethod | None = None
    refund: Money | None = None
    refund_to: PaymentMethod | None = None


class ReturnRequested(Value):
    """A return was set going after the customer's yes."""

    type: Literal["return_requested"] = "return_requested"
    order: Order
    request: Return


class ExchangeRequested(Value):
    """An exchange was set going after the customer's yes."""

    type: Literal["exchange_requested"] = "exchange_requested"
    order: Order
    request: Exchange


class AddressChanged(Value):
    """The customer's saved address was changed after the customer's yes."""

    type: Literal["address_changed"] = "address_changed"
    customer: Customer


class AccountFound(Value):
    """What the shop has saved of the customer."""

    type: Literal["account_found"] = "account_found"
    customer: Customer
    gift_cards: tuple[GiftCard, ...] = ()


class PoliciesFound(Value):
    """The passages of the shop's policies that come closest to a question."""

    type: Literal["policies_found"] = "policies_found"
    question: str = ""
    passages: tuple[Passage, ...]


class ProductsRecommended(Value):
    """Products chosen for somebody, or because of another product, best first, each with the reason it rests on."""

    type: Literal["products_recommended"] = "products_recommended"
    asked: Literal["recommend", "similar", "goes_with"] = "recommend"
    products: tuple[Product, ...]
    reasons: dict[str, Reason] = Field(default_factory=dict, description="By product id.")
    because: tuple[Product, ...] = Field(default=(), description="The products that the reasons speak of.")
    cheaper: bool = Field(default=False, description="Whether only what costs less was looked for.")
    question: str | None = Field(default=None, description="What to ask the customer, where little is known of them.")
    note: str | None = Field(default=None, description="What the model should know.")
    made_on: date = Field(description="The day of the list.")
    attribution_id: str = Field(
        default_factory=lambda: uuid4().hex, description="Names the showing of this list, for what follows from it."
    )


class PreferencesFound(Value):
    """What is known of a customer's taste: what they said, newest first, and what they had to do with most."""

    type: Literal["preferences_found"] = "preferences_found"
    preferences: tuple[Preference, ...]
    categories: tuple[str, ...] = Field(default=(), description="Of what was bought and looked at, the most first.")
    history: bool = Field(default=False, description="Whether the shop keeps and uses what the customer does.")


class PreferenceSet(Value):
    """A like or dislike counts from now on; `kept` tells whether beyond this conversation."""

    type: Literal["preference_set"] = "preference_set"
    preference: Preference
    kept: bool


class HandedOver(Value):
    """A ticket was opened for a human."""

    type: Literal["handed_over"] = "handed_over"
    ticket: Ticket


class Calculated(Value):
    """The value of an arithmetic expression."""

    type: Literal["calculated"] = "calculated"
    expression: str
    value: Decimal


class CartShown(Value):
    """The cart after something was done with it; `line` is what it was done with."""

    type: Literal["cart_shown"] = "cart_shown"
    cart: Cart
    done: Literal["shown", "added", "changed", "removed", "coupon_applied", "coupon_refused"] = "shown"
    line: CartLine | None = None
    refused: CouponProblem | None = Field(default=None, description="Why a coupon was not taken.")
    code: str | None = Field(default=None, description="The coupon that was asked for.")
    minimum: Money | None = Field(default=None, description="What the cart must come to for that coupon.")
    note: str | None = Field(default=None, description="What the model should know.")


class DeliveryOption(Value):
    """One way to have something brought. Days are those of the delivery, both included."""

    name: str
    cost: Money
    earliest: date
    latest: date
    free_from: Money | None = Field(default=None, description="Order value from which it costs nothing.")


class DeliveryEstimated(Value):
    """What bringing something costs and when it comes; no options: the shop doesn't deliver there."""

    type: Literal["delivery_estimated"] = "delivery_estimated"
    postcode: str
    country: str
    product: Product | None = Field(default=None, description="What is brought; None: the cart.")
    order_value: Money | None = None
    order_before: datetime | None = Field(default=None, description="Until when an order still goes out on that day.")
    options: tuple[DeliveryOption, ...] = ()


class SizeAdvised(Value):
    """What is known of how a product fits. Only what has evidence is there."""

    type: Literal["size_advised"] = "size_advised"
    product: Product
    usual_size: str | None = None
    size: str | None = Field(default=None, description="The size to take, where that can be told.")
    guide: dict[str, str] = Field(default_factory=dict, description="Rows of the size guide, by size.")
    fit: Literal["small", "large", "true"] | None = Field(default=None, description="How it turned out for others.")
    exchanges: int = Field(default=0, description="Exchanges for another size that the fit rests on.")
    share: int | None = Field(default=None, description="Percent of those that went the way of the fit.")
    sizes: dict[str, bool] = Field(default_factory=dict, description="Each size, and whether it is in stock.")


ToolResult = Annotated[
    ProductsFound
    | ProductDetails
    | ProductsCompared
    | PurchasesFound
    | CustomerIdentified
    | OrdersFound
    | OrderDetails
    | OrderCancelled
    | OrderChanged
    | ReturnRequested
    | ExchangeRequested
    | AddressChanged
    | AccountFound
    | PoliciesFound
    | ProductsRecommended
    | PreferencesFound
    | PreferenceSet
    | HandedOver
    | Calculated
    | CartShown
    | DeliveryEstimated
    | SizeAdvised,
    Field(discriminator="type"),
]


class Evidence(Value):
    """What a reply may rest on: the results so far, oldest first, and what the customer said."""

    results: tuple[ToolResult, ...] = ()
    customer_texts: tuple[str, ...] = ()


# -- messages and tools ------------------------------------------------------------------------------------------------


class ToolCall(Value):
    """The model's wish to run a tool."""

    id: str
    name: str
    arguments: dict[str, Any]


class ToolSpec(Value):
    """A tool as the model sees it. `parameters` is a JSON schema of type object."""

    name: str
    description: str
    parameters: dict[str, Any]


class PageContext(Value):
    """What the shopper has before them on the shop's own page."""

    product_id: str | None = Field(default=None, max_length=200)
    url: str | None = Field(default=None, max_length=2000)
    locale: str | None = Field(default=None, max_length=35, description="As a browser says it, such as 'zh-CN'.")


class Message(Value):
    """One message of the record that the chat model reads."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    brief: str | None = Field(default=None, description="What stands for `content` once newer turns have followed.")
    aside: str | None = Field(default=None, description="What the model reads before `content`: page and cart.")


class Proposal(Value):
    """A change that waits for the customer's yes: all of what it does, and the record's version it was made for."""

    id: str
    tool: str
    arguments: dict[str, Any]
    summary: str = Field(description="What will be done, in the customer's language.")
    changes: tuple[str, ...] = Field(default=(), description="Each consequence, in the customer's language.")
    charge: Money | None = None
    charge_to: PaymentMethod | None = None
    refund: Money | None = None
    refund_to: PaymentMethod | None = None
    record_id: str
    record_version: int
    resolved: dict[str, Any] = Field(
        default_factory=dict, description="What the arguments were found to mean, as the customer's yes is for it."
    )


class Errand(Value):
    """A change that the customer asked for and that isn't proposed yet: what is known of it, and what is missing."""

    tool: str
    known: dict[str, Any]
    missing: str | None = Field(default=None, description="The argument that the customer was asked for.")
    item: str | None = Field(default=None, description="Of which thing it is missing, where there are several.")


@dataclass
class Conversation:
    """The only mutable one: the record of a talk and what waits in it."""

    id: str
    customer_id: str | None = None
    visitor_id: str | None = None
    language: LanguageCode = "en"
    page: PageContext | None = None
    messages: list[Message] = field(default_factory=list)
    results: list[ToolResult] = field(default_factory=list)
    shown: list[Product] = field(default_factory=list)
    pending: Proposal | None = None
    errands: list[Errand] = field(default_factory=list)
    ticket_id: str | None = None
    ticket_state: str | None = None
    ticket_read: int = 0
    with_human: bool = False
    turns: int = 0
    wrong_tries: int = 0
    preferences: list[Preference] = field(default_factory=list)


# -- events ------------------------------------------------------------------------------------------------------------


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
