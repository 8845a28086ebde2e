"""The demo shop's parcels: one of every order that has been sent, with what its carrier saw."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from assistant.schema import Order, Scan, Shipment

_PLACES = ("Columbus", "Indianapolis", "St. Louis", "Denver", "Reno")
"""From the warehouse in Ohio westward."""


def demo_shipments(orders: Iterable[Order], seed: int, today: date) -> list[Shipment]:
    """Return a shipment of each order that a carrier has, or has had; no scan is later than `today`."""
    return [_shipment(order, seed, today) for order in orders if order.tracking_number]


def _shipment(order: Order, seed: int, today: date) -> Shipment:
    rng = random.Random(f"shipment {seed} {order.id}")
    sent = order.placed_at.date() + timedelta(days=1)
    over = order.delivered_on
    last = max(sent, over - timedelta(days=1) if over else today - timedelta(days=1))
    scans = [_scan(sent, 17, "packed", _PLACES[0], rng)]
    days = max(0, (last - sent).days)
    for number, place in enumerate(_PLACES[1 : 2 + min(days, 3)], 1):
        day = sent + timedelta(days=min(number, days))
        scans.append(_scan(day, 19 + min(number, 3), "in_transit", place, rng))
    if over:
        scans.append(_scan(max(over, sent + timedelta(days=1)), 15, "delivered", None, rng))
    # One scan a moment, in the order of time.
    seen = {scan.at: scan for scan in sorted(scans, key=lambda scan: scan.at)}
    return Shipment(
        id=f"S{order.id}",
        order_id=order.id,
        carrier=order.carrier,
        tracking_number=order.tracking_number,
        state="delivered" if over else "in_transit",
        expected_on=order.expected_on,
        scans=tuple(seen.values()),
    )


def _scan(day: date, hour: int, state: str, place: str | None, rng: random.Random) -> Scan:
    at = datetime.combine(day, time(hour, rng.randint(0, 59)), UTC)
    return Scan.model_validate({"at": at, "state": state, "place": place})
