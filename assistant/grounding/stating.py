"""Which parts of a sentence ask, or hold on a condition only, and which parts 'but' sets against each other."""

import re
from itertools import pairwise

from assistant.grounding.numbers import quantities
from assistant.grounding.words import Words

Span = tuple[int, int]

_TURN = re.compile(r"[;。]|(?<![a-z])(?:but|however|though|although)(?![a-z])|但|不过|然而")
_PART_END = re.compile(r"[,;:—。.!]\s*|\s-\s")
_CONDITION_END = re.compile(
    r"[;。]|,\s*(?:but|so|and|would|do|shall|if|which|once|when)|—|(?<![a-z])(?:but|however"
    r"|although|though|while|whereas|yet)(?![a-z])|但|不过|然而"
)
# 'If you take four bags you get one free': where the condition ends without a comma.
_MAIN_CLAUSE = re.compile(
    r"(?<=[a-z] )(?<!if )(?:you(?:'ll| will| get| save)|we(?:'ll| will)|i(?:'ll| will)|it's|there's)(?![a-z])"
)
_ASKS_ON = re.compile(r"\s*(?:and|or|so|if (?:so|not))\s+(?:would|do|shall|should|which|what)")
# Behind these a Chinese condition ends; behind the others it begins.
_CLOSING = ("的话", "之前", "以后", "之后", "等到")


def segments(folded: str) -> list[Span]:
    """Return the parts that 'but' and semicolons set against each other."""
    edges = [0, *(match.start() for match in _TURN.finditer(folded)), len(folded)]
    return [(a, b) for a, b in pairwise(edges) if folded[a:b].strip(" .,;。")]


def questions(plain: str, language: str, words: Words) -> list[Span]:
    """Return the part that asks, up to the end; '…, right?' states something first."""
    text = plain.rstrip(" \"'”」)*")
    if not text.endswith("?") and not (language == "zh" and text.endswith(("吗", "呢", "吗。", "呢。"))):
        return []
    edges = [0, *(match.end() for match in _PART_END.finditer(text[:-1])), len(text)]
    starts = [a for a, b in pairwise(edges) if _opens_question(text[a:b], language, words)]
    if not starts:
        return [] if "," in text else [(0, len(plain))]
    if text[starts[0] :].lstrip().startswith("还是") and not quantities(plain):
        return [(0, len(plain))]  # '您喝茶多,还是咖啡多呢?'
    return [(starts[0], len(plain))]


def conditions(plain: str, words: Words) -> list[Span]:
    """Return the parts that hold only if something else does."""
    spans = []
    for match in words.pattern["condition"].finditer(plain):
        if match.group() in ("以后", "之后", "以前", "之前") and plain[: match.start()].endswith(("岁", "月")):
            continue  # '一岁以后' is an age
        end = _CONDITION_END.search(plain, match.end() + 1)
        comma = plain.find(",", match.end())
        main = _MAIN_CLAUSE.search(plain, match.end()) if comma < 0 else None
        stops = [end.start() if end else -1, comma, main.start() if main else -1]
        stop = min([p for p in stops if p >= 0], default=len(plain))
        opened = max(plain.rfind(sign, 0, match.start()) for sign in ",;。!?") + 1
        spans.append((opened if match.group() in _CLOSING else match.start(), stop))
    return spans


def _opens_question(part: str, language: str, words: Words) -> bool:
    if language == "zh":
        return words.has("question", part)
    match = words.pattern["question"].match(part.lstrip(" \"'“("))
    return match is not None or _ASKS_ON.match(part) is not None
