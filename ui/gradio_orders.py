"""The customer's orders as HTML: how far each has come, what is in it, and what one may ask about it."""

from collections.abc import Mapping, Sequence

from assistant.schema import Order, OrderLine, Shipment
from ui.gradio_markup import button, literal
from ui.gradio_parcels import day_text, parcels_html
from ui.texts import text

_STEPS = ("pending", "processing", "shipped", "delivered")
_LINES = 3
_PICTURES = {
    "box": "M3.5 7.5 12 3l8.5 4.5v9L12 21l-8.5-4.5zM3.5 7.5 12 12l8.5-4.5M12 12v9M7.7 5.3l8.6 4.6",
    "cart": "M2.5 4h3l2.4 10.5h9.8l2.3-7.5H6.3M9 19.2a.9.9 0 1 0 0-.1M16.5 19.2a.9.9 0 1 0 0-.1",
    "find": "M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM15.3 15.3 20.5 20.5",
    "heart": "M12 20S3.5 15 3.5 9A4.6 4.6 0 0 1 12 6.6 4.6 4.6 0 0 1 20.5 9c0 6-8.5 11-8.5 11z",
}


def orders_html(orders: Sequence[Order], parcels: Mapping[str, Sequence[Shipment]], language: str, known: bool) -> str:
    """Return the orders, newest first as they are given; for a guest (not `known`) how to see them.

    `parcels` are those of the orders, by the order's number.
    """
    if not orders:
        return _nothing(language, known)
    counted = text("order" if len(orders) == 1 else "orders", language, count=len(orders))
    items = "".join(f"<li>{_order(order, parcels.get(order.id, ()), language)}</li>" for order in orders)
    return (
        f'<section class="st-panel" lang="{literal(language)}"><header><h2>{text("tab_orders", language)}</h2>'
        f'<span role="status">{counted}</span></header><ul class="st-orders">{items}</ul></section>'
    )


def empty_html(picture: str, title: str, hint: str, below: str = "") -> str:
    """Return what a panel shows that has nothing to show yet; `picture` is one of those drawn here."""
    drawing = f'<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{_PICTURES[picture]}"/></svg>'
    return (
        f'<div class="st-empty"><span class="st-empty-picture">{drawing}</span>'
        f"<h2>{title}</h2><p>{hint}</p>{below}</div>"
    )


def _nothing(language: str, known: bool) -> str:
    if known:
        return empty_html("box", text("no_orders_yet", language), text("no_orders_hint", language))
    say = text("find_my_order", language)
    find = button(say, "st-strong", say=say)
    return empty_html("find", text("orders_of_guest", language), text("orders_of_guest_hint", language), find)


def _order(order: Order, parcels: Sequence[Shipment], language: str) -> str:
    number = literal(order.id)
    lines = "".join(_line(line) for line in order.lines[:_LINES])
    more = len(order.lines) - _LINES
    if more > 0:
        lines += f'<li class="st-more">{text("more_items", language, count=more)}</li>'
    return (
        f'<article class="st-order" data-order="{number}"><header>'
        f"<h3>{text('order_number', language, order=number)}</h3>"
        f'<span class="st-chip st-{order.status}">{text(f"status_{order.status}", language)}</span>'
        f"<p>{text('placed_on', language, day=day_text(order.placed_at.date(), language))}</p></header>"
        f"{_way(order, language)}{_arrival(order, language)}{parcels_html(parcels, language)}"
        f"<ul>{lines}</ul>"
        f"<footer><p>{text('total', language)} <strong>{literal(str(order.total))}</strong></p>"
        f'<div class="st-buttons">{_buttons(order, language)}</div></footer></article>'
    )


def _line(line: OrderLine) -> str:
    options = f" <small>{literal(', '.join(line.options.values()))}</small>" if line.options else ""
    return (
        f"<li><span>{line.quantity} × {literal(line.title)}{options}</span><span>{literal(str(line.price))}</span></li>"
    )


def _way(order: Order, language: str) -> str:
    """Return how far it has come, as steps; nothing for an order that came to another end."""
    if order.status not in _STEPS:
        return ""
    reached = _STEPS.index(order.status)
    here = ' aria-current="step"'
    steps = "".join(
        f'<li class="st-{"done" if place <= reached else "ahead"}"{here if place == reached else ""}>'
        f"{text(f'step_{step}', language)}</li>"
        for place, step in enumerate(_STEPS)
    )
    return f'<ol class="st-way">{steps}</ol>'


def _arrival(order: Order, language: str) -> str:
    parts = []
    if order.delivered_on:
        parts.append(text("delivered_on", language, day=day_text(order.delivered_on, language)))
    elif order.expected_on:
        parts.append(text("expected_on", language, day=day_text(order.expected_on, language)))
    if order.tracking_number:
        carrier = f"{literal(order.carrier)} " if order.carrier else ""
        parts.append(f"{carrier}<code>{literal(order.tracking_number)}</code>")
    return f'<p class="st-arrival">{" · ".join(parts)}</p>' if parts else ""


def _buttons(order: Order, language: str) -> str:
    wishes = ["ask_order"]
    if order.status == "pending":
        wishes.append("ask_cancel")
    elif order.status == "delivered":
        wishes.append("ask_return")
    return "".join(
        button(text(wish, language), "st-plain", name=order.id, say=text(f"say_{wish}", language, order=order.id))
        for wish in wishes
    )
