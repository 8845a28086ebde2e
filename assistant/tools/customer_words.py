"""How customers name what is theirs and what is before them; the words stand in choosing.toml."""

import tomllib
from functools import cache
from importlib import resources


def is_word_for(kind: str, words: str) -> bool:
    """Tell whether the words are a name for `kind`, such as 'gift_card', 'everything' or 'this'."""
    plain = " ".join(words.casefold().replace("_", " ").split()).removeprefix("my ").removeprefix("the ")
    return plain in words_for(kind) or plain.removesuffix(" method") in words_for(kind)


def words_for(kind: str) -> frozenset[str]:
    """Return the names for `kind`."""
    return _words()[kind]


@cache
def _words() -> dict[str, frozenset[str]]:
    text = resources.files("assistant.tools").joinpath("choosing.toml").read_text(encoding="utf-8")
    return {kind: frozenset(words) for kind, words in tomllib.loads(text).items()}
