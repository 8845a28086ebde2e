"""Who is named in a talk, and the talk with other words in their place: marks, or the demo shop's people."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal

from assistant.privacy import masked
from assistant.schema import Customer, Order, PaymentMethod, Value
from assistant.shop.records import ShopRecords

Kind = Literal[
    "name", "given name", "family name", "e-mail", "street", "city", "region", "postcode", "payment", "payment id",
    "customer", "order", "tracking number", "phone", "card", "identity number",
]  # fmt: skip

_SHORTEST_PART = 3


class Personal(Value):
    """A piece of personal data that may stand in a talk. `of` tells whose it is: a customer's id, or an order's."""

    kind: Kind
    text: str
    of: str = ""


def of_customer(customer: Customer) -> Iterator[Personal]:
    """Yield what the shop knows of a customer, their address and ways to pay."""
    address = customer.address
    for name in (customer.name, address.name):
        yield Personal(kind="name", text=name, of=customer.id)
        given, _, family = name.partition(" ")
        yield Personal(kind="given name", text=given, of=customer.id)
        yield Personal(kind="family name", text=family, of=customer.id)
    yield Personal(kind="e-mail", text=customer.email, of=customer.id)
    yield Personal(kind="street", text=address.line1, of=customer.id)
    yield Personal(kind="street", text=address.line2 or "", of=customer.id)
    yield Personal(kind="city", text=address.city, of=customer.id)
    yield Personal(kind="postcode", text=address.postcode, of=customer.id)
    yield Personal(kind="customer", text=customer.id, of=customer.id)
    for method in customer.payment_methods:
        yield from _of_method(method, customer.id)


def of_order(order: Order) -> Iterator[Personal]:
    """Yield what names an order, and where it goes."""
    yield Personal(kind="order", text=order.id, of=order.id)
    yield Personal(kind="tracking number", text=order.tracking_number or "", of=order.id)
    yield Personal(kind="street", text=order.address.line1, of=order.customer_id)
    yield from _of_method(order.payment_method, order.customer_id)


def _of_method(method: PaymentMethod, owner: str) -> Iterator[Personal]:
    yield Personal(kind="payment id", text=method.id, of=owner)
    if any(character.isdigit() for character in method.label):
        yield Personal(kind="payment", text=method.label, of=owner)


def marked(found: Personal) -> str:
    """Return what a masked print shows instead."""
    return f"‹{found.kind}›"


class Replacing:
    """Puts other words in the place of known personal data, and of what has the form of it."""

    def __init__(self, known: Iterable[Personal], instead: Callable[[Personal], str]) -> None:
        found: dict[str, Personal] = {}
        for each in known:
            if len(each.text) >= _shortest(each.text):
                found.setdefault(each.text.casefold(), each)
        self._known = found
        self._instead = instead
        self._made_up: set[str] = set()
        # The longest first: a whole name before its parts.
        words = sorted(found, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_bounded, words)), re.IGNORECASE) if words else None

    def text(self, text: str) -> str:
        """Return a text with the other words."""
        if self._pattern:
            text = self._pattern.sub(self._known_instead, text)
        return masked(text, self._unknown)

    def _known_instead(self, match: re.Match[str]) -> str:
        made_up = self._instead(self._known[match.group().casefold()])
        self._made_up.add(made_up)
        return made_up

    def value(self, value: Any) -> Any:
        """Return arguments, or whatever JSON holds, with the other words in all of its texts."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {name: self.value(each) for name, each in value.items()}
            case list() | tuple():
                return [self.value(each) for each in value]
            case _:
                return value

    def _unknown(self, kind: Kind, text: str) -> str:
        # What was put there already is nobody's.
        return (
            text if text.endswith(("@example.com", "@example.org")) else self._instead(Personal(kind=kind, text=text))
        )


def _shortest(text: str) -> int:
    return _SHORTEST_PART if text.isascii() else 2


def _bounded(word: str) -> str:
    before = r"(?<![A-Za-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
    behind = r"(?![A-Za-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
    return f"{before}{re.escape(word)}{behind}"


def given_in(arguments: Sequence[dict[str, Any]]) -> Iterator[Personal]:
    """Yield what a guest gave of themselves as arguments of tools, though the shop may know no such person."""
    kinds: dict[str, Kind] = {
        "name": "name", "email": "e-mail", "postcode": "postcode", "line1": "street", "line2": "street",
        "city": "city", "address": "street", "order_id": "order",
    }  # fmt: skip
    for each in arguments:
        for name, value in each.items():
            if isinstance(value, dict):
                yield from given_in([value])
            elif name in kinds and isinstance(value, str):
                yield Personal(kind=kinds[name], text=value)


def known_of(customer_ids: Iterable[str], arguments: Sequence[dict[str, Any]], records: ShopRecords) -> list[Personal]:
    """Return all that the records hold of the customers and their orders, and what was given as arguments."""
    found = (records.customers.find(customer_id) for customer_id in dict.fromkeys(customer_ids))
    customers = [customer for customer in found if customer]
    orders = [order for customer in customers for order in records.orders.list(customer.id)]
    return [
        *(each for customer in customers for each in of_customer(customer)),
        *(each for order in orders for each in of_order(order)),
        *given_in(arguments),
    ]
