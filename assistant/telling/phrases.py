"""The few sentences that code says itself, by language; see phrases.toml."""

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources


def phrase(name: str, language: str, /, **values: object) -> str:
    """Return the phrase called `name` in `language` (English where there is none), with the values filled in.

    Raises KeyError for a name that phrases.toml does not have.
    """
    table = _phrases()
    return (table.get(language, {}).get(name) or table["en"][name]).format(**values)


def has_phrase(name: str) -> bool:
    """Tell whether there is a phrase of this name."""
    return name in _phrases()["en"]


def phrase_list(name: str, language: str) -> tuple[str, ...]:
    """Return a list of phrases, such as the quick replies of a first greeting."""
    table = _lists()
    return tuple(table.get(language, {}).get(name) or table["en"][name])


def joined(names: Sequence[str], language: str) -> str:
    """Join names as the language does: 'a, b and c'."""
    if len(names) < 2:
        return "".join(names)
    return phrase("list_comma", language).join(names[:-1]) + phrase("list_and", language) + names[-1]


def spaced(sentences: Iterable[str], language: str) -> str:
    """Put sentences behind each other, as the language does."""
    return ("" if language == "zh" else " ").join(filter(None, sentences))


@cache
def _read() -> dict[str, dict[str, str | list[str]]]:
    return tomllib.loads(resources.files("assistant.telling").joinpath("phrases.toml").read_text(encoding="utf-8"))


@cache
def _phrases() -> dict[str, dict[str, str]]:
    return {
        language: {key: text for key, text in table.items() if isinstance(text, str)}
        for language, table in _read().items()
    }


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    return {
        language: {key: texts for key, texts in table.items() if isinstance(texts, list)}
        for language, table in _read().items()
    }
