"""Tables of named parts: an entry is imported when it is asked for, an unknown name lists the valid ones."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from retrieval.errors import UnknownName


def load_entry(kind: str, table: Mapping[str, str], name: str) -> Any:
    """Import what `table` holds under `name`, written as 'module:attribute'.

    Raises `UnknownName` with the names the table has.
    """
    if name not in table:
        raise UnknownName(unknown_name(kind, table, name))
    module, _, attribute = table[name].partition(":")
    return getattr(import_module(module), attribute)


def unknown_name(kind: str, table: Mapping[str, object], name: str) -> str:
    """Say that there is no such entry, and which there are."""
    return f"There is no {kind} called '{name}'. Choose one of: {', '.join(table)}."
