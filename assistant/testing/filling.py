"""Values of the shop's records inside the texts of a conversation file: {order.A1001.total}, {shown.1.short_name}."""

import re
from collections.abc import Callable, Mapping, Sequence

from assistant.schema import Order, ProductCard, Value

_PLACEHOLDER = re.compile(r"\{((?:order|shown)\.[\w.-]+)\}")


class CannotFill(Exception):
    """A placeholder stands for nothing; says which and why."""


def fill(text: str, find_order: Callable[[str], Order | None], shown: Sequence[ProductCard]) -> str:
    """Put values in the place of the placeholders in `text`. Raises CannotFill."""

    def value(match: re.Match[str]) -> str:
        kind, key, *path = match.group(1).split(".")
        found: object = find_order(key) if kind == "order" else _numbered(shown, key)
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
