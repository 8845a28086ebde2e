"""One change of one order: done once for its key, refused where somebody else was faster."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.errors import ToolError
from assistant.shop.tables import IdempotencyKeyRow, OrderChangeRow, OrderRow


@dataclass(frozen=True)
class OrderWrite:
    """What is to be changed, for whom, and the version of the order that the customer's yes was given for."""

    operation: str
    order_id: str
    customer_id: str
    version: int
    key: str


def take(
    session: Session, write: OrderWrite, statuses: Collection[str], now: datetime, note: str | None, **values: Any
) -> tuple[OrderRow, bool]:
    """Set `values` on the order and return it, with whether this call did it: False where the key did it before.

    Raises ToolError when the order isn't the customer's, is in none of the statuses, was changed since the version,
    or when the key was used for another change.
    """
    # The update comes first: it takes the write lock, so that of two who write at once the second waits here and then
    # finds the first one's key. It holds every condition, so nothing changes between test and write.
    changed = session.scalar(
        update(OrderRow)
        .where(OrderRow.id == write.order_id, OrderRow.customer_id == write.customer_id)
        .where(OrderRow.version == write.version, OrderRow.status.in_(statuses))
        .values(version=write.version + 1, **values)
        .returning(OrderRow.id)
        .execution_options(synchronize_session=False)
    )
    key = session.get(IdempotencyKeyRow, write.key)
    used_for = None if key is None else (key.operation, key.customer_id, key.record_id)
    if used_for not in (None, (write.operation, write.customer_id, write.order_id)):
        raise ToolError("This confirmation was used for another change. Propose this one again.")
    row = row_of(session, write.order_id, write.customer_id)
    if key is not None:
        return row, False
    if changed is None:
        raise ToolError(_why_not(row, statuses))
    session.add_all(
        [
            IdempotencyKeyRow(
                key=write.key,
                operation=write.operation,
                customer_id=write.customer_id,
                record_id=write.order_id,
                used_at=now,
            ),
            OrderChangeRow(order_id=row.id, version=row.version, status=row.status, at=now, note=note),
        ]
    )
    return row, True


def row_of(session: Session, order_id: str, customer_id: str) -> OrderRow:
    """Return the customer's order; one of somebody else is the same ToolError as one that isn't there."""
    row = session.scalar(select(OrderRow).where(OrderRow.id == order_id, OrderRow.customer_id == customer_id))
    if row is None:
        raise ToolError(
            f"No order {order_id} belongs to this customer. List the customer's orders, or ask for the number again."
        )
    return row


def _why_not(row: OrderRow, statuses: Collection[str]) -> str:
    if row.status == "cancelled":
        return f"Order {row.id} is already cancelled. Tell the customer that nothing more has to be done."
    if row.status not in statuses:
        return (
            f"Order {row.id} is {row.status}; only an order that is {' or '.join(sorted(statuses))} can be changed so. "
            "Look up the returns policy, or hand over to a human."
        )
    return f"Order {row.id} has changed since this was proposed. Read it again and propose anew."
