"""Addresses in the customer's words: what is said changes, and a new street needs its town."""

from collections.abc import Mapping

from assistant.errors import Missing, ToolError
from assistant.schema import Address

_LONGEST = 100
_COUNTRIES = {"usa": "US", "united states": "US", "uk": "GB", "united kingdom": "GB", "canada": "CA", "china": "CN"}
_NEEDED = {"line1": "the street and number", "city": "the city", "postcode": "the postcode"}


def new_address(before: Address, given: Mapping[str, str | None]) -> Address:
    """Return `before` with what was given. A new street brings its own flat, city and postcode.

    Raises ToolError, saying what to ask for, when a part is missing or is no part of an address.
    """
    parts = {name: " ".join(value.split()) for name, value in given.items() if value and value.strip()}
    for name, value in parts.items():
        if len(value) > _LONGEST or not any(character.isalnum() for character in value):
            raise ToolError(f"'{value[:_LONGEST]}' is no {name} of an address. Ask the customer for it.")
    moves = "line1" in parts or "city" in parts or "postcode" in parts
    if moves and (missing := [what for name, what in _NEEDED.items() if name not in parts]):
        raise ToolError(f"The address isn't complete. Ask for {' and '.join(missing)}.", missing=Missing("line1"))
    if parts.get("region") and parts.get("region") == parts.get("postcode") and {"line2", "city"} <= parts.keys():
        # Small models begin a place too early: the city as line2, the state as city, the postcode twice.
        parts["region"], parts["city"] = parts["city"], parts.pop("line2")
    for name in ("city", "region"):
        # Small models put the postcode beside the state.
        parts.update({name: parts[name].replace(parts.get("postcode", "\0"), "").strip(" ,")} if name in parts else {})
    if "country" in parts:
        country = parts["country"]
        parts["country"] = _COUNTRIES.get(country.casefold(), country.upper())
        if len(parts["country"]) != 2:
            raise ToolError(f"'{country}' is no country code of two letters, such as US.")
    cleared = {"line2": None, "region": parts.get("region", before.region)} if moves else {}
    return before.model_copy(update={**cleared, **parts})


def one_line(address: Address) -> str:
    """Return the address as one reads it in a sentence."""
    parts = (address.line1, address.line2, address.city, " ".join(filter(None, [address.region, address.postcode])))
    return ", ".join(filter(None, [*parts, address.country]))
