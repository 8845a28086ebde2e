"""People the shop knows: how to reach them, how they pay, what they like."""

from typing import Literal

from pydantic import Field

from retrieval.schema import LanguageCode, Money, Value


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


class GiftCard(Value):
    """Money in the shop that a customer holds; its id is that of the payment method it is used as."""

    id: str
    customer_id: str
    balance: Money


class Preference(Value):
    """What a shopper said they like or don't: a word such as 'leather', or a product's id."""

    subject: str
    liked: bool
