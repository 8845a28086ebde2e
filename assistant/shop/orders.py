"""The shop's orders. Whoever asks says for whom: somebody else's order does not exist."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from assistant.errors import ToolError
from assistant.schema import Address, Order, OrderChange, PaymentMethod, Refund, VariantChange
from assistant.shop.changes import Changes, Outcome
from assistant.shop.ledger import charge, give_back, open_ledger, paid_by
from assistant.shop.order_rows import order_from_row, order_to_row, refund_from_row
from assistant.shop.outbox import Outbox
from assistant.shop.refund_messages import tell_refund
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import OrderChangeRow, OrderRow, RefundRow
from assistant.shop.versioned import OrderWrite, row_of, take

_PENDING = ("pending",)


class Orders:
    """The orders in the shop's records, each visible to the customer who placed it and to no other.

    What changes an order takes the version that the customer's yes was given for, and a key: the same key again returns
    the order and changes nothing. It raises ToolError when the order isn't the customer's, is in no status that the
    change is for, was changed since the version, or when the key was used for another change.
    """

    def __init__(self, engine: Engine, clock: Clock = utc_now, outbox: Outbox | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._outbox = outbox or Outbox(engine)

    def add(self, *orders: Order) -> None:
        """Write new orders; an id that is taken or an unknown customer is a RecordsError and writes none of them."""
        with writing(self._engine) as session:
            session.add_all(order_to_row(order) for order in orders)

    def put(self, *orders: Order) -> Changes:
        """Write orders over those of the same id, as the next version of them; all or, with a RecordsError, none."""
        with writing(self._engine) as session:
            outcomes = [_put(session, order, self._clock()) for order in orders]
        return Changes.of(outcomes)

    def get(self, order_id: str, customer_id: str) -> Order:
        """Return the customer's order; one of somebody else is the same ToolError as one that isn't there."""
        with transaction(self._engine) as session:
            return order_from_row(row_of(session, order_id, customer_id))

    def list(self, customer_id: str, limit: int | None = None) -> tuple[Order, ...]:
        """Return the customer's orders, newest first, at most `limit` of them."""
        newest = select(OrderRow).where(OrderRow.customer_id == customer_id)
        newest = newest.order_by(OrderRow.placed_at.desc(), OrderRow.id.desc()).limit(limit)
        with transaction(self._engine) as session:
            return tuple(order_from_row(row) for row in session.scalars(newest))

    def cancel(
        self,
        order_id: str,
        customer_id: str,
        reason: str,
        version: int,
        idempotency_key: str,
        statuses: Collection[str] = _PENDING,
    ) -> Order:
        """Cancel an order and give back all that was paid, each part to the method that paid it."""
        write = OrderWrite("cancel_order", order_id, customer_id, version, idempotency_key)
        now = self._clock()
        with writing(self._engine) as session:
            values = {"status": "cancelled", "cancel_reason": reason, "expected_on": None}
            row, done = take(session, write, statuses, now, reason, **values)
            if done:
                give_back(session, row, paid_by(session, row), "cancelled", idempotency_key, now)
                self._tell(session, write, "order.cancelled", row)
            return order_from_row(row)

    def change_address(self, write: OrderWrite, address: Address, statuses: Collection[str] = _PENDING) -> Order:
        """Send an order somewhere else."""
        with writing(self._engine) as session:
            values = {"address": address.model_dump(mode="json")}
            row, done = take(session, write, statuses, self._clock(), "address changed", **values)
            if done:
                self._tell(session, write, "order.address_changed", row)
            return order_from_row(row)

    def change_payment(self, write: OrderWrite, method: PaymentMethod, statuses: Collection[str] = _PENDING) -> Order:
        """Have an order paid by another method: all of it is charged there, and given back to the one before.

        Raises ToolError, beside the usual, when a gift card holds too little or several methods have paid.
        """
        now = self._clock()
        with writing(self._engine) as session:
            row, done = take(session, write, statuses, now, "payment changed")
            if done:
                open_ledger(session, row, write.key)
                session.flush()
                before = paid_by(session, row)
                if len(before) != 1:
                    raise ToolError(f"Order {row.id} was paid by several methods. Hand over to a human.")
                charge(session, row, method, row.total, write.key, now)
                give_back(session, row, before, "changed", write.key, now)
                row.payment_method = method.model_dump(mode="json")
                self._tell(session, write, "order.payment_changed", row)
            return order_from_row(row)

    def change_items(
        self,
        write: OrderWrite,
        changes: Sequence[VariantChange],
        method: PaymentMethod,
        statuses: Collection[str] = _PENDING,
    ) -> Order:
        """Put other variants in the place of lines; `method` pays, or gets back, the difference."""
        now = self._clock()
        with writing(self._engine) as session:
            row, done = take(session, write, statuses, now, "items changed", items_changed=True)
            if done:
                open_ledger(session, row, write.key)
                difference = _replace_lines(row, changes)
                row.total += difference
                if difference > 0:
                    charge(session, row, method, difference, write.key, now)
                elif difference < 0:
                    give_back(session, row, [(method, -difference)], "changed", write.key, now)
                self._tell(session, write, "order.items_changed", row)
            return order_from_row(row)

    def history(self, order_id: str, customer_id: str) -> tuple[OrderChange, ...]:
        """Return the steps in the life of the customer's order that were written down, oldest first."""
        steps = select(OrderChangeRow).where(OrderChangeRow.order_id == order_id).order_by(OrderChangeRow.version)
        with transaction(self._engine) as session:
            row_of(session, order_id, customer_id)
            return tuple(
                OrderChange.model_validate({name: getattr(row, name) for name in OrderChange.model_fields})
                for row in session.scalars(steps)
            )

    def refunds(self, order_id: str, customer_id: str) -> tuple[Refund, ...]:
        """Return the money that goes, or went, back for the customer's order, oldest first."""
        of_order = select(RefundRow).where(RefundRow.order_id == order_id).order_by(RefundRow.at, RefundRow.key)
        with transaction(self._engine) as session:
            row_of(session, order_id, customer_id)
            return tuple(refund_from_row(row) for row in session.scalars(of_order))

    def payments(self, order_id: str, customer_id: str) -> tuple[tuple[PaymentMethod, Decimal], ...]:
        """Return what each method has paid for the customer's order, refunds taken off, in the order's currency."""
        with transaction(self._engine) as session:
            return tuple(paid_by(session, row_of(session, order_id, customer_id)))

    def _tell(self, session: Session, write: OrderWrite, kind: str, row: OrderRow) -> None:
        """Let the shop's own system know of a change, with the order as it is then and what goes back for it."""
        session.flush()
        refunds = session.scalars(select(RefundRow).where(RefundRow.order_id == row.id).order_by(RefundRow.key))
        going_back = [each for each in refunds if each.key.startswith(write.key)]
        data = {
            "order": order_from_row(row).model_dump(mode="json"),
            "refunds": [refund_from_row(each).model_dump(mode="json") for each in going_back],
        }
        self._outbox.write(session, write.key, kind, row.id, data)
        for refund in going_back:
            tell_refund(session, self._outbox, refund)


def _replace_lines(row: OrderRow, changes: Sequence[VariantChange]) -> Decimal:
    """Put the new variants into their lines and return what they cost more than the old ones."""
    lines = {line.position: line for line in row.lines}
    difference = Decimal(0)
    for change in changes:
        line = lines[change.position]
        difference += (change.price.amount - line.price) * line.quantity
        line.variant_id, line.options, line.price = change.variant_id, dict(change.options), change.price.amount
    return difference


def _put(session: Session, order: Order, now: datetime) -> Outcome:
    row = session.get(OrderRow, order.id)
    if row is None:
        session.add(order_to_row(order))
        return "added"
    before = order_from_row(row)
    # What only these records know isn't in an export.
    order = order.model_copy(update={"version": before.version, "items_changed": before.items_changed})
    if order == before:
        return "unchanged"
    session.merge(order_to_row(order.model_copy(update={"version": before.version + 1})))
    session.add(
        OrderChangeRow(order_id=order.id, version=before.version + 1, status=order.status, at=now, note="imported")
    )
    return "changed"
