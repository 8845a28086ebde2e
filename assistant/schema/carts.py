"""What a shopper means to buy: the cart, its coupon, the ways to have it brought."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from retrieval.schema import CurrencyCode, Money, Value


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


class DeliveryOption(Value):
    """One way to have something brought. Days are those of the delivery, both included."""

    name: str
    cost: Money
    earliest: date
    latest: date
    free_from: Money | None = Field(default=None, description="Order value from which it costs nothing.")
