"""A short name for a product whose feed has none: what one would call it in a sentence, at most five words."""

import re

from retrieval.words import guess_language

_MOST_WORDS = 5
_MOST_CHARACTERS = 12
_LONGEST = 60
_BREAK = re.compile(r"\s+[-–—|•/]\s+|[,;:(\[{|–—]\s*")
_CJK_BREAK = re.compile(r"[\s,;:，；：、。·|/【】（）()\[\]]+")
_PURPOSE = {"for", "with", "w/", "to"}
_HANGING = {"with", "for", "and", "of", "the", "a", "an", "in", "on", "by", "to", "from", "w/", "&", "+", "-", "or"}


def make_short_name(title: str) -> str:
    """Return a name of at most five words, or of at most twelve characters where words are not spaced."""
    if guess_language(title) in ("zh", "ja"):
        return _from_cjk(title)
    head = next((part for part in _BREAK.split(title) if len(part.split()) >= 2), title)
    words = _shortened(head.split())
    while len(words) > 1 and words[-1].casefold() in _HANGING:
        words.pop()
    return " ".join(words).strip(" ,;:-–—|/.")[:_LONGEST].strip() or title[:_LONGEST]


def _shortened(words: list[str]) -> list[str]:
    if len(words) <= _MOST_WORDS:
        return words
    # Rather no purpose than half of one: "Power Supply", not "Power Supply for Small".
    cut = next((place for place in range(2, _MOST_WORDS) if words[place].casefold() in _PURPOSE), _MOST_WORDS)
    return words[:cut]


def _from_cjk(title: str) -> str:
    parts = [part for part in _CJK_BREAK.split(title) if part]
    head = next((part for part in parts if len(part) >= 4), "".join(parts) or title)
    return head[:_MOST_CHARACTERS]
