"""Delivered items that come back, for money or for another variant."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from assistant.schema import (
    ExchangeRequested,
    Money,
    Order,
    PaymentMethod,
    Proposal,
    ReturnedLine,
    ReturnRequested,
    ToolResult,
)
from assistant.shop.returns import check_left
from assistant.shop.rules import check_exchange, check_return, return_fee
from assistant.shop.rules.schema import RefundRoute
from assistant.telling.phrases import phrase
from assistant.tools.choosing import find_lines, find_method, said_method
from assistant.tools.order_changes import (
    CHANGES,
    change_lines,
    check_covered,
    cost_lines,
    difference_of,
    money_of,
    resolve_changes,
    write_of,
)
from assistant.tools.orders import named_order, own_order
from assistant.tools.tool import ToolContext, tool
from retrieval.errors import ProductNotFound

_LINES = TypeAdapter(tuple[ReturnedLine, ...])


@tool(writes=True, signed_in=True)
def return_delivered_items(
    context: ToolContext, order_id: str, items: list[str], refund_to: str = "original"
) -> Proposal:
    """Send delivered items back for money.

    Args:
        order_id: The order's number.
        items: The items' names; "all" for the whole order.
        refund_to: Where the money goes, where the customer says so.
    """
    order = named_order(context, order_id, has_items=True)
    refund_to = said_method(context, refund_to)
    method = find_method(context.records.customers.get(order.customer_id), order, refund_to, for_refund=True)
    # Whether it may come back at all is told before which items are asked for.
    _check_return(context, order, (), method)
    pieces = find_lines(order, items)
    _check_return(context, order, pieces, method)
    check_left(order, pieces, *context.records.returns.of_order(order.id, order.customer_id))
    lines = tuple(
        ReturnedLine(position=position, title=order.lines[position].title, quantity=quantity)
        for position, quantity in pieces.items()
    )
    goods = _worth(order, lines)
    fee = return_fee(context.rules().returns, _route(order, method), goods.currency)
    refund = Money(amount=max(goods.amount - fee.amount, Decimal(0)), currency=goods.currency)
    language = context.language
    consequences = [f"{line.quantity} × {line.title}" for line in lines]
    consequences += [phrase("return_fee", language, fee=fee)] if fee.amount else []
    consequences.append(phrase("refund_after_items", language, amount=refund, method=method.label))
    return Proposal(
        id=uuid4().hex,
        tool="return_delivered_items",
        arguments={"order_id": order.id, "items": items, "refund_to": refund_to},
        summary=phrase("return_items", language, order=order.id, items=", ".join(line.title for line in lines)),
        changes=tuple(consequences),
        refund=refund,
        refund_to=method,
        record_id=order.id,
        record_version=order.version,
        resolved={
            "lines": _LINES.dump_python(lines, mode="json"),
            "method": method.model_dump(mode="json"),
            "fee": fee.model_dump(mode="json"),
        },
    )


@return_delivered_items.applies
def _return(context: ToolContext, proposal: Proposal, idempotency_key: str) -> ToolResult:
    order = own_order(context, proposal.record_id)
    lines = _LINES.validate_python(proposal.resolved["lines"])
    method = PaymentMethod.model_validate(proposal.resolved["method"])
    fee = Money.model_validate(proposal.resolved["fee"])
    # An order that has changed itself is the records' to judge: they know whether this very proposal did it.
    if order.version == proposal.record_version:
        _check_return(context, order, [line.position for line in lines], method)
    write = write_of(context, proposal, idempotency_key)
    assert proposal.refund is not None  # every return has one
    statuses = context.rules().returns.statuses
    request = context.records.returns.request_return(write, lines, proposal.refund, fee, method, statuses)
    return ReturnRequested(order=own_order(context, order.id), request=request)


@tool(writes=True, signed_in=True)
def exchange_delivered_items(
    context: ToolContext, order_id: str, changes: dict[str, str], pay_with: str = "original"
) -> Proposal:
    """Swap delivered items for other variants (size, colour) of the same products.

    Args:
        order_id: The order's number.
        changes: Each item's name with its new size or colour.
        pay_with: How a difference is paid, where the customer says so.
    """
    order = named_order(context, order_id, has_items=True)
    _check_exchange(context, order, ())
    found = resolve_changes(context, order, changes)
    positions = {change.position: order.lines[change.position].quantity for change in found}
    _check_exchange(context, order, positions)
    check_left(order, positions, *context.records.returns.of_order(order.id, order.customer_id))
    method = find_method(context.records.customers.get(order.customer_id), order, said_method(context, pay_with))
    difference = difference_of(order, found)
    check_covered(context, method, difference)
    language = context.language
    costs = cost_lines(language, difference, method, "charge_after_items", "refund_after_items")
    return Proposal(
        id=uuid4().hex,
        tool="exchange_delivered_items",
        arguments={"order_id": order.id, "changes": changes, "pay_with": pay_with},
        summary=phrase(
            "exchange_items", language, order=order.id, items=", ".join(order.lines[c.position].title for c in found)
        ),
        changes=(*change_lines(order, found), *costs),
        record_id=order.id,
        record_version=order.version,
        resolved={
            "changes": CHANGES.dump_python(found, mode="json"),
            "method": method.model_dump(mode="json"),
            "difference": difference.model_dump(mode="json"),
        },
        **money_of(difference, method),
    )


@exchange_delivered_items.applies
def _exchange(context: ToolContext, proposal: Proposal, idempotency_key: str) -> ToolResult:
    order = own_order(context, proposal.record_id)
    changes = CHANGES.validate_python(proposal.resolved["changes"])
    if order.version == proposal.record_version:
        _check_exchange(context, order, [change.position for change in changes])
    request = context.records.returns.request_exchange(
        write_of(context, proposal, idempotency_key),
        changes,
        Money.model_validate(proposal.resolved["difference"]),
        PaymentMethod.model_validate(proposal.resolved["method"]),
        context.rules().exchanges.statuses,
    )
    return ExchangeRequested(order=own_order(context, order.id), request=request)


def _check_return(context: ToolContext, order: Order, positions: Iterable[int], method: PaymentMethod) -> None:
    products = [order.lines[position].product_id for position in positions]
    check_return(
        context.rules(),
        order,
        products,
        _groups(context, products),
        _today(context),
        _route(order, method),
        already_back=any(context.records.returns.of_order(order.id, order.customer_id)),
    )


def _check_exchange(context: ToolContext, order: Order, positions: Iterable[int]) -> None:
    products = [order.lines[position].product_id for position in positions]
    returns, exchanges = context.records.returns.of_order(order.id, order.customer_id)
    check_exchange(
        context.rules(),
        order,
        products,
        _groups(context, products),
        _today(context),
        already_exchanged=bool(exchanges),
        already_back=bool(returns or exchanges),
    )


def _route(order: Order, method: PaymentMethod) -> RefundRoute:
    """Return where money goes; to another card than the one that paid is no route at all."""
    if method.id == order.payment_method.id:
        return "original"
    return "gift_card" if method.kind == "gift_card" else "other"


def _worth(order: Order, lines: Iterable[ReturnedLine]) -> Money:
    amounts = (order.lines[line.position].price.amount * line.quantity for line in lines)
    return Money(amount=sum(amounts, Decimal(0)), currency=order.total.currency)


def _groups(context: ToolContext, product_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the category and the department of each product that is still sold."""
    groups: dict[str, Any] = {}
    for product_id in product_ids:
        try:
            product = context.catalogue.get_product(product_id)
        except ProductNotFound:
            continue
        groups[product_id] = tuple(filter(None, (product.category, product.department)))
    return groups


def _today(context: ToolContext) -> date:
    return context.clock().date()
