"""The word lists beside these modules."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def word_lists(name: str) -> dict[str, Any]:
    """Return the table in `<name>.toml`; read once, not to be changed."""
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))
