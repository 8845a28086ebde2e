"""Turns a conversation into a scripted one that anybody may keep: made-up people stand for those who talked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from assistant.errors import AssistantError
from assistant.schema import Address, Customer, Order, PaymentMethod
from assistant.shop.records import ShopRecords
from assistant.shop.traces import Trace
from assistant.tools import ALL_TOOLS
from assistant.tracing.personal import Personal, Replacing, known_of

_HAND_OVER = "hand_over_to_human"
_WRITES = frozenset(tool.name for tool in ALL_TOOLS if tool.writes)
_NEWEST_ORDERS = 20
_NOBODYS: Mapping[str, str] = {
    "e-mail": "somebody@example.org", "phone": "555 0100", "name": "Sam Somebody", "street": "1 Nowhere Street",
    "city": "Nowhere", "region": "NW", "postcode": "00000", "order": "T9999", "payment": "Visa ending in 1000",
    "tracking number": "XX0000000000", "card": "4111 1111 1111 1111", "identity number": "000000000000000000",
    "given name": "Sam", "family name": "Somebody", "customer": "T999", "payment id": "T999-card",
}  # fmt: skip
"""What stands for personal data of which the records say nobody's it is."""


def as_test(traces: Sequence[Trace], records: ShopRecords) -> str:
    """Return the conversation of these traces, oldest first, as a conversation file in YAML.

    It is played with the same model steps, on orders like those that were there when the talk began. Raises
    AssistantError where nothing of it can be played.
    """
    talk = [trace for trace in traces if trace.ended != "turn_refused" and (trace.said or trace.accepted is not None)]
    if not talk:
        raise AssistantError("Nothing was said in this conversation that could be played.")
    cast = _Cast(talk, records)
    turns = [dict(_turn(trace, cast.replacing)) for trace in talk]
    changed = sorted({order for trace in talk for order in _changed(trace)} & cast.orders.keys())
    known = talk[0].customer_id is not None
    document: dict[str, Any] = {
        "about": f"A conversation of {len(talk)} turns, in {talk[0].language}, kept from the shop.",
        "customer": cast.ids[talk[0].customer_id] if known and talk[0].customer_id in cast.ids else "none",
        "tuned": any(trace.tuned for trace in talk),
        "given": cast.given(),
        "turns": turns,
    }
    if changed:
        document["expect_orders"] = {cast.orders[order]: {"status": cast.status_now(order)} for order in changed}
    document["expect_tickets"] = int(any(call.name == _HAND_OVER and call.ok for trace in talk for call in trace.calls))
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


def _turn(trace: Trace, replacing: Replacing) -> Iterator[tuple[str, Any]]:
    if trace.accepted is None:
        yield "user", replacing.text(trace.said)
    else:
        yield "confirm", trace.accepted
    if script := list(_script(trace, replacing)):
        yield "script", script
    expect: dict[str, Any] = {"tools": [call.name for call in trace.calls]}
    if errors := [call.name for call in trace.calls if not call.ok]:
        expect["tool_errors"] = errors
    if trace.proposed:
        expect["confirmation"] = trace.proposed
    yield "expect", expect


def _script(trace: Trace, replacing: Replacing) -> Iterator[dict[str, Any]]:
    """Yield what the model did, step by step; a call with words beside it is the call."""
    for step in trace.steps:
        if step.calls:
            calls = [{"name": call.name, "arguments": replacing.value(call.arguments)} for call in step.calls]
            yield {"call": calls[0] if len(calls) == 1 else calls}
        elif step.said or trace.ended != "turn_failed":
            yield {"say": replacing.text(step.said)}


def _changed(trace: Trace) -> Iterator[str]:
    """Yield the orders that were changed in a turn; the last call of one that ends in a question only proposes."""
    calls = [call for call in trace.calls if call.name in _WRITES and call.ok]
    for call in calls[:-1] if trace.proposed else calls:
        if call.by == "code":
            yield str(call.arguments.get("order_id", "")).strip().lstrip("#").upper()


class _Cast:
    """Who stands for whom, and the orders that they have."""

    def __init__(self, talk: Sequence[Trace], records: ShopRecords) -> None:
        self._records = records
        self._began = talk[0].at
        owners = dict.fromkeys(trace.customer_id for trace in talk if trace.customer_id)
        found = [records.customers.find(owner) for owner in owners]
        self._people = [customer for customer in found if customer]
        self.ids = {customer.id: f"T{number:03}" for number, customer in enumerate(self._people, 1)}
        self._stand_ins = {
            customer.id: _stand_in(customer, self.ids[customer.id], number)
            for number, customer in enumerate(self._people)
        }
        self._orders = {
            order.id: order for owner in self.ids for order in records.orders.list(owner, _NEWEST_ORDERS)
            if order.placed_at <= self._began
        }  # fmt: skip
        self.orders = {order_id: f"T{1001 + number}" for number, order_id in enumerate(sorted(self._orders))}
        arguments = [call.arguments for trace in talk for call in trace.calls]
        self.replacing = Replacing(known_of(self.ids, arguments, records), self._instead)

    def status_now(self, order_id: str) -> str:
        """Return how an order stands since the talk."""
        return self._orders[order_id].status

    def given(self) -> dict[str, Any]:
        """Return the stand-ins and their orders, as they stood when the talk began."""
        people = [person.model_dump(mode="json", exclude_none=True) for person in self._stand_ins.values()]
        given: dict[str, Any] = {"customers": people} if people else {}
        if self._orders:
            given["orders"] = [self._given(order) for order in self._orders.values()]
        return given

    def _given(self, order: Order) -> dict[str, Any]:
        today = self._began.date()
        status = self._status_then(order)
        owner = self._stand_ins[order.customer_id]
        kinds = [method.id for method in owner.payment_methods if method.kind == order.payment_method.kind]
        travels = status in ("shipped", "delivered", "returned")
        given = {
            "id": self.orders[order.id],
            "customer": owner.id,
            "status": status,
            "placed_days_ago": max((today - order.placed_at.date()).days, 0),
            "delivered_days_ago": _days(order.delivered_on, today) if status in ("delivered", "returned") else None,
            "expected_in_days": None if order.expected_on is None else (order.expected_on - today).days,
            "lines": [line.model_dump(mode="json", exclude_none=True) for line in order.lines],
            "shipping": order.shipping.model_dump(mode="json"),
            "paid_with": kinds[0] if kinds else owner.payment_methods[0].id,
            "carrier": order.carrier if travels else None,
            "tracking_number": f"XX{self.orders[order.id]}" if travels and order.tracking_number else None,
            "cancel_reason": "No longer needed" if status == "cancelled" and order.cancel_reason else None,
        }
        return {name: value for name, value in given.items() if value is not None}

    def _status_then(self, order: Order) -> str:
        """Return an order's status at the beginning of the talk, as far as its history tells."""
        before: list[tuple[datetime, str]] = [
            (change.at, change.status)
            for change in self._records.orders.history(order.id, order.customer_id)
            if change.at < self._began
        ]
        later = [c for c in self._records.orders.history(order.id, order.customer_id) if c.at >= self._began]
        if not later:
            return order.status
        return max(before)[1] if before else "pending"

    def _instead(self, found: Personal) -> str:
        """Return what stands for a piece of personal data: the same everywhere, and fitting together."""
        if found.kind in ("order", "tracking number"):
            number = self.orders.get(found.of) or self.orders.get(found.text.lstrip("#").upper())
            return _NOBODYS[found.kind] if number is None else f"XX{number}" if found.kind != "order" else number
        person = self._stand_ins.get(found.of)
        return _NOBODYS[found.kind] if person is None else _of(person, found)


def _stand_in(customer: Customer, new_id: str, number: int) -> Customer:
    people = _stand_ins()["zh" if customer.language == "zh" else "en"]
    chosen = people[number % len(people)]
    address = {name: chosen[name] for name in ("name", "line1", "city", "region", "postcode", "country")}
    labels = {"card": f"Visa ending in {chosen['card']}", "gift_card": f"Gift card ending in {chosen['card']}"}
    methods = [
        PaymentMethod(id=f"{new_id}-{place}", kind=method.kind, label=labels.get(method.kind, "PayPal"))
        for place, method in enumerate(customer.payment_methods, 1)
    ]
    return Customer(
        id=new_id,
        name=chosen["name"],
        email=chosen["email"],
        language=customer.language,
        address=Address.model_validate(address),
        payment_methods=tuple(methods) or (PaymentMethod(id=f"{new_id}-1", kind="card", label=labels["card"]),),
    )


def _of(person: Customer, found: Personal) -> str:
    given, _, family = person.name.partition(" ")
    method = person.payment_methods[0]
    told: Mapping[str, str] = {
        "name": person.name, "given name": given, "family name": family or given, "e-mail": person.email,
        "street": person.address.line1, "city": person.address.city, "region": person.address.region or "",
        "postcode": person.address.postcode, "customer": person.id, "payment": method.label, "payment id": method.id,
    }  # fmt: skip
    return told.get(found.kind, _NOBODYS.get(found.kind, ""))


def _days(then: date | None, today: date) -> int | None:
    return None if then is None else max((today - then).days, 0)


@cache
def _stand_ins() -> dict[str, list[dict[str, str]]]:
    text = resources.files("assistant.tracing").joinpath("stand_ins.yaml").read_text(encoding="utf-8")
    people: dict[str, list[dict[str, str]]] = yaml.safe_load(text)
    return people
