"""The rules applied to an order. A refusal names the rule, and what is possible instead."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

from assistant.errors import Missing, ToolError
from assistant.schema import Money, Order, OrderDetails
from assistant.shop.rules.schema import ChangeRule, RefundRoute, ReturnRule, Season, ShopRules, WindowRule

Groups = Mapping[str, Collection[str]]
"""The names of the category and the department of each product of an order, by the product's id."""

ChangeName = Literal["change_address", "change_payment", "change_items"]

_INSTEAD = {
    "pending": "The order can still be cancelled or changed.",
    "processing": "It can be returned once it has been delivered.",
    "shipped": "It can be returned once it has been delivered.",
    "delivered": "Its items can be returned or exchanged.",
    "cancelled": "Nothing more has to be done.",
    "returned": "Nothing more has to be done.",
}


_ROUTES: dict[RefundRoute, str] = {
    "original": "the original payment method",
    "gift_card": "a gift card",
    "other": "another payment method",
}


class RuleBroken(ToolError):
    """The shop doesn't allow it. `rule` is the entry of `policy.toml` that says so."""

    def __init__(
        self,
        rule: str,
        why: str,
        possible: str,
        order: Order,
        missing: Missing | None = None,
        instead: str | None = None,
    ) -> None:
        evidence = OrderDetails(order=order)
        super().__init__(f"{why} {possible} (Rule {rule}.)", evidence, missing, instead)
        self.rule = rule


def check_cancel(rules: ShopRules, order: Order, reason: str) -> None:
    """Raise RuleBroken where the order may not be cancelled, or not for this reason."""
    _check_status("cancel", rules.cancel, order, "be cancelled")
    _check_not_final(rules, order)
    reasons = rules.cancel.reasons
    if reasons and _plain(reason) not in map(_plain, reasons):
        why = f"'{reason}' is no reason to cancel that counts."
        instead = f"These do: {', '.join(reasons)}. Ask which it is."
        raise RuleBroken("cancel.reasons", why, instead, order, Missing("reason", reasons))


def check_change(rules: ShopRules, name: ChangeName, order: Order) -> None:
    """Raise RuleBroken where that part of the order may not be changed."""
    swappable = name == "change_items" and order.status in rules.exchanges.statuses
    _check_status(name, getattr(rules, name), order, "be changed", "exchange_delivered_items" if swappable else None)
    _check_not_final(rules, order)
    if name == "change_items" and rules.change_items.once and order.items_changed:
        why = f"The items of order {order.id} were changed before, and that is possible once."
        raise RuleBroken("change_items.once", why, "A person can look at it.", order)


def check_return(
    rules: ShopRules,
    order: Order,
    product_ids: Iterable[str],
    groups: Groups,
    today: date,
    route: RefundRoute,
    already_back: bool = False,
) -> None:
    """Raise RuleBroken where one of the products may not come back today, or the refund not go there.

    `already_back` says that something of the order comes back, or is swapped, already.
    """
    _check_status("returns", rules.returns, order, "be returned")
    _check_once(rules, order, already_back)
    _check_window("returns", rules.returns, order, product_ids, groups, today)
    if route not in rules.returns.refund_to:
        allowed = " or ".join(_ROUTES[name] for name in rules.returns.refund_to)
        raise RuleBroken(
            "returns.refund_to", f"A refund doesn't go to {_ROUTES[route]}.", f"It goes to {allowed}.", order
        )


def check_exchange(
    rules: ShopRules,
    order: Order,
    product_ids: Iterable[str],
    groups: Groups,
    today: date,
    already_exchanged: bool = False,
    already_back: bool = False,
) -> None:
    """Raise RuleBroken where one of the products may not be exchanged today. See `check_return`."""
    changeable = order.status in rules.change_items.statuses
    instead = "change_pending_order_items" if changeable else None
    _check_status("exchanges", rules.exchanges, order, "be exchanged", instead)
    _check_once(rules, order, already_back)
    _check_window("exchanges", rules.exchanges, order, product_ids, groups, today)
    if already_exchanged and rules.exchanges.once:
        why = f"Items of order {order.id} were exchanged before, and that is possible once."
        raise RuleBroken("exchanges.once", why, "They can be returned.", order)


def last_return_day(rule: WindowRule, order: Order, groups: Collection[str]) -> date | None:
    """Return the last day on which something of these groups may come back, None while it isn't delivered."""
    if order.delivered_on is None:
        return None
    days = max((rule.days_by_group[name] for name in groups if name in rule.days_by_group), default=rule.days)
    ends = [_end(season, order.placed_at.date()) for season in rule.seasons]
    return max([order.delivered_on + timedelta(days=days), *(end for end in ends if end)])


def return_fee(rule: ReturnRule, route: RefundRoute, currency: str) -> Money:
    """Return what is taken off a refund that goes there."""
    return Money(amount=rule.fee if route == "original" else rule.fee * 0, currency=currency)


def _check_not_final(rules: ShopRules, order: Order) -> None:
    if rules.change_items.final and order.items_changed:
        why = f"The items of order {order.id} were changed, and after that it stays as it is."
        raise RuleBroken("change_items.final", why, _INSTEAD["shipped"], order)


def _check_once(rules: ShopRules, order: Order, already_back: bool) -> None:
    if rules.returns.once and already_back:
        why = f"A return or an exchange of order {order.id} is under way, and an order has one."
        raise RuleBroken("returns.once", why, "A person can look at it.", order)


def _check_status(name: str, rule: ChangeRule, order: Order, deed: str, instead: str | None = None) -> None:
    if order.status not in rule.statuses:
        allowed = " or ".join(rule.statuses)
        why = f"Order {order.id} is {order.status}; only an order that is {allowed} can {deed}."
        raise RuleBroken(f"{name}.statuses", why, _INSTEAD[order.status], order, instead=instead)


def _check_window(
    name: str, rule: WindowRule, order: Order, product_ids: Iterable[str], groups: Groups, today: date
) -> None:
    for product_id in product_ids:
        line = next(line for line in order.lines if line.product_id == product_id)
        of_product = groups.get(product_id, ())
        if barred := [group for group in of_product if group in rule.never]:
            why = f"{line.title} belongs to {barred[0]}, which cannot come back."
            raise RuleBroken(f"{name}.never", why, "Something faulty can: hand over to a human.", order)
        last = last_return_day(rule, order, of_product)
        if last is not None and today > last:
            why = f"The last day for {line.title} was {last.isoformat()}."
            raise RuleBroken(f"{name}.days", why, "The warranty may help with a fault: look up the policies.", order)


def _end(season: Season, placed: date) -> date | None:
    """Return the day that the season puts off the end to, for an order of that day; None outside the season."""
    if not season.first <= placed.strftime("%m-%d") <= season.last:
        return None
    month, day = map(int, season.until.split("-"))
    return date(placed.year + (season.until < season.first), month, day)


def _plain(reason: str) -> str:
    return " ".join(reason.casefold().split()).rstrip(".!")
