"""Plain text out of what a chat model writes: one form of every sign, no markdown, and the languages told apart."""

import re
from functools import lru_cache

_SIGNS = str.maketrans(
    "０１２３４５６７８９，！？：；（）％＄￥’‘–‑−～＃．｜＋／\u00a0\u3000\u2009\u202f",
    "0123456789,!?:;()%$¥''---~#.|+/    ",
)
# '，' between figures ends a clause: 'Alder 2，159美元' names no 2,159.
_COMMA_OF_CLAUSES = re.compile(r"(?<=\d)，(?=\d)")
_LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)")
_LEAD = re.compile(r"^\s*(?:#{1,6}\s+|>\s*|(?:[-*•·–]|\d{1,2}[.)、]|\(\d{1,2}\)|\|)\s*(?![\d.]))+")
_EMPHASIS = re.compile(r"\*+|__+|`+|~~|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)")
_BOLD = re.compile(r"\*\*([^*]{2,60})\*\*")
_CJK = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return `text` in lower case with one form of quotes, dashes and digits; the length stays the same."""
    folded = _COMMA_OF_CLAUSES.sub(";", text).translate(_SIGNS)
    lowered = folded.lower()
    return lowered if len(lowered) == len(folded) else "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)


def clean(sentence: str) -> str:
    """Return the sentence as a reader sees it: no markdown, links by their text, no list number in front."""
    text = _EMPHASIS.sub("", _LINK.sub(r"\1", _COMMA_OF_CLAUSES.sub(";", sentence).translate(_SIGNS)))
    return _LEAD.sub("", text).strip()


def link_targets(sentence: str) -> list[str]:
    """Return the targets of markdown links."""
    return [match.group(2) for match in _LINK.finditer(sentence)]


def bold_parts(sentence: str) -> list[str]:
    """Return what stands in bold, without the stars."""
    return [match.group(1).strip(" :：") for match in _BOLD.finditer(sentence)]


def has_cjk(text: str) -> bool:
    """Tell whether the text holds a Chinese character."""
    return _CJK.search(text) is not None


def language_of(text: str, english: frozenset[str], other: frozenset[str]) -> str:
    """Return 'zh', 'en' or 'other', judged by script and by the commonest words."""
    if len(_CJK.findall(text)) >= 2:
        return "zh"
    words = [word.lower() for word in _WORD.findall(text)]
    foreign = sum(word in other for word in words) + sum(not word.isascii() for word in words) / 2
    return "other" if foreign > sum(word in english for word in words) else "en"


def blank(text: str, spans: "list[tuple[int, int]]") -> str:
    """Return the text with the spans replaced by as many spaces."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
