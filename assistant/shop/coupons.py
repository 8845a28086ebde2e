"""The shop's coupons: which there are, what they take off, and who holds one."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from assistant.errors import ToolError
from assistant.schema import CartLine, Coupon, CouponProblem, Money, Product
from assistant.shop.changes import Changes, Outcome
from assistant.shop.sessions import transaction, writing
from assistant.shop.tables import CouponRow, CouponUseRow

HELD_FOR = timedelta(hours=24)
"""How long a cart that isn't checked out keeps a coupon of which there are only so many."""
_CENT = Decimal("0.01")


class CouponRefused(ToolError):
    """A coupon that doesn't count for a cart; `minimum` is what the cart must come to."""

    def __init__(self, code: str, problem: CouponProblem, minimum: Money | None = None) -> None:
        super().__init__(f"The coupon {code} was not taken: {problem.replace('_', ' ')}.")
        self.code = code
        self.problem = problem
        self.minimum = minimum


class Coupons:
    """The coupons in the shop's records. A code is the same in capitals and in small letters."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, *coupons: Coupon) -> Changes:
        """Write coupons, over those of the same code."""
        with writing(self._engine) as session:
            return Changes.of([_put(session, coupon) for coupon in coupons])

    def list(self) -> tuple[Coupon, ...]:
        """Return all coupons, by code."""
        with transaction(self._engine) as session:
            return tuple(_from_row(row) for row in session.scalars(select(CouponRow).order_by(CouponRow.code)))


def _put(session: Session, coupon: Coupon) -> Outcome:
    coupon = coupon.model_copy(update={"code": plain_code(coupon.code)})
    row = session.get(CouponRow, coupon.code)
    before = None if row is None else _from_row(row)
    if before == coupon:
        return "unchanged"
    session.merge(CouponRow(**(coupon.model_dump() | {"categories": list(coupon.categories)})))
    return "added" if before is None else "changed"


def plain_code(code: str) -> str:
    """Return a code as the records have it."""
    return "".join(code.split()).upper()


def discount_of(coupon: Coupon, lines: Iterable[tuple[CartLine, Product]], subtotal: Money, now: datetime) -> Money:
    """Return what the coupon takes off. Raises CouponRefused where it takes off nothing."""
    if coupon.starts_at and now < coupon.starts_at:
        raise CouponRefused(coupon.code, "not_yet")
    if coupon.ends_at and now >= coupon.ends_at:
        raise CouponRefused(coupon.code, "over")
    if coupon.currency not in (None, subtotal.currency):
        raise CouponRefused(coupon.code, "currency")
    if coupon.minimum is not None and subtotal.amount < coupon.minimum:
        minimum = Money(amount=coupon.minimum, currency=subtotal.currency)
        raise CouponRefused(coupon.code, "minimum", minimum)
    counting = sum(
        (line.price.amount * line.quantity for line, product in lines if line.price and _is_for(coupon, product)),
        Decimal(0),
    )
    if counting <= 0:
        raise CouponRefused(coupon.code, "nothing_fits")
    off = counting * coupon.value / 100 if coupon.kind == "percent" else min(coupon.value, counting)
    return Money(amount=off.quantize(_CENT, ROUND_HALF_UP), currency=subtotal.currency)


def find_coupon(session: Session, code: str, lock: bool = False) -> Coupon | None:
    """Return the coupon of this code, or None; with `lock` nobody else takes one until the transaction ends."""
    row = session.get(CouponRow, plain_code(code), with_for_update=lock or None)
    return None if row is None else _from_row(row)


def hold(session: Session, coupon: Coupon, cart_id: str, now: datetime) -> None:
    """Let a cart hold the coupon, locked before by `find_coupon`. Raises CouponRefused when all uses are gone."""
    others = select(func.count()).where(CouponUseRow.code == coupon.code, CouponUseRow.cart_id != cart_id)
    others = others.where(CouponUseRow.until.is_(None) | (CouponUseRow.until > now))
    if coupon.uses is not None and (session.scalar(others) or 0) >= coupon.uses:
        raise CouponRefused(coupon.code, "used_up")
    session.merge(CouponUseRow(code=coupon.code, cart_id=cart_id, until=now + HELD_FOR, order_id=None))


def let_go(session: Session, cart_ids: Sequence[str]) -> None:
    """Give back the coupons that these carts hold."""
    session.execute(delete(CouponUseRow).where(CouponUseRow.cart_id.in_(cart_ids), CouponUseRow.until.is_not(None)))


def is_held(session: Session, coupon: Coupon, cart_id: str, now: datetime) -> bool:
    """Tell whether a coupon of which there are only so many is still kept for the cart."""
    use = session.get(CouponUseRow, (coupon.code, cart_id))
    return coupon.uses is None or (use is not None and use.until is not None and use.until > now)


def _is_for(coupon: Coupon, product: Product) -> bool:
    groups = {group.casefold() for group in (product.category, product.department) if group}
    return not coupon.categories or any(name.casefold() in groups for name in coupon.categories)


def _from_row(row: CouponRow) -> Coupon:
    return Coupon.model_validate({name: getattr(row, name) for name in Coupon.model_fields})
