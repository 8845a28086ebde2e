"""Items that come back for money, and items that are swapped."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from assistant.errors import ToolError
from assistant.schema import Exchange, Money, Order, OrderDetails, PaymentMethod, Return, ReturnedLine, VariantChange
from assistant.shop.order_rows import exchange_from_row, exchange_to_row, order_from_row, return_from_row
from assistant.shop.outbox import Outbox
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import ExchangeRow, OrderLineRow, OrderRow, RefundRow, ReturnRow
from assistant.shop.versioned import OrderWrite, row_of, take

_DELIVERED = ("delivered",)
RequestRow = TypeVar("RequestRow", ReturnRow, ExchangeRow)


class Returns:
    """The returns and exchanges in the shop's records. They keep and raise what `Orders` does for its changes."""

    def __init__(self, engine: Engine, clock: Clock = utc_now, outbox: Outbox | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._outbox = outbox or Outbox(engine)

    def add(self, *exchanges: Exchange) -> None:
        """Write exchanges that have been, as another system knows them; one that is there is a RecordsError."""
        with writing(self._engine) as session:
            session.add_all(exchange_to_row(exchange) for exchange in exchanges)

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
        with writing(self._engine) as session:
            order, done = take(session, write, statuses, now, "return requested")
            if done:
                wanted = Counter[int]()
                for line in lines:
                    wanted[line.position] += line.quantity
                _check_left(session, order, wanted)
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
                request = return_from_row(session.get_one(ReturnRow, write.key))
                data = {"return": request.model_dump(mode="json")}
                self._outbox.write(session, write.key, "return.requested", order.id, data)
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
        with writing(self._engine) as session:
            order, done = take(session, write, statuses, now, "exchange requested")
            if done:
                quantities = {line.position: line.quantity for line in order.lines}
                _check_left(session, order, {change.position: quantities[change.position] for change in changes})
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
                request = exchange_from_row(session.get_one(ExchangeRow, write.key))
                data = {"exchange": request.model_dump(mode="json")}
                self._outbox.write(session, write.key, "exchange.requested", order.id, data)
            return exchange_from_row(session.get_one(ExchangeRow, write.key))

    def of_order(self, order_id: str, customer_id: str) -> tuple[tuple[Return, ...], tuple[Exchange, ...]]:
        """Return what of the customer's order comes back, and what of it is swapped, oldest first."""
        with transaction(self._engine) as session:
            row_of(session, order_id, customer_id)
            return _of_order(session, order_id)

    def size_swaps(self, product_id: str, option: str) -> tuple[list[tuple[str, str]], int]:
        """Return what was exchanged of a product as (value of the option before, after), and how many were sold."""
        of_product = select(OrderLineRow).where(OrderLineRow.product_id == product_id)
        with transaction(self._engine) as session:
            lines = {(line.order_id, line.position): line for line in session.scalars(of_product)}
            orders = {order_id for order_id, _ in lines}
            exchanges = session.scalars(select(ExchangeRow).where(ExchangeRow.order_id.in_(orders))).all()
            swaps = [
                (lines[place].options.get(option, ""), change["options"].get(option, ""))
                for exchange in exchanges
                for change in exchange.lines
                if (place := (exchange.order_id, change["position"])) in lines
            ]
            return swaps, sum(line.quantity for line in lines.values())


def _of_order(session: Session, order_id: str) -> tuple[tuple[Return, ...], tuple[Exchange, ...]]:
    returns = tuple(return_from_row(row) for row in _requests(session, ReturnRow, order_id))
    return returns, tuple(exchange_from_row(row) for row in _requests(session, ExchangeRow, order_id))


def _check_left(session: Session, order: OrderRow, wanted: Mapping[int, int]) -> None:
    check_left(order_from_row(order), wanted, *_of_order(session, order.id))


def _requests(session: Session, table: type[RequestRow], order_id: str) -> Sequence[RequestRow]:
    return session.scalars(select(table).where(table.order_id == order_id).order_by(table.at, table.id)).all()


def check_left(order: Order, wanted: Mapping[int, int], returns: Iterable[Return], swaps: Iterable[Exchange]) -> None:
    """Raise ToolError where more pieces would come back than were bought, those of earlier requests included.

    `wanted` has pieces by the position of their line. What was swapped doesn't come back a second time.
    """
    left = Counter({position: line.quantity for position, line in enumerate(order.lines)})
    for earlier in returns:
        left.subtract({line.position: line.quantity for line in earlier.lines})
    for exchange in swaps:
        left.update({change.position: -left[change.position] for change in exchange.lines})
    for position, quantity in wanted.items():
        if left[position] < quantity:
            raise ToolError(
                f"{order.lines[position].title} of order {order.id} comes back, or is swapped, already. Tell the "
                "customer what is under way.",
                evidence=OrderDetails(order=order, returns=tuple(returns), exchanges=tuple(swaps)),
            )
