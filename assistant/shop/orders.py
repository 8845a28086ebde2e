"""The shop's orders. Whoever asks says for whom: somebody else's order does not exist."""

from datetime import datetime

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from assistant.errors import ToolError
from assistant.schema import Money, Order, OrderChange, OrderLine, Refund
from assistant.shop.changes import Changes, Outcome
from assistant.shop.sessions import Clock, transaction, utc_now
from assistant.shop.tables import Base, IdempotencyKeyRow, OrderChangeRow, OrderLineRow, OrderRow, RefundRow

_CANCEL = "cancel_order"
_PLAIN = ("id", "customer_id", "status", "placed_at", "carrier", "tracking_number", "expected_on", "delivered_on")


class Orders:
    """The orders in the shop's records, each visible to the customer who placed it and to no other."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(self, *orders: Order) -> None:
        """Write new orders; an id that is taken or an unknown customer is a RecordsError and writes none of them."""
        with transaction(self._engine) as session:
            session.add_all(_to_row(order) for order in orders)

    def put(self, *orders: Order) -> Changes:
        """Write orders over those of the same id, as the next version of them; all or, with a RecordsError, none."""
        with transaction(self._engine) as session:
            outcomes = [_put(session, order, self._clock()) for order in orders]
        return Changes.of(outcomes)

    def get(self, order_id: str, customer_id: str) -> Order:
        """Return the customer's order; one of somebody else is the same ToolError as one that isn't there."""
        with transaction(self._engine) as session:
            return _from_row(_row_of(session, order_id, customer_id))

    def list(self, customer_id: str, limit: int | None = None) -> tuple[Order, ...]:
        """Return the customer's orders, newest first, at most `limit` of them."""
        newest = select(OrderRow).where(OrderRow.customer_id == customer_id)
        newest = newest.order_by(OrderRow.placed_at.desc(), OrderRow.id.desc()).limit(limit)
        with transaction(self._engine) as session:
            return tuple(_from_row(row) for row in session.scalars(newest))

    def cancel(self, order_id: str, customer_id: str, reason: str, version: int, idempotency_key: str) -> Order:
        """Cancel a pending order and return it as it is now.

        The same key again returns the order and changes nothing. Raises ToolError when the order isn't the customer's,
        is no longer pending, was changed since `version`, or when the key was used for another change.
        """
        with transaction(self._engine) as session:
            # The update comes first: it takes the write lock, so that of two who cancel at once the second waits here
            # and then finds the first one's key. It holds every condition, so nothing changes between test and write.
            changed = session.scalar(
                update(OrderRow)
                .where(OrderRow.id == order_id, OrderRow.customer_id == customer_id)
                .where(OrderRow.version == version, OrderRow.status == "pending")
                .values(status="cancelled", cancel_reason=reason, expected_on=None, version=version + 1)
                .returning(OrderRow.id)
                .execution_options(synchronize_session=False)
            )
            key = session.get(IdempotencyKeyRow, idempotency_key)
            if key is not None and (key.operation, key.customer_id, key.record_id) != (_CANCEL, customer_id, order_id):
                raise ToolError("This confirmation was used for another change. Propose the cancellation again.")
            row = _row_of(session, order_id, customer_id)
            if key is None and changed is None:
                raise ToolError(_why_not(row))
            if key is None:
                session.add_all(_traces_of_cancelling(row, idempotency_key, self._clock()))
            return _from_row(row)

    def history(self, order_id: str, customer_id: str) -> tuple[OrderChange, ...]:
        """Return the steps in the life of the customer's order that were written down, oldest first."""
        steps = select(OrderChangeRow).where(OrderChangeRow.order_id == order_id).order_by(OrderChangeRow.version)
        with transaction(self._engine) as session:
            _row_of(session, order_id, customer_id)
            return tuple(
                OrderChange.model_validate({name: getattr(row, name) for name in OrderChange.model_fields})
                for row in session.scalars(steps)
            )

    def refunds(self, order_id: str, customer_id: str) -> tuple[Refund, ...]:
        """Return the money that goes, or went, back for the customer's order, oldest first."""
        of_order = select(RefundRow).where(RefundRow.order_id == order_id).order_by(RefundRow.at, RefundRow.key)
        with transaction(self._engine) as session:
            _row_of(session, order_id, customer_id)
            return tuple(_from_refund_row(row) for row in session.scalars(of_order))


def _put(session: Session, order: Order, now: datetime) -> Outcome:
    row = session.get(OrderRow, order.id)
    if row is None:
        session.add(_to_row(order))
        return "added"
    before = _from_row(row)
    if order.model_copy(update={"version": before.version}) == before:
        return "unchanged"
    session.merge(_to_row(order.model_copy(update={"version": before.version + 1})))
    session.add(
        OrderChangeRow(order_id=order.id, version=before.version + 1, status=order.status, at=now, note="imported")
    )
    return "changed"


def _row_of(session: Session, order_id: str, customer_id: str) -> OrderRow:
    row = session.scalar(select(OrderRow).where(OrderRow.id == order_id, OrderRow.customer_id == customer_id))
    if row is None:
        raise ToolError(
            f"No order {order_id} belongs to this customer. List the customer's orders, or ask for the number again."
        )
    return row


def _why_not(row: OrderRow) -> str:
    if row.status == "cancelled":
        return f"Order {row.id} is already cancelled. Tell the customer that nothing more has to be done."
    if row.status != "pending":
        return (
            f"Order {row.id} is {row.status}; only a pending order can be cancelled. "
            "Look up the returns policy, or hand over to a human."
        )
    return f"Order {row.id} has changed since the cancellation was proposed. Read it again and propose anew."


def _traces_of_cancelling(row: OrderRow, key: str, now: datetime) -> list[Base]:
    """Return what a cancellation leaves behind beside the order: its key, a step and a refund of all."""
    return [
        IdempotencyKeyRow(key=key, operation=_CANCEL, customer_id=row.customer_id, record_id=row.id, used_at=now),
        OrderChangeRow(order_id=row.id, version=row.version, status=row.status, at=now, note=row.cancel_reason),
        RefundRow(
            key=key,
            order_id=row.id,
            amount=row.total,
            currency=row.currency,
            method=row.payment_method,
            cause="cancelled",
            state="requested",
            at=now,
        ),
    ]


def _to_row(order: Order) -> OrderRow:
    moneys = [order.shipping, *(line.price for line in order.lines)]
    if any(money.currency != order.total.currency for money in moneys):
        raise ValueError(f"Order {order.id} mixes currencies: an order has one.")
    return OrderRow(
        **{name: getattr(order, name) for name in _PLAIN},
        currency=order.total.currency,
        shipping=order.shipping.amount,
        total=order.total.amount,
        payment_method=order.payment_method.model_dump(mode="json"),
        address=order.address.model_dump(mode="json"),
        cancel_reason=order.cancel_reason,
        version=order.version,
        lines=[_to_line_row(position, line) for position, line in enumerate(order.lines)],
    )


def _from_refund_row(row: RefundRow) -> Refund:
    return Refund.model_validate(
        {name: getattr(row, name) for name in ("order_id", "method", "cause", "state", "at")}
        | {"amount": Money(amount=row.amount, currency=row.currency)}
    )


def _to_line_row(position: int, line: OrderLine) -> OrderLineRow:
    return OrderLineRow(position=position, price=line.price.amount, **line.model_dump(exclude={"price"}))


def _from_row(row: OrderRow) -> Order:
    return Order.model_validate(
        {name: getattr(row, name) for name in (*_PLAIN, "payment_method", "address", "cancel_reason", "version")}
        | {
            "shipping": Money(amount=row.shipping, currency=row.currency),
            "total": Money(amount=row.total, currency=row.currency),
            "lines": tuple(_from_line_row(line, row.currency) for line in row.lines),
        }
    )


def _from_line_row(row: OrderLineRow, currency: str) -> OrderLine:
    return OrderLine(
        product_id=row.product_id,
        variant_id=row.variant_id,
        title=row.title,
        options=row.options,
        quantity=row.quantity,
        price=Money(amount=row.price, currency=currency),
    )
