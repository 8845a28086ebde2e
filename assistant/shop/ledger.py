"""What was taken for an order and what went back, by payment method; gift cards are charged and filled at once."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.errors import ToolError
from assistant.schema import PaymentMethod
from assistant.shop.tables import GiftCardRow, OrderRow, PaymentRow, RefundRow


def paid_by(session: Session, order: OrderRow) -> list[tuple[PaymentMethod, Decimal]]:
    """Return what each method has paid for the order so far, refunds taken off, in the order of the payments."""
    payments = session.scalars(select(PaymentRow).where(PaymentRow.order_id == order.id).order_by(PaymentRow.at))
    refunds = session.scalars(select(RefundRow).where(RefundRow.order_id == order.id))
    net: dict[str, Decimal] = {}
    methods: dict[str, dict[str, Any]] = {}
    for payment in payments:
        methods.setdefault(payment.method["id"], payment.method)
        net[payment.method["id"]] = net.get(payment.method["id"], Decimal(0)) + payment.amount
    if not net:
        methods, net = {order.payment_method["id"]: order.payment_method}, {order.payment_method["id"]: order.total}
    for refund in refunds:
        methods.setdefault(refund.method["id"], refund.method)
        net[refund.method["id"]] = net.get(refund.method["id"], Decimal(0)) - refund.amount
    return [(PaymentMethod.model_validate(methods[name]), amount) for name, amount in net.items() if amount]


def open_ledger(session: Session, order: OrderRow, key: str) -> None:
    """Write down how the order was paid at first, before the first change of that."""
    if session.scalar(select(PaymentRow.key).where(PaymentRow.order_id == order.id).limit(1)) is None:
        session.add(
            PaymentRow(
                key=f"{key}/placed",
                order_id=order.id,
                amount=order.total,
                currency=order.currency,
                method=order.payment_method,
                at=order.placed_at,
            )
        )


def charge(session: Session, order: OrderRow, method: PaymentMethod, amount: Decimal, key: str, now: datetime) -> None:
    """Take money. Raises ToolError when a gift card holds less than that."""
    if method.kind == "gift_card":
        card = _card(session, method)
        if card.currency != order.currency or card.balance < amount:
            raise ToolError(
                f"{method.label} holds {card.balance} {card.currency}, less than the {amount} {order.currency} to pay. "
                "Ask for another way to pay."
            )
        card.balance -= amount
    session.add(
        PaymentRow(
            key=key,
            order_id=order.id,
            amount=amount,
            currency=order.currency,
            method=method.model_dump(mode="json"),
            at=now,
        )
    )


def give_back(
    session: Session,
    order: OrderRow,
    parts: Iterable[tuple[PaymentMethod, Decimal]],
    cause: str,
    key: str,
    now: datetime,
) -> None:
    """Send money back: onto a gift card at once, to any other method on request."""
    for position, (method, amount) in enumerate(parts):
        at_once = method.kind == "gift_card" and session.get(GiftCardRow, method.id) is not None
        if at_once:
            _card(session, method).balance += amount
        session.add(
            RefundRow(
                # The first part has the plain key, as a refund in one part always had.
                key=f"{key}/{position + 1}" if position else key,
                order_id=order.id,
                amount=amount,
                currency=order.currency,
                method=method.model_dump(mode="json"),
                cause=cause,
                state="paid" if at_once else "requested",
                at=now,
            )
        )


def _card(session: Session, method: PaymentMethod) -> GiftCardRow:
    card = session.get(GiftCardRow, method.id, with_for_update=True, populate_existing=True)
    if card is None:
        raise ToolError(f"Nobody knows what is left on {method.label}. Ask for another way to pay.")
    return card
