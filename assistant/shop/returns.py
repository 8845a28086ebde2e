"""Items that come back for money, and items that are swapped."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from assistant.errors import ToolError
from assistant.schema import Exchange, Money, PaymentMethod, Return, ReturnedLine, VariantChange
from assistant.shop.order_rows import exchange_from_row, return_from_row
from assistant.shop.sessions import Clock, transaction, utc_now
from assistant.shop.tables import ExchangeRow, OrderRow, RefundRow, ReturnRow
from assistant.shop.versioned import OrderWrite, row_of, take

_DELIVERED = ("delivered",)
RequestRow = TypeVar("RequestRow", ReturnRow, ExchangeRow)


class Returns:
    """The returns and exchanges in the shop's records. They keep and raise what `Orders` does for its changes."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def request_return(
        self,
        write: OrderWrite,
        lines: Sequence[ReturnedLine],
        refund: Money,
        fee: Money,
        refund_to: PaymentMethod,
        statuses: Collection[str] = _DELIVERED,
    ) -> Return:
        """Set a return going; its refund waits for the items. More than was bought is a ToolError."""
        now = self._clock()
        with transaction(self._engine) as session:
            order, done = take(session, write, statuses, now, "return requested")
            if done:
                _check_left(session, order, [(line.position, line.quantity) for line in lines])
                method = refund_to.model_dump(mode="json")
                money = {"order_id": order.id, "currency": order.currency, "at": now}
                session.add_all(
                    [
                        ReturnRow(
                            id=write.key,
                            lines=[line.model_dump(mode="json") for line in lines],
                            refund=refund.amount,
                            fee=fee.amount,
                            refund_to=method,
                            state="requested",
                            **money,
                        ),
                        RefundRow(
                            key=write.key,
                            amount=refund.amount,
                            method=method,
                            cause="returned",
                            state="awaiting_items",
                            **money,
                        ),
                    ]
                )
                session.flush()
            return return_from_row(session.get_one(ReturnRow, write.key))

    def request_exchange(
        self,
        write: OrderWrite,
        changes: Sequence[VariantChange],
        difference: Money,
        method: PaymentMethod,
        statuses: Collection[str] = _DELIVERED,
    ) -> Exchange:
        """Set an exchange going; the difference is settled once the items have come. See `request_return`."""
        now = self._clock()
        with transaction(self._engine) as session:
            order, done = take(session, write, statuses, now, "exchange requested")
            if done:
                quantities = {line.position: line.quantity for line in order.lines}
                _check_left(session, order, [(change.position, quantities[change.position]) for change in changes])
                session.add(
                    ExchangeRow(
                        id=write.key,
                        order_id=order.id,
                        lines=[change.model_dump(mode="json") for change in changes],
                        difference=difference.amount,
                        currency=order.currency,
                        method=method.model_dump(mode="json"),
                        state="requested",
                        at=now,
                    )
                )
                session.flush()
            return exchange_from_row(session.get_one(ExchangeRow, write.key))

    def of_order(self, order_id: str, customer_id: str) -> tuple[tuple[Return, ...], tuple[Exchange, ...]]:
        """Return what of the customer's order comes back, and what of it is swapped, oldest first."""
        with transaction(self._engine) as session:
            row_of(session, order_id, customer_id)
            returns = tuple(return_from_row(row) for row in _requests(session, ReturnRow, order_id))
            return returns, tuple(exchange_from_row(row) for row in _requests(session, ExchangeRow, order_id))


def _requests(session: Session, table: type[RequestRow], order_id: str) -> Sequence[RequestRow]:
    return session.scalars(select(table).where(table.order_id == order_id).order_by(table.at, table.id)).all()


def _check_left(session: Session, order: OrderRow, wanted: Sequence[tuple[int, int]]) -> None:
    """Raise ToolError where more pieces would come back than were bought, those of earlier requests included."""
    left = Counter({line.position: line.quantity for line in order.lines})
    for earlier in _requests(session, ReturnRow, order.id):
        left.subtract({line["position"]: line["quantity"] for line in earlier.lines})
    for swapped in _requests(session, ExchangeRow, order.id):
        for line in swapped.lines:
            left[line["position"]] = 0
    for position, quantity in wanted:
        left[position] -= quantity
        if left[position] < 0:
            title = next(line.title for line in order.lines if line.position == position)
            raise ToolError(
                f"{title} of order {order.id} comes back, or is swapped, already. Tell the customer what is under way."
            )
