"""The rules as values: who may do what with an order, and until when."""

from datetime import datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from assistant.schema import OrderStatus, Value

RefundRoute = Literal["original", "gift_card", "other"]
Proof = Literal["email", "name", "postcode", "order_id"]


class ChangeRule(Value):
    """When something of an order may be changed."""

    statuses: tuple[OrderStatus, ...] = Field(default=("pending",), description="In which states of the order.")


class CancelRule(ChangeRule):
    """When an order may be cancelled, and why."""

    reasons: tuple[str, ...] = Field(default=(), description="The reasons that count; none named: any.")


class ItemsRule(ChangeRule):
    """When the variants in an order may be changed."""

    once: bool = Field(default=True, description="Whether one change of items is all that an order gets.")
    final: bool = Field(
        default=False, description="Whether an order whose items were changed is neither changed again nor cancelled."
    )


class Season(Value):
    """Orders of these days may come back until a later day, as before a feast. Days are 'MM-DD'."""

    first: str
    last: str
    until: str

    @field_validator("first", "last", "until")
    @classmethod
    def _is_a_day(cls, day: str) -> str:
        try:
            return datetime.strptime(f"2001-{day}", "%Y-%m-%d").strftime("%m-%d")
        except ValueError:
            raise ValueError(f"'{day}' is no day of every year; write month and day, such as '12-24'") from None


class WindowRule(ChangeRule):
    """Until when delivered items may come back."""

    statuses: tuple[OrderStatus, ...] = ("delivered",)
    days: int = Field(default=30, ge=0, description="Days after the delivery; the last one counts.")
    days_by_group: dict[str, int] = Field(
        default_factory=dict, description="Days for a category or a department, by its name."
    )
    never: tuple[str, ...] = Field(default=(), description="Categories and departments that cannot come back.")
    seasons: tuple[Season, ...] = ()


class ReturnRule(WindowRule):
    """What comes back for money, and where the money goes."""

    refund_to: tuple[RefundRoute, ...] = Field(
        default=("original", "gift_card"),
        min_length=1,
        description="Routes: the payment method of the order, a gift card, another method of the customer's.",
    )
    fee: Decimal = Field(default=Decimal(0), ge=0, description="Taken off a refund to the original payment.")
    once: bool = Field(
        default=False, description="Whether an order of which something comes back, or is swapped, is done with that."
    )


class ExchangeRule(WindowRule):
    """What may be swapped for another variant of the same product."""

    once: bool = Field(default=True, description="Whether an order is exchanged once and no more.")


class IdentityRule(Value):
    """What proves in a conversation who somebody is; a signed token from the shop's page always does."""

    proof: tuple[tuple[Proof, ...], ...] = Field(
        default=(("email", "order_id"), ("name", "postcode", "order_id")),
        description="Each entry is a set of things that together are enough.",
    )
    tries: int = Field(default=3, ge=1, le=10, description="Wrong tries after which a person takes over.")

    @model_validator(mode="after")
    def _finds_somebody(self) -> Self:
        for things in self.proof:
            if "email" not in things and not {"name", "postcode"} <= set(things):
                raise ValueError(f"proof {list(things)} names nobody: it needs email, or name and postcode")
        return self


class CartRule(Value):
    """Where a cart is checked out."""

    checkout_url: str = Field(default="", description="The page; {cart} stands for the cart's signed id. Empty: none.")

    @field_validator("checkout_url")
    @classmethod
    def _names_the_cart(cls, url: str) -> str:
        if url and ("{cart}" not in url or not url.startswith(("https://", "http://", "/"))):
            raise ValueError(
                f"'{url}' is no page with {{cart}} in it, such as https://shop.example/checkout?cart={{cart}}"
            )
        return url


class ShopRules(Value):
    """All of `policy.toml`."""

    cancel: CancelRule = CancelRule()
    change_address: ChangeRule = ChangeRule()
    change_payment: ChangeRule = ChangeRule()
    change_items: ItemsRule = ItemsRule()
    returns: ReturnRule = ReturnRule()
    exchanges: ExchangeRule = ExchangeRule()
    identity: IdentityRule = IdentityRule()
    cart: CartRule = CartRule()
