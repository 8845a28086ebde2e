"""What shoppers say, put together from lists: files by language and subject, beside this module."""

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("en", "zh", "es", "de", "fr")
_SLOT = re.compile(r"\{(\w+)\}")
_FILE = re.compile(r"[a-z]{2}(?:_\w+)?\.yaml")


@cache
def load_grammar(language: str) -> "Grammar":
    """Return the grammar of one of LANGUAGES."""
    folder = resources.files("finetune.shoppers")
    names = sorted(file.name for file in folder.iterdir() if _FILE.fullmatch(file.name))
    lists: dict[str, Any] = {}
    for name in names:
        if name.startswith(language):
            _add(lists, yaml.safe_load(folder.joinpath(name).read_text(encoding="utf-8")))
    return Grammar(language, lists)


def _add(lists: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Put the lists of another file behind those that are there."""
    for name, entries in more.items():
        match lists.get(name):
            case dict() as held:
                _add(held, entries)
            case list() as held:
                lists[name] = held + entries
            case _:
                lists[name] = dict(entries) if isinstance(entries, dict) else entries


class Grammar:
    """The lists of one language."""

    def __init__(self, language: str, lists: Mapping[str, Any]) -> None:
        self.language = language
        self._lists = lists

    def __contains__(self, name: str) -> bool:
        return name in self._lists

    def __getitem__(self, name: str) -> Any:
        return self._lists[name]

    def get(self, name: str, default: Any) -> Any:
        """Return a list, `default` where the language has none of that name."""
        return self._lists.get(name, default)

    def pick(self, name: str, rng: random.Random) -> Any:
        """Return one entry of a list."""
        return rng.choice(self._lists[name])

    def pick_from(self, name: str, part: str, rng: random.Random) -> Any:
        """Return one entry of one of the lists under a name."""
        return rng.choice(self._lists[name][part])

    def fill(self, text: str, slots: Mapping[str, object]) -> str:
        """Put the slots into the text. Raises KeyError for one that isn't given."""
        return _SLOT.sub(lambda match: str(slots[match[1]]), text)

    def worded(self, text: str, rng: random.Random) -> str:
        """Put words of the lists under `words` into the slots that are named like them."""
        lists = self.get("words", {})
        return _SLOT.sub(lambda match: str(rng.choice(lists[match[1]])) if match[1] in lists else match[0], text)

    def having(self, **lists: Any) -> "Grammar":
        """Return the grammar with other lists beside its own."""
        return Grammar(self.language, {**self._lists, **lists})

    def joined(self, parts: Sequence[str]) -> str:
        """Put words or sentences beside each other as the language does."""
        return ("" if self.language == "zh" else " ").join(part for part in parts if part)
