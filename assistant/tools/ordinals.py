"""Ordinals as shoppers write them: 'second', '2nd', 'segunda', 'zweiten', 第二. Spelled ones come from num2words."""

import re
from functools import cache

from num2words import num2words

from retrieval.understanding.numerals import NUMBER
from retrieval.words import fold

_ENDINGS = {
    "en": ("",),
    "es": ("o", "a", ""),
    "pt": ("o", "a"),
    "it": ("o", "a"),
    "fr": ("", "e"),
    "de": ("e", "en", "er", "es", "em"),
    "nl": ("e",),
}
"""Languages of num2words, and what their ordinals end in: 'tercero', 'tercera' and 'tercer' before a noun."""
_MOST = 10
_FIGURE = re.compile(r"([1-9])(?:st|nd|rd|th|o|a|er|ere|eme|e)")
CHINESE = rf"第(?P<ordinal>{NUMBER})"
"""A Chinese ordinal; the group `ordinal` is its numeral."""


def ordinal_of(word: str) -> int | None:
    """Return the number of a folded ordinal of a language with spaces, None for any other word."""
    figure = _FIGURE.fullmatch(word)
    return int(figure[1]) if figure else _spelled().get(word)


@cache
def _spelled() -> dict[str, int]:
    found: dict[str, int] = {}
    for language, endings in _ENDINGS.items():
        for number in range(1, _MOST + 1):
            plain = fold(num2words(number, to="ordinal", lang=language))
            stem = plain.removesuffix(endings[0])
            found |= {stem + ending: number for ending in endings}
    return found
