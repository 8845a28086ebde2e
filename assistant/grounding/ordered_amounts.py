"""Amounts of an order: its total, its shipping, what a line costs, what was refunded."""

import re
from decimal import Decimal

from assistant.grounding.comparing import same_currency
from assistant.grounding.numbers import Quantity
from assistant.grounding.order_facts import order_amounts
from assistant.grounding.reading import Reading
from assistant.schema import Order

# '4.90 美元的运费', '$4.90 for shipping': what follows says what the amount is.
_OWNED_BY = re.compile(
    r"\s*(?:(?:was|is|were|are|goes|went|you paid|you pay|charged)\s+)?"
    r"(?:的|of (?:that|this|it|which) (?:(?:(?:is|was)|(?:went|goes) (?:to|on)|is for|was for|for) )"
    r"|(?:in|for|of)\s+)?(?:the )?(?:shipping|postage|delivery|refund|运费|邮费|快递费|配送费|退款)"
)
_PLUS_SHIPPING = re.compile(
    r"(?:加上?|连同?|含|算上)(?:[^,。;]{0,6})运费[^,。;]{0,4}$|(?:plus|with|including) shipping[^,;.]*$"
)
_WITH_SHIPPING = re.compile(r"\s*(?:with|including|incl\.?) (?:the )?shipping|\s*[,(]?(?:已|都)?(?:含|包括)运费")
_GOODS_ONLY = re.compile(r"paid|付|(?:before|without|excluding)(?: the)? shipping|不含运费|不算运费")
_WHOLE = re.compile(r"[那这]一?单|订单|(?:this|that|the|your) order|total|总|includ|含运费")
_PER_PIECE = re.compile(r"\s*(?:each|apiece|a piece|per (?:piece|item|pair)|一[个件只条双瓶把]|每[个件只条双瓶把])")


def role_of(reading: Reading, quantity: Quantity) -> str | None:
    """Return what an amount is said to be: 'total', 'shipping_cost', 'refund'; None: nothing near it tells."""
    owned = _OWNED_BY.match(reading.folded, quantity.end)
    if owned:
        return next(key for key in ("refund", "shipping_cost", "total") if reading.words.has(key, owned.group()))
    keys = ("total", "shipping_cost", "refund")
    if _PLUS_SHIPPING.search(reading.folded[: quantity.start]) or _WITH_SHIPPING.match(reading.folded, quantity.end):
        return "total"
    left, right = reading.clause(quantity.start, quantity.end)
    clause = reading.folded[left:right]
    near = [key for key in keys if reading.words.has(key, clause)]
    if not near and reading.words.has("shipping_cost", reading.folded):
        # '围巾260元,没收运费': the other clause speaks of the shipping, and this one of something else.
        return "total" if reading.words.has("total", reading.folded) else None
    return reading.nearest(keys, quantity.start, quantity.end)


def fits_orders(reading: Reading, quantity: Quantity, role: str | None) -> bool:
    """Tell whether an amount stands in the order spoken of, in this role."""
    return any(
        same_currency(quantity, order.total.currency) and quantity.value in _allowed(reading, quantity, order, role)
        for order in reading.order_scope(quantity.start)
    )


def _allowed(reading: Reading, quantity: Quantity, order: Order, role: str | None) -> set[Decimal]:
    held = order_amounts(order)
    group = {mention.product.id for mention in reading.group_at(quantity.start)}
    if role == "refund":
        return {*reading.facts.refunds.get(order.id, ())} or held["total"]
    if role == "shipping_cost":
        return held["shipping"] | (held["total"] if reading.words.has("total", reading.folded) else set())
    if role == "total":
        return held["total"] | (held["line"] if _may_be_lines(reading, quantity, named=bool(group)) else set())
    if not group:
        return held["total"] | held["line"] | held["shipping"]
    lines = [line for line in order.lines if line.product_id in group]
    each = _PER_PIECE.match(reading.folded, quantity.end) is not None
    pieces = {line.price.amount * n for line in lines for n in ((1,) if each else (1, line.quantity))}
    return pieces if lines else held["total"]


def _may_be_lines(reading: Reading, quantity: Quantity, *, named: bool) -> bool:
    """'You paid $36 for two cups': a total that need not be the whole order's."""
    if _PLUS_SHIPPING.search(reading.folded[: quantity.start]) or _WHOLE.search(reading.folded):
        return False
    counted = any(not other.currency and not other.unit for other in reading.quantities)
    return counted or named or _GOODS_ONLY.search(reading.folded) is not None
