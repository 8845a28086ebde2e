"""When the demo shop's orders were placed, by whom, and how far each has come."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from assistant.schema import Customer, OrderStatus

ORDERS = 600
_OLDEST = 720
_SETTLED = 20
_SETTLED_SHARE = 0.85
_PRESENTS = (11, 12)
# What isn't settled yet, and how many days ago it was placed: at least, at most.
_OPEN: tuple[tuple[OrderStatus, int, int], ...] = (
    ("pending", 1, 2),
    ("processing", 2, 3),
    ("shipped", 3, 6),
    ("shipped", 3, 5),
)


@dataclass(frozen=True)
class Plan:
    """An order to be filled. `types` are the product types in it, None where the customer's taste decides."""

    customer_id: str
    placed_at: datetime
    status: OrderStatus
    id: str | None = None
    types: tuple[str, ...] | None = None


def plan_orders(customers: Sequence[Customer], seed: int, today: date) -> list[Plan]:
    """Return the plans of all 600 orders, oldest first."""
    rng = random.Random(f"timetable {seed}")
    story = [
        Plan(customer_id, _moment(today, days, rng), status, order_id, types)
        for order_id, customer_id, status, days, types in _STORY
    ]
    regulars = {customer.id: rng.random() ** 2 + 0.08 for customer in customers}
    # Maya's orders are all told below, and Priya has none. The other four in the story have nothing open but
    # what is told below.
    settled = {id: weight for id, weight in regulars.items() if id not in ("C001", "C006")}
    settled.update((id, 0.8) for id in ("C002", "C003", "C004", "C005"))
    free = {id: weight for id, weight in settled.items() if id > "C006"}
    crowd = [_plan(free, settled, rng, today) for _ in range(ORDERS - len(story))]
    return sorted([*story, *crowd], key=lambda plan: plan.placed_at)


def _plan(free: dict[str, float], settled: dict[str, float], rng: random.Random, today: date) -> Plan:
    if rng.random() < _SETTLED_SHARE:
        days = _settled_age(rng, today)
        status = _outcome(rng, today - timedelta(days=days), days)
        return Plan(_draw(settled, rng), _moment(today, days, rng), status)
    status, newest, oldest = rng.choice(_OPEN)
    return Plan(_draw(free, rng), _moment(today, rng.randint(newest, oldest), rng), status)


def _settled_age(rng: random.Random, today: date) -> int:
    while True:
        # The square makes recent months busier: the shop has grown.
        days = _SETTLED + int((_OLDEST - _SETTLED) * rng.random() ** 1.5)
        if (today - timedelta(days=days)).month in _PRESENTS or rng.random() < 0.65:
            return days


def _outcome(rng: random.Random, placed_on: date, days: int) -> OrderStatus:
    # Presents that didn't fit come back in January.
    returned = 0.20 if placed_on.month == 12 else 0.07
    chance = rng.random()
    if chance < 0.05:
        return "cancelled"
    return "returned" if days > 45 and chance < 0.05 + returned else "delivered"


def _draw(weights: dict[str, float], rng: random.Random) -> str:
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def _moment(today: date, days: int, rng: random.Random) -> datetime:
    # Afternoon to late evening in the United States. Yesterday's latest is before today's first minute.
    at = time(rng.randint(13, 23), rng.randint(0, 59), rng.randint(0, 59), tzinfo=UTC)
    return datetime.combine(today - timedelta(days=days), at)


_STORY: tuple[tuple[str | None, str, OrderStatus, int, tuple[str, ...]], ...] = (
    ("A1001", "C001", "pending", 1, ("running-shoes", "socks")),
    ("A1002", "C001", "shipped", 4, ("fitness-trackers",)),
    ("A1003", "C002", "pending", 1, ("chef-knives", "cutting-boards")),
    ("A1004", "C005", "pending", 1, ("novels", "desk-lamps")),
    ("A1005", "C004", "shipped", 3, ("keyboards", "mice")),
    ("A1006", "C003", "processing", 2, ("picture-books", "plush-animals")),
    ("A1007", "C003", "delivered", 12, ("mice", "cushions")),
    ("A1008", "C005", "delivered", 20, ("throw-blankets", "cushions")),
    ("A1009", "C002", "delivered", 400, ("bluetooth-speakers",)),
    ("A1010", "C003", "pending", 1, ("throw-blankets",)),
    (None, "C001", "delivered", 19, ("water-bottles",)),
    (None, "C001", "delivered", 74, ("trail-shoes", "socks")),
    (None, "C001", "delivered", 168, ("leggings", "sunscreens")),
    (None, "C001", "delivered", 281, ("running-shoes", "socks")),
    (None, "C001", "delivered", 446, ("yoga-mats",)),
)
