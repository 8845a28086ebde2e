"""Changes of an order that hasn't been sent: where it goes, what is in it, how it is paid."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from assistant.errors import Missing, ToolError
from assistant.listening.addresses import new_address, one_line
from assistant.schema import (
    Address,
    Customer,
    Money,
    Order,
    OrderChanged,
    PaymentMethod,
    Proposal,
    ToolResult,
    VariantChange,
)
from assistant.shop.rules import check_change
from assistant.shop.versioned import OrderWrite
from assistant.telling.phrases import phrase
from assistant.tools.choosing import find_line, find_method, said_method
from assistant.tools.orders import named_order, own_order
from assistant.tools.said import is_said
from assistant.tools.tool import ToolContext, tool
from assistant.tools.variants import describe_options, find_variant
from retrieval.errors import ProductNotFound

CHANGES = TypeAdapter(tuple[VariantChange, ...])


@tool(writes=True, signed_in=True)
def change_pending_order_address(
    context: ToolContext,
    order_id: str,
    line1: str | None = None,
    line2: str | None = None,
    city: str | None = None,
    region: str | None = None,
    postcode: str | None = None,
    country: str | None = None,
) -> Proposal:
    """Send an order that has not been shipped to another address; without one, to the customer's saved address.

    Args:
        order_id: The order's number.
        line1: Street and number.
        line2: Flat or suite.
        city: City.
        region: State or region.
        postcode: Postcode.
        country: Country code.
    """
    order = named_order(context, order_id)
    check_change(context.rules(), "change_address", order)
    parts = {"line1": line1, "line2": line2, "city": city, "region": region, "postcode": postcode, "country": country}
    given = {name: value for name, value in parts.items() if value and is_said(context, value)}
    saved = _customer(context).address
    address = new_address(order.address, given) if any(parts.values()) else saved
    if address == order.address:
        raise ToolError(f"Order {order.id} goes to {one_line(address)} already.")
    where = one_line(address)
    return _proposal(
        order,
        "change_pending_order_address",
        {"order_id": order.id} | given,
        phrase("change_order_address", context.language, order=order.id, address=where),
        resolved={"address": address.model_dump(mode="json")},
    )


@change_pending_order_address.applies
def _send_elsewhere(context: ToolContext, proposal: Proposal, idempotency_key: str) -> ToolResult:
    rules = _checked_again(context, proposal, "change_address")
    address = Address.model_validate(proposal.resolved["address"])
    write = write_of(context, proposal, idempotency_key)
    return OrderChanged(order=context.records.orders.change_address(write, address, rules), changed="address")


@tool(writes=True, signed_in=True)
def change_pending_order_items(
    context: ToolContext, order_id: str, changes: dict[str, str], pay_with: str = "original"
) -> Proposal:
    """Put other variants (size, colour) of the same products into an order that has not been shipped.

    Args:
        order_id: The order's number.
        changes: Each item's name with its new size or colour.
        pay_with: How a difference is paid, where the customer says so.
    """
    order = named_order(context, order_id, has_items=True)
    check_change(context.rules(), "change_items", order)
    found = resolve_changes(context, order, changes)
    difference = difference_of(order, found)
    method = find_method(_customer(context), order, said_method(context, pay_with))
    check_covered(context, method, difference)
    costs = cost_lines(context.language, difference, method, "difference_charged", "refund_goes_to")
    return _proposal(
        order,
        "change_pending_order_items",
        {"order_id": order.id, "changes": changes, "pay_with": pay_with},
        phrase("change_order_items", context.language, order=order.id),
        changes=(*change_lines(order, found), *costs),
        resolved={"changes": CHANGES.dump_python(found, mode="json"), "method": method.model_dump(mode="json")},
        **money_of(difference, method),
    )


@change_pending_order_items.applies
def _put_other_variants(context: ToolContext, proposal: Proposal, idempotency_key: str) -> ToolResult:
    statuses = _checked_again(context, proposal, "change_items")
    method = PaymentMethod.model_validate(proposal.resolved["method"])
    order = context.records.orders.change_items(
        write_of(context, proposal, idempotency_key),
        CHANGES.validate_python(proposal.resolved["changes"]),
        method,
        statuses,
    )
    return OrderChanged(order=order, changed="items", **_money_in(proposal))


@tool(writes=True, signed_in=True)
def change_pending_order_payment(context: ToolContext, order_id: str, pay_with: str) -> Proposal:
    """Have an order that has not been shipped paid by another of the customer's saved methods.

    Args:
        order_id: The order's number.
        pay_with: The new method, such as PayPal or gift card.
    """
    order = named_order(context, order_id)
    check_change(context.rules(), "change_payment", order)
    method = find_method(_customer(context), order, pay_with)
    if method.id == order.payment_method.id:
        raise ToolError(f"Order {order.id} is paid with {method.label} already. Ask which other one.")
    check_covered(context, method, order.total)
    language, before = context.language, order.payment_method
    return _proposal(
        order,
        "change_pending_order_payment",
        {"order_id": order.id, "pay_with": pay_with},
        phrase("change_order_payment", language, order=order.id, method=method.label),
        changes=(
            phrase("charge_goes_to", language, amount=order.total, method=method.label),
            phrase("refund_goes_to", language, amount=order.total, method=before.label),
        ),
        resolved={"method": method.model_dump(mode="json")},
        charge=order.total,
        charge_to=method,
        refund=order.total,
        refund_to=before,
    )


@change_pending_order_payment.applies
def _pay_otherwise(context: ToolContext, proposal: Proposal, idempotency_key: str) -> ToolResult:
    statuses = _checked_again(context, proposal, "change_payment")
    method = PaymentMethod.model_validate(proposal.resolved["method"])
    write = write_of(context, proposal, idempotency_key)
    order = context.records.orders.change_payment(write, method, statuses)
    return OrderChanged(order=order, changed="payment", **_money_in(proposal))


def resolve_changes(context: ToolContext, order: Order, changes: dict[str, str]) -> tuple[VariantChange, ...]:
    """Return which variant takes the place of which line. Raises ToolError for what doesn't exist or isn't in stock."""
    changes = {item: wanted for item, wanted in changes.items() if is_said(context, item) or is_said(context, wanted)}
    if not changes:
        raise ToolError("Say which items, and what each of them should become.", missing=Missing("changes"))
    found: dict[int, VariantChange] = {}
    for item, wanted in changes.items():
        position, wanted = _line_and_wish(order, item, wanted, found)
        line = order.lines[position]
        try:
            product = context.catalogue.get_product(line.product_id)
        except ProductNotFound:
            raise ToolError(f"{line.title} is no longer sold. It can be returned, or a person can help.") from None
        variant = find_variant(product, line, wanted)
        price = variant.price or product.price
        if price is None or price.currency != order.total.currency:
            raise ToolError(f"Nobody knows what {line.title} costs like that now. Hand over to a human.")
        found[position] = VariantChange(
            position=position, variant_id=variant.id, title=line.title, options=variant.options, price=price
        )
    return tuple(found[position] for position in sorted(found))


def _line_and_wish(order: Order, item: str, wanted: str, taken: Collection[int]) -> tuple[int, str]:
    """Return the line that an item names and what is wanted of it; small models turn the two round."""
    try:
        return find_line(order, item, taken), wanted
    except ToolError:
        try:
            return find_line(order, wanted, taken), item
        except ToolError:
            pass
        raise


def difference_of(order: Order, changes: tuple[VariantChange, ...]) -> Money:
    """Return what the new variants cost more; below zero, less."""
    amounts = (
        (change.price.amount - order.lines[change.position].price.amount) * order.lines[change.position].quantity
        for change in changes
    )
    return Money(amount=sum(amounts, Decimal(0)), currency=order.total.currency)


def change_lines(order: Order, changes: tuple[VariantChange, ...]) -> Iterator[str]:
    """Yield each change as one reads it."""
    for change in changes:
        line = order.lines[change.position]
        before, after = describe_options(line.options), describe_options(change.options)
        yield f"{line.quantity} × {line.title}: {before or line.price} → {after} ({change.price})"


def cost_lines(language: str, difference: Money, method: PaymentMethod, charged: str, refunded: str) -> Iterator[str]:
    """Yield where the difference goes, in the words of the phrases `charged` and `refunded`."""
    if difference.amount > 0:
        yield phrase(charged, language, amount=difference, method=method.label)
    elif difference.amount < 0:
        yield phrase(refunded, language, amount=difference * -1, method=method.label)
    else:
        yield phrase("no_difference", language)


def money_of(difference: Money, method: PaymentMethod) -> dict[str, Any]:
    """Return the difference as a proposal says it."""
    if difference.amount > 0:
        return {"charge": difference, "charge_to": method}
    return {"refund": difference * -1, "refund_to": method} if difference.amount < 0 else {}


def check_covered(context: ToolContext, method: PaymentMethod, amount: Money) -> None:
    """Raise ToolError where a gift card holds less than `amount`."""
    if method.kind != "gift_card" or amount.amount <= 0:
        return
    cards = {card.id: card.balance for card in context.records.gift_cards.list(context.signed_in())}
    balance = cards.get(method.id)
    if balance is None or balance.currency != amount.currency or balance.amount < amount.amount:
        left = "an unknown amount" if balance is None else str(balance)
        raise ToolError(f"{method.label} holds {left}, and {amount} is to be paid. Ask for another way to pay.")


def write_of(context: ToolContext, proposal: Proposal, idempotency_key: str) -> OrderWrite:
    """Return the write that a confirmed proposal stands for."""
    version = proposal.record_version
    return OrderWrite(proposal.tool, proposal.record_id, context.signed_in(), version, idempotency_key)


def _customer(context: ToolContext) -> Customer:
    return context.records.customers.get(context.signed_in())


def _checked_again(context: ToolContext, proposal: Proposal, name: Any) -> tuple[str, ...]:
    """Check the rules as they are now, and return the statuses that they allow.

    An order that has changed itself is the records' to judge: they know whether this very proposal did it.
    """
    order = own_order(context, proposal.record_id)
    rules = context.rules()
    if order.version == proposal.record_version:
        check_change(rules, name, order)
    statuses: tuple[str, ...] = getattr(rules, name).statuses
    return statuses


def _proposal(order: Order, tool_name: str, arguments: dict[str, Any], summary: str, **rest: Any) -> Proposal:
    return Proposal(
        id=uuid4().hex,
        tool=tool_name,
        arguments=arguments,
        summary=summary,
        record_id=order.id,
        record_version=order.version,
        **rest,
    )


def _money_in(proposal: Proposal) -> dict[str, Any]:
    return {name: getattr(proposal, name) for name in ("charge", "charge_to", "refund", "refund_to")}
