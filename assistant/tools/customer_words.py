"""How customers name what is theirs and what is before them; the words stand in choosing.toml."""

import tomllib
from functools import cache
from importlib import resources

from retrieval.words import fold


def is_word_for(kind: str, words: str) -> bool:
    """Tell whether the words are a name for `kind`, such as 'gift_card', 'everything' or 'this'."""
    plain = " ".join(words.casefold().replace("_", " ").split()).removeprefix("my ").removeprefix("the ")
    return plain in words_for(kind) or plain.removesuffix(" method") in words_for(kind)


def words_for(kind: str) -> frozenset[str]:
    """Return the names for `kind`."""
    return _words()[kind]


def corrects(text: str) -> bool:
    """Tell whether a message takes back what was just chosen, in favour of something else."""
    plain = fold(text).strip()
    return any(_begins(plain, fold(word)) for word in words_for("not_that")) and any(
        fold(word) in plain for word in words_for("but_that")
    )


def _begins(text: str, word: str) -> bool:
    rest = text.removeprefix(word)
    # A Chinese word ends where it ends; of a Latin one a longer word may be made.
    return rest != text and not (word.isascii() and rest[:1].isalnum())


@cache
def _words() -> dict[str, frozenset[str]]:
    text = resources.files("assistant.tools").joinpath("choosing.toml").read_text(encoding="utf-8")
    return {kind: frozenset(words) for kind, words in tomllib.loads(text).items()}
