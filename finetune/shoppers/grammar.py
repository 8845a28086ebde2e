"""What shoppers say, put together from lists: one file a language, beside this module."""

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("en", "zh", "es", "de", "fr")
_SLOT = re.compile(r"\{(\w+)\}")


@cache
def load_grammar(language: str) -> "Grammar":
    """Return the grammar of one of LANGUAGES."""
    text = resources.files("finetune.shoppers").joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return Grammar(language, yaml.safe_load(text))


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

    def joined(self, parts: Sequence[str]) -> str:
        """Put words or sentences beside each other as the language does."""
        return ("" if self.language == "zh" else " ").join(part for part in parts if part)
