"""The fixed texts of the Gradio app, by language; see texts.toml."""

import tomllib
from functools import cache
from importlib import resources


def text(name: str, language: str, /, **values: object) -> str:
    """Return the text called `name` in `language` (English where there is none), with the values filled in.

    Raises KeyError for a name that texts.toml does not have.
    """
    table = _texts()
    return (table.get(language, {}).get(name) or table["en"][name]).format(**values)


def text_or(name: str, otherwise: str, language: str) -> str:
    """Return the text called `name`, or `otherwise` where texts.toml does not have it: tools are added elsewhere."""
    return text(name, language) if name in _texts()["en"] else otherwise


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("ui").joinpath("texts.toml").read_text(encoding="utf-8"))
