"""The fixed texts of the pages, by language: texts.toml for shoppers, console/texts.toml for the shop's people."""

import tomllib
from functools import cache
from importlib import resources

_FILES = ("texts.toml", "console/texts.toml")


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
    tables = [tomllib.loads(resources.files("ui").joinpath(name).read_text(encoding="utf-8")) for name in _FILES]
    return {
        language: {name: words for table in tables for name, words in table[language].items()} for language in tables[0]
    }
