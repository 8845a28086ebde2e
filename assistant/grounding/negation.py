"""Whether a word is denied: 'not waterproof', '不防水', but not 'not only waterproof'."""

import re

from assistant.grounding.words import Words

_CLAUSE_END = re.compile(r"[,;:.!?|。、\n]|\s-\s")
# A Chinese negation stands right before what it denies.
_CHINESE_REACH = 8


def is_negated(text: str, start: int, words: Words) -> bool:
    """Tell whether a negation in the same clause comes before `start`."""
    left = 0
    for match in _CLAUSE_END.finditer(text, 0, start):
        left = match.end()
    for match in words.pattern["turn_of_clause"].finditer(text, left, start):
        left = match.end()
    part = text[left:start]
    chinese = text[start : start + 1] > "\u3400"
    if chinese:
        part = part[-_CHINESE_REACH:]
    pretended = [
        match.span() for match in words.pattern["negation_false"].finditer(text, left, min(len(text), start + 4))
    ]
    for match in words.pattern["negation"].finditer(part):
        position = match.start() + start - len(part)
        if not any(a <= position < b for a, b in pretended):
            return True
    return False
