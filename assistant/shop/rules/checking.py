"""The rules applied to an order. A refusal names the rule, and what is possible instead."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

from assistant.errors import Missing
from assistant.schema import Money, Order
from assistant.shop.rules.refusal import RuleBroken
from assistant.shop.rules.schema import ChangeRule, RefundRoute, ReturnRule, Season, ShopRules, WindowRule

Groups = Mapping[str, Collection[str]]
"""The names of the category and the department of each product of an order, by the product's id."""

ChangeName = Literal["change_address", "change_payment", "change_items"]


def check_cancel(rules: ShopRules, order: Order, reason: str) -> None:
    """Raise RuleBroken where the order may not be cancelled, or not for this reason."""
    _check_status("cancel", rules.cancel, order, "cancel")
    _check_not_final(rules, order)
    reasons = rules.cancel.reasons
    if reasons and _plain(reason) not in map(_plain, reasons):
        facts = {"reason": reason, "reasons": ", ".join(reasons)}
        raise RuleBroken("cancel.reasons", "reason", "reasons", order, facts, Missing("reason", reasons))


def check_change(rules: ShopRules, name: ChangeName, order: Order) -> None:
    """Raise RuleBroken where that part of the order may not be changed."""
    swappable = name == "change_items" and order.status in rules.exchanges.statuses
    _check_status(name, getattr(rules, name), order, "change", "exchange_delivered_items" if swappable else None)
    _check_not_final(rules, order)
    if name == "change_items" and rules.change_items.once and order.items_changed:
        raise RuleBroken("change_items.once", "changed_before", "person", order, {})


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
    _check_status("returns", rules.returns, order, "return")
    _check_once(rules, order, already_back)
    _check_window("returns", rules.returns, order, product_ids, groups, today)
    if route not in rules.returns.refund_to:
        facts = {"route": (f"route_{route}",), "allowed": tuple(f"route_{name}" for name in rules.returns.refund_to)}
        raise RuleBroken("returns.refund_to", "route", "routes", order, facts)


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
    _check_status("exchanges", rules.exchanges, order, "exchange", instead)
    _check_once(rules, order, already_back)
    _check_window("exchanges", rules.exchanges, order, product_ids, groups, today)
    if already_exchanged and rules.exchanges.once:
        raise RuleBroken("exchanges.once", "exchanged_before", "return", order, {})


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
        raise RuleBroken("change_items.final", "final", "when_shipped", order, {})


def _check_once(rules: ShopRules, order: Order, already_back: bool) -> None:
    if rules.returns.once and already_back:
        raise RuleBroken("returns.once", "under_way", "person", order, {})


def _check_status(name: str, rule: ChangeRule, order: Order, deed: str, instead: str | None = None) -> None:
    if order.status not in rule.statuses:
        facts = {"status": (f"status_{order.status}",), "allowed": tuple(f"status_{each}" for each in rule.statuses)}
        why, possible = f"{deed}_status", f"when_{order.status}"
        raise RuleBroken(f"{name}.statuses", why, possible, order, facts, instead=instead)


def _check_window(
    name: str, rule: WindowRule, order: Order, product_ids: Iterable[str], groups: Groups, today: date
) -> None:
    for product_id in product_ids:
        line = next(line for line in order.lines if line.product_id == product_id)
        of_product = groups.get(product_id, ())
        if barred := [group for group in of_product if group in rule.never]:
            raise RuleBroken(f"{name}.never", "never", "faulty", order, {"item": line.title, "group": barred[0]})
        last = last_return_day(rule, order, of_product)
        if last is not None and today > last:
            raise RuleBroken(f"{name}.days", "days", "warranty", order, {"item": line.title, "last": last.isoformat()})


def _end(season: Season, placed: date) -> date | None:
    """Return the day that the season puts off the end to, for an order of that day; None outside the season."""
    if not season.first <= placed.strftime("%m-%d") <= season.last:
        return None
    month, day = map(int, season.until.split("-"))
    return date(placed.year + (season.until < season.first), month, day)


def _plain(reason: str) -> str:
    return " ".join(reason.casefold().split()).rstrip(".!")
