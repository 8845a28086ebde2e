"""`merchandising.toml` read into rules; an error says where the file is wrong."""

import tomllib
from collections.abc import Iterable

from pydantic import ValidationError

from retrieval.errors import CatalogueError
from retrieval.merchandising.rules import Rules

MERCHANDISING_FILE = "merchandising.toml"


def parse_rules(content: bytes) -> Rules:
    """Read the rules. Raises `CatalogueError`, saying where they are wrong."""
    try:
        return Rules.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"This is not TOML: {error}.") from error
    except ValidationError as error:
        lines = [f"{_place(item['loc'])}: {item['msg'].removeprefix('Value error, ')}" for item in error.errors()]
        raise CatalogueError(f"{'; '.join(lines)}.") from error


def _place(steps: Iterable[int | str]) -> str:
    """Say where a rule stands: ('pin', 0, 'query') is 'pin 1 query'."""
    return " ".join(str(step + 1) if isinstance(step, int) else step for step in steps)
