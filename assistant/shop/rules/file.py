"""`policy.toml` read into rules; an error says where the file is wrong."""

import tomllib
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from assistant.errors import RulesError
from assistant.shop.rules.schema import ShopRules
from retrieval.watched_file import WatchedFile, read_content

POLICY_FILE = "policy.toml"


class WatchedRules:
    """The rules in force in a store: those in its file now, or the last good ones while that is broken."""

    def __init__(self, store: Path) -> None:
        """Read the store's file; one that is broken from the start is a RulesError: nothing opens without its rules."""
        parse_shop_rules(read_content(store / POLICY_FILE))
        self._file = WatchedFile(store / POLICY_FILE, parse_shop_rules, (RulesError,))

    def current(self) -> ShopRules:
        """Return the rules, read anew where the file has changed."""
        return self._file.current()


def parse_shop_rules(content: bytes) -> ShopRules:
    """Read the rules; what isn't said has its default. Raises RulesError, saying where they are wrong."""
    try:
        return ShopRules.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RulesError(f"{POLICY_FILE} is not TOML: {error}.") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}" for item in error.errors()
        ]
        raise RulesError(f"{POLICY_FILE}: {'; '.join(lines)}.") from error


def default_policy() -> str:
    """Return the text of the file that a new store begins with."""
    return resources.files("assistant.shop.rules").joinpath(POLICY_FILE).read_text(encoding="utf-8")
