"""Counts of orders, and of the pieces in an order."""

import re

from assistant.grounding.names import stems_of
from assistant.grounding.numbers import Quantity
from assistant.grounding.reading import Reading
from assistant.schema import AccountFound

# What may stand between a number and the thing it counts.
OF_THEM = re.compile(
    r"\s*(?:pairs?|sets?|packs?|pieces?|boxes|units?|of|the|your|[个双件条只套把床台支盒包瓶张本]|\s)*"
)
_NOUN = re.compile(
    r"\s+(?:(?:pairs?|sets?|packs?|boxes|packets?|pieces?|cups?|bags?) of )?(?:the |your |these |those )?"
    r"(?P<words>[a-z][a-z-]+(?: [a-z][a-z-]+){0,2})"
)
# A title's own words end where its particulars begin: 'Crew Socks, 3 pairs', 'Tea 250 g'.
_HEAD = re.compile(r"\s*[,(|]|\s+(?=\d)|\s+-\s")
_CARDS = re.compile(r"\s*(?:gift cards?(?![a-z])|张礼品卡)")
# 'Your last two orders': of however many there are.
_NEWEST = re.compile(r"(?:last|latest|newest|recent|previous|past|first)\s*$|(?:最近|最新|近|前|上)的?\s*$")


def orders_hold(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number counts the latest orders, or those of them in the status that is said."""
    orders = reading.facts.latest_orders
    if quantity.value == len(orders):
        return True
    if _NEWEST.search(reading.plain[: quantity.start]) and quantity.value <= len(orders):
        return True
    statuses = {
        order.status for order in orders if order.status in reading.folded or _status_said(reading, order.status)
    }
    return bool(statuses) and quantity.value == sum(order.status in statuses for order in orders)


def _status_said(reading: Reading, status: str) -> bool:
    return reading.words.has(f"status_{status}", reading.folded)


def order_items_hold(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number counts pieces of the order spoken of."""
    if not reading.about_order:
        return False
    following = next((m for m in reading.mentions if m.start >= quantity.end), None)
    between = reading.folded[quantity.end : following.start] if following else ""
    ordered = [line for order in reading.order_scope(quantity.start) for line in order.lines]
    if following and OF_THEM.fullmatch(between):
        lines = [line for line in ordered if line.product_id == following.product.id]
        if lines:
            return any(line.quantity == quantity.value for line in lines) or _is_requested(
                reading, quantity, {following.product.id}
            )
    for order in reading.order_scope(quantity.start):
        counts = {
            len(order.lines),
            sum(line.quantity for line in order.lines),
            *(line.quantity for line in order.lines),
        }
        if quantity.value in counts:
            return True
    return _is_requested(reading, quantity, {mention.product.id for mention in reading.mentions})


def _is_requested(reading: Reading, quantity: Quantity, named: set[str]) -> bool:
    """Tell whether so many pieces of what is named go back or are swapped."""
    return any(
        quantity.value == pieces and (not named or product_id in named)
        for product_id, pieces in reading.facts.requested
    )


def pieces_hold(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number right before a name counts how many of it were ordered."""
    group = {mention.product.id for mention in reading.mentions if 0 <= mention.start - quantity.end <= 2}
    if not group:
        return order_items_hold(reading, quantity)
    lines = [line for order in reading.order_scope(quantity.start) for line in order.lines if line.product_id in group]
    return any(line.quantity == quantity.value for line in lines) or _is_requested(reading, quantity, group)


def pieces_by_noun(reading: Reading, quantity: Quantity) -> bool | None:
    """Tell whether so many of a thing were ordered, named by the last word of its title; None: no such thing is named.

    'You ordered six mugs', where the order has four of a 'Tideline Mug'.
    """
    following = _NOUN.match(reading.folded, quantity.end)
    if following is None or quantity.unit or not reading.facts.latest_is_about_orders:
        return None
    if any(mention.start < following.end() and quantity.end <= mention.start for mention in reading.mentions):
        return None
    said = {stem for word in following["words"].split() for stem in stems_of(word)}
    lines = [
        line
        for order in reading.facts.latest_orders or tuple(reading.facts.orders.values())
        for line in order.lines
        if said & set(stems_of(_HEAD.split(line.title)[0].split()[-1:][0] if line.title.split() else ""))
    ]
    if not lines:
        return None
    counts = {line.quantity for line in lines} | {sum(line.quantity for line in lines), len(lines)}
    return quantity.value in counts or _is_requested(reading, quantity, {line.product_id for line in lines})


def cards_hold(reading: Reading, quantity: Quantity) -> bool | None:
    """Tell whether the customer has so many gift cards; None: no gift cards of the customer's are counted."""
    accounts = [result for result in reading.facts.evidence.results if isinstance(result, AccountFound)]
    if not accounts or quantity.unit or quantity.currency or not _CARDS.match(reading.folded, quantity.end):
        return None
    return quantity.value == len(accounts[-1].gift_cards)
