"""What a cart comes to, at the prices and with the stock of now."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from sqlalchemy.orm import Session

from assistant.schema import Cart, CartLine, Coupon, Money, Product
from assistant.shop.coupons import CouponRefused, discount_of, is_held
from assistant.shop.tables import CartLineRow, CartRow
from retrieval.errors import ProductNotFound

if TYPE_CHECKING:
    from assistant.shop.carts import Products


@dataclass(frozen=True)
class Priced:
    """The lines that can be had, each with its product, and the titles of those that can't."""

    lines: tuple[tuple[CartLine, Product], ...]
    gone: tuple[str, ...]

    @classmethod
    def of(cls, rows: Iterable[CartLineRow], products: "Products", language: str | None) -> Self:
        """Read what the rows cost now."""
        lines: list[tuple[CartLine, Product]] = []
        gone: list[str] = []
        for row in rows:
            found = _read(row, products, language)
            if found is None:
                gone.append(row.title)
            else:
                lines.append(found)
        return cls(tuple(lines), tuple(gone))

    @property
    def subtotal(self) -> Money | None:
        """What the lines come to; None where one price is unknown, currencies differ, or there are no lines."""
        moneys = [line.price * line.quantity for line, _ in self.lines if line.price]
        if not moneys or len(moneys) < len(self.lines) or len({money.currency for money in moneys}) > 1:
            return None
        return Money(amount=sum((money.amount for money in moneys), Decimal(0)), currency=moneys[0].currency)


def price_cart(
    session: Session,
    row: CartRow,
    priced: Priced,
    coupon: Coupon | None,
    checkout: Callable[[str], str | None],
    now: datetime,
) -> Cart:
    """Return the cart of a row with what it comes to; a coupon that counts no more is told with its reason."""
    subtotal, discount, problem = priced.subtotal, None, None
    if coupon is not None and subtotal is not None:
        try:
            discount = discount_of(coupon, priced.lines, subtotal, now)
            if not is_held(session, coupon, row.id, now):
                discount, problem = None, "used_up"
        except CouponRefused as refused:
            problem = refused.problem
    total = subtotal if subtotal is None or discount is None else subtotal + discount * -1
    return Cart(
        id=row.id,
        lines=tuple(line for line, _ in priced.lines),
        subtotal=subtotal,
        coupon=row.coupon,
        coupon_problem=problem,
        discount=discount,
        total=total,
        checkout_url=checkout(row.id) if priced.lines else None,
        version=row.version,
        gone=priced.gone,
    )


def _read(row: CartLineRow, products: "Products", language: str | None) -> tuple[CartLine, Product] | None:
    """Return a line at the price of now and its product; None where it can't be had."""
    try:
        product = products.get_product(row.product_id)
    except ProductNotFound:
        return None
    variant = next((variant for variant in product.variants if variant.id == row.variant_id), None)
    if row.variant_id is not None and variant is None:
        return None
    stock = variant.stock if variant else product.stock
    if stock == 0:
        return None
    quantity = row.quantity if stock is None else min(row.quantity, stock)
    line = CartLine(
        product_id=row.product_id,
        variant_id=row.variant_id,
        title=product.text(language or product.language).short_name,
        options=variant.shown_options(language or product.language) if variant else {},
        quantity=quantity,
        price=(variant.price if variant else None) or product.price,
        wanted=row.quantity if row.quantity > quantity else None,
    )
    return line, product
