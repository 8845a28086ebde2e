"""What tools return. The results of a conversation are the only evidence that a sentence may rest on."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import Field

from assistant.schema.carts import Cart, CartLine, CouponProblem, DeliveryOption
from assistant.schema.customers import Customer, GiftCard, PaymentMethod, Preference
from assistant.schema.orders import Exchange, Order, Return, Shipment
from assistant.schema.service import Passage, Ticket
from retrieval.recommending.schema import Reason
from retrieval.schema import Money, Product, Value


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
    answer: str = Field(default="", description="The sentences of the first passage that answer the question.")


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
    """A ticket was opened for a human, or the one that waits was added to."""

    type: Literal["handed_over"] = "handed_over"
    ticket: Ticket
    before: int = Field(default=0, description="How often this talk was handed over before, to the same ticket.")


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
    replaced: CartLine | None = Field(default=None, description="What was taken out for it: the other one was meant.")
    refused: CouponProblem | None = Field(default=None, description="Why a coupon was not taken.")
    code: str | None = Field(default=None, description="The coupon that was asked for.")
    minimum: Money | None = Field(default=None, description="What the cart must come to for that coupon.")
    note: str | None = Field(default=None, description="What the model should know.")


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
