"""Values of the shop's records inside a conversation file: {order.A1001.total}, {customer.C001.email}, {shown.1.id}."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from assistant.schema import Customer, Order, ProductCard, Value

_PLACEHOLDER = re.compile(r"\{((?:order|customer|shown)\.[\w.-]+)\}")


class Findable(Protocol):
    """Records that placeholders may name."""

    def find_order(self, order_id: str) -> Order | None:
        """Return anybody's order."""
        ...

    def find_customer(self, customer_id: str) -> Customer | None:
        """Return the customer."""
        ...


class CannotFill(Exception):
    """A placeholder stands for nothing; says which and why."""


def fill(text: str, records: "Findable", shown: Sequence[ProductCard]) -> str:
    """Put values in the place of the placeholders in `text`. Raises CannotFill."""
    find: Mapping[str, Callable[[str], object]] = {
        "order": records.find_order,
        "customer": records.find_customer,
        "shown": partial(_numbered, shown),
    }

    def value(match: re.Match[str]) -> str:
        kind, key, *path = match.group(1).split(".")
        found: object = find[kind](key)
        for part in path:
            found = _inside(found, part)
        if found is None:
            raise CannotFill(f"{match.group()} stands for nothing here")
        return str(found)

    return _PLACEHOLDER.sub(value, text)


def _numbered(shown: Sequence[ProductCard], number: str) -> ProductCard | None:
    """Return the product at a place on the screen, counted from 1."""
    return shown[int(number) - 1] if number.isdigit() and 1 <= int(number) <= len(shown) else None


def _inside(found: object, name: str) -> object:
    if isinstance(found, Value) and name in type(found).model_fields:
        return getattr(found, name)
    if isinstance(found, Mapping):
        return found.get(name)
    if isinstance(found, tuple) and name.isdigit() and 1 <= int(name) <= len(found):
        return found[int(name) - 1]
    return None
