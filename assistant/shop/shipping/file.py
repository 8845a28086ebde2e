"""`shipping.toml` read into the table; an error says where the file is wrong."""

import tomllib
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from assistant.errors import RulesError
from assistant.shop.shipping.schema import ShippingTable
from retrieval.watched_file import WatchedFile, read_content

SHIPPING_FILE = "shipping.toml"


class WatchedShipping:
    """The shipping table of a store: what its file says now, or last said well while it is broken."""

    def __init__(self, store: Path) -> None:
        """Read the store's file; one that is broken from the start is a RulesError."""
        parse_shipping(read_content(store / SHIPPING_FILE))
        self._file = WatchedFile(store / SHIPPING_FILE, parse_shipping, (RulesError,))

    def current(self) -> ShippingTable:
        """Return the table, read anew where the file has changed; without a file there are no zones."""
        return self._file.current()


def parse_shipping(content: bytes) -> ShippingTable:
    """Read the table. Raises RulesError, saying where it is wrong."""
    try:
        return ShippingTable.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{SHIPPING_FILE} is not TOML: {error}.") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, item['loc'])) or 'table'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        ]
        raise RulesError(f"{SHIPPING_FILE}: {'; '.join(lines)}.") from error


def default_shipping() -> str:
    """Return the text of the file that a new store begins with."""
    return resources.files("assistant.shop.shipping").joinpath(SHIPPING_FILE).read_text(encoding="utf-8")
