"""In which language a policy is written, by its script or by its most common short words."""

import re
import tomllib
from functools import cache
from pathlib import Path

from retrieval.words import guess_language, mostly_latin

_WORD = re.compile(r"[^\W\d_]+")
_FALLBACK = "en"


def language_of_policy(text: str) -> str:
    """Return the language's two letters: zh, ja or ko by the script, else the closest of the word table, else en."""
    # An English policy may well name WeChat Pay in Chinese, so a few characters decide nothing.
    if not mostly_latin(text):
        return guess_language(text, _FALLBACK)
    words = _WORD.findall(text.casefold())
    counts = {language: sum(word in common for word in words) for language, common in _common_words().items()}
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] > counts[_FALLBACK] else _FALLBACK


@cache
def _common_words() -> dict[str, frozenset[str]]:
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {language: frozenset(words.split()) for language, words in table.items()}
