"""What the shop's own system tells: that it has done a change, or won't, and how orders and parcels stand now."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from assistant.errors import AssistantError
from assistant.schema import OrderStatus, Shipment, Value
from assistant.shop.carts import Carts
from assistant.shop.outbox import Outbox
from assistant.shop.refund_messages import settle_refund, tell_refund
from assistant.shop.sessions import Clock, utc_now, writing
from assistant.shop.shipments import put_shipment
from assistant.shop.tables import ExchangeRow, OrderChangeRow, OrderRow, RefundRow, ReturnRow, ShopUpdateRow
from assistant.shop.tickets import Tickets


class MessageConfirmed(Value):
    """A change that the shop was told of is done."""

    type: Literal["message.confirmed"]
    message_id: str


class MessageRefused(Value):
    """A change that the shop was told of is not done; a person has to look at it."""

    type: Literal["message.refused"]
    message_id: str
    reason: str


class OrderUpdated(Value):
    """How an order stands now; what isn't named stays as it is."""

    type: Literal["order.updated"]
    order_id: str
    status: OrderStatus | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    expected_on: date | None = None
    delivered_on: date | None = None


class ShipmentUpdated(Value):
    """A parcel of an order, with the scans that are new."""

    type: Literal["shipment.updated"]
    shipment: Shipment


class ReturnUpdated(Value):
    """A return came, or its money has gone back."""

    type: Literal["return.updated"]
    return_id: str
    state: Literal["requested", "received", "closed"]


class ExchangeUpdated(Value):
    """The new items of an exchange were sent, or it is over."""

    type: Literal["exchange.updated"]
    exchange_id: str
    state: Literal["requested", "sent", "closed"]


class CartOrdered(Value):
    """A cart became an order."""

    type: Literal["cart.ordered"]
    cart_id: str
    order_id: str


ShopUpdate = Annotated[
    MessageConfirmed | MessageRefused | OrderUpdated | ShipmentUpdated | ReturnUpdated | ExchangeUpdated | CartOrdered,
    Field(discriminator="type"),
]
_UPDATE: TypeAdapter[ShopUpdate] = TypeAdapter(ShopUpdate)
_REFUND_STATES = {"requested": "awaiting_items", "received": "requested", "closed": "paid"}


class UpdateUnreadable(AssistantError):
    """What the shop's own system told cannot be read, or is about something that isn't there."""


class ShopUpdates:
    """Takes what the shop's own system tells, each update once."""

    def __init__(self, engine: Engine, outbox: Outbox, carts: Carts, tickets: Tickets, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._outbox = outbox
        self._carts = carts
        self._tickets = tickets
        self._clock = clock

    def take(self, update_id: str, content: dict[str, Any]) -> bool:
        """Do what an update says, in one transaction; return False where it was done before.

        `content` has `type` and, under `data`, the rest. Raises UpdateUnreadable, and nothing is done then.
        """
        try:
            update = _UPDATE.validate_python({"type": content.get("type"), **content.get("data", {})}, strict=False)
        except (ValidationError, TypeError, AttributeError) as error:
            raise UpdateUnreadable(f"The update cannot be read: {error}") from None
        with writing(self._engine) as session:
            if session.get(ShopUpdateRow, update_id) is not None:
                return False
            session.add(ShopUpdateRow(id=update_id, type=update.type, at=self._clock()))
            # Before the rest: of two that come at once the second waits here, and is undone by the first one's id.
            session.flush()
            self._do(session, update)
        self._follow(update)
        return True

    def _do(self, session: Session, update: ShopUpdate) -> None:
        match update:
            case MessageConfirmed() | MessageRefused():
                why = update.reason if isinstance(update, MessageRefused) else None
                message = self._outbox.settle(session, update.message_id, why is None, why)
                if message is None:
                    raise UpdateUnreadable(f"There is no message '{update.message_id}'.")
                if why is None:
                    settle_refund(session, message)
            case OrderUpdated():
                _update_order(session, update, self._clock())
            case ShipmentUpdated():
                _order(session, update.shipment.order_id)
                put_shipment(session, update.shipment)
            case ReturnUpdated():
                refund = _update_return(session, update)
                if refund is not None:
                    tell_refund(session, self._outbox, refund)
            case ExchangeUpdated():
                exchange = session.get(ExchangeRow, update.exchange_id)
                if exchange is None:
                    raise UpdateUnreadable(f"There is no exchange '{update.exchange_id}'.")
                exchange.state = update.state

    def _follow(self, update: ShopUpdate) -> None:
        """Do what may be done twice."""
        if isinstance(update, CartOrdered):
            self._carts.ordered(update.cart_id, update.order_id)
        if isinstance(update, MessageRefused):
            reason = f"The shop's own system refused message {update.message_id}: {update.reason}"
            self._tickets.open(update.message_id[:64], None, reason)


def _order(session: Session, order_id: str) -> OrderRow:
    row = session.scalar(select(OrderRow).where(OrderRow.id == order_id).with_for_update())
    if row is None:
        raise UpdateUnreadable(f"There is no order '{order_id}'.")
    return row


def _update_order(session: Session, update: OrderUpdated, now: datetime) -> None:
    row = _order(session, update.order_id)
    told = update.model_dump(exclude={"type", "order_id"}, exclude_none=True)
    changed = {name: value for name, value in told.items() if getattr(row, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    session.add(
        OrderChangeRow(order_id=row.id, version=row.version, status=row.status, at=now, note="told by the shop")
    )


def _update_return(session: Session, update: ReturnUpdated) -> RefundRow | None:
    """Note how a return stands, and return its refund as it stands then."""
    row = session.get(ReturnRow, update.return_id)
    if row is None:
        raise UpdateUnreadable(f"There is no return '{update.return_id}'.")
    row.state = update.state
    refund = session.get(RefundRow, update.return_id)
    if refund is not None:
        refund.state = _REFUND_STATES[update.state]
    return refund
