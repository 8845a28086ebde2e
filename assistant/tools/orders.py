"""The customer's own orders. Whose they are is checked in the store, not here."""

import re
from uuid import uuid4

from assistant.errors import Missing, ToolError
from assistant.schema import Order, OrderCancelled, OrderDetails, OrdersFound, Proposal, PurchasesFound, ToolResult
from assistant.shop.rules import check_cancel
from assistant.telling.phrases import phrase
from assistant.tools.places import names_last, places_in
from assistant.tools.tool import ToolContext, tool

_CALLED = frozenset(("order", "package", "parcel", "delivery", "shipment", "pedido", "commande", "bestellung"))
"""What an order may be called behind its ordinal: 'the second order'."""
_NEWEST = re.compile(
    r"\b(?:last|latest|newest|most recent) (?:order|purchase|package|parcel)\b"
    r"|(?:最近|最新|上一?|最后)[的次]?(?:那|一)?[个笔]?(?:订单|包裹|快递)"
)
"""The order placed last. 'The last one' may be the one at the end of a list, so that it says nothing."""
_NAMED = re.compile(rf"\b(?:{'|'.join(sorted(_CALLED))})\b|订单|包裹|快递|[单笔]")


@tool(signed_in=True, personal=True)
def get_purchase_history(context: ToolContext) -> PurchasesFound:
    """List what the customer bought before, newest first."""
    orders = [order for order in context.records.orders.list(context.signed_in()) if order.status != "cancelled"]
    return PurchasesFound(orders=tuple(orders[:8]))


@tool(personal=True)
def list_orders(context: ToolContext) -> OrdersFound:
    """List the customer's orders with their status, newest first."""
    return OrdersFound(orders=tuple(context.records.orders.list(context.signed_in())[:8]))


@tool(personal=True)
def get_order(context: ToolContext, order_id: str) -> OrderDetails:
    """Show one order: status, delivery, tracking, items.

    Args:
        order_id: The order's number, such as A1001.
    """
    order = own_order(context, _at_its_place(context, order_id) or order_id)
    returns, exchanges = context.records.returns.of_order(order.id, order.customer_id)
    return OrderDetails(
        order=order,
        returns=returns,
        exchanges=exchanges,
        shipments=context.records.shipments.of_order(order.id, order.customer_id),
        requested=context.records.outbox.unconfirmed(order.id),
    )


@tool(writes=True, signed_in=True)
def cancel_pending_order(context: ToolContext, order_id: str, reason: str) -> Proposal:
    """Cancel an order that has not been shipped. The customer is asked to confirm.

    Args:
        order_id: The order's number, such as A1001.
        reason: Why, in the customer's words.
    """
    order = named_order(context, order_id)
    check_cancel(context.rules(), order, reason)
    return Proposal(
        id=uuid4().hex,
        tool="cancel_pending_order",
        arguments={"order_id": order.id, "reason": reason},
        summary=phrase("cancel_order", context.language, order=order.id),
        changes=_consequences(order, reason, context.language),
        refund=order.total,
        refund_to=order.payment_method,
        record_id=order.id,
        record_version=order.version,
    )


@cancel_pending_order.applies
def _cancel(context: ToolContext, proposal: Proposal, idempotency_key: str) -> ToolResult:
    before = own_order(context, proposal.record_id)
    # The rules may have changed since the proposal. An order that has changed itself is the records' to judge: they
    # know whether this very proposal did it.
    if before.version == proposal.record_version:
        check_cancel(context.rules(), before, proposal.arguments["reason"])
    order = context.records.orders.cancel(
        proposal.record_id,
        context.signed_in(),
        proposal.arguments["reason"],
        proposal.record_version,
        idempotency_key,
        context.rules().cancel.statuses,
    )
    return OrderCancelled(order=order, refund=order.total, refund_to=order.payment_method)


def own_order(context: ToolContext, order_id: str) -> Order:
    """Return the customer's order of this number, written in any way. Raises ToolError; see `Orders.get`."""
    return context.records.orders.get(plain_number(order_id), context.signed_in())


def named_order(context: ToolContext, order_id: str, has_items: bool = False) -> Order:
    """Return the customer's order as `own_order` does, for a change: somebody must have named it, or its place.

    A small model fills in a number that it has read in its examples; with the customer's orders as evidence the reply
    can ask which one is meant. `has_items`: the change is of things in it, which have places of their own.
    """
    if pointed := _at_its_place(context, order_id, has_items):
        return own_order(context, pointed)
    number = plain_number(order_id)
    said = " ".join((*context.customer_texts, *(m.content for m in context.transcript if m.role == "tool"))).upper()
    if not number or (context.customer_texts and number not in said):
        orders = context.records.orders.list(context.signed_in(), limit=8)
        raise ToolError(
            f"Nobody has named an order {number}".rstrip() + ". Ask the customer which order is meant.",
            evidence=OrdersFound(orders=orders),
            missing=Missing("order_id", tuple(order.id for order in orders)),
        )
    return own_order(context, order_id)


def _at_its_place(context: ToolContext, order_id: str, has_items: bool = False) -> str | None:
    """Return the number of the order that the customer's message points at: 'cancel the second one'.

    A number in the message goes before any place. "My last order" is the newest, and "the last one" says nothing: it
    is the newest or the one at the end. With one order before the customer, 'send the second one back' means a thing in
    it, unless an order is named.
    """
    message, listed = " ".join(context.customer_texts[-1:]), context.listed_orders
    given = plain_number(order_id)
    if any(number and number in message.upper() for number in (given, *listed)):
        return None
    if _NEWEST.search(message.lower()):
        newest = context.records.orders.list(context.signed_in(), limit=1)
        return newest[0].id if newest else None
    if names_last(message):
        return None
    if has_items and context.order_in_view and not _NAMED.search(message.lower()):
        return None
    places = places_in(message, len(listed), lambda place: _CALLED)
    return listed[places[0]] if len(places) == 1 else None


def plain_number(order_id: str) -> str:
    """Return an order's number as the records have it."""
    return order_id.strip().lstrip("#").upper()


def _consequences(order: Order, reason: str, language: str) -> tuple[str, ...]:
    lines = [f"{line.quantity} × {line.title}" for line in order.lines]
    refund = phrase("refund_goes_to", language, amount=order.total, method=order.payment_method.label)
    return (*lines, refund, phrase("cancel_reason", language, reason=reason))
