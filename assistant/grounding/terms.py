"""Terms of the shop: a sentence that a policy bears out almost word by word, or one that turns a policy round."""

import re
from collections.abc import Iterator

from assistant.grounding.clauses import SENTENCE_END
from assistant.grounding.names import stems_of
from assistant.grounding.numbers import values
from assistant.grounding.reading import Reading
from assistant.grounding.rules import broken_rules
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold, has_cjk

_OURSELVES = re.compile(r"(?<![a-z])(?:i|i'll|i've|i'm)(?![a-z'])|我(?!们)|已为|已经?给|帮您")
_FILLERS = frozenset("的了会给您你是我们可以就要也都这那请在和与后话呢吧哦则为将需把被但得着由")
_CHINESE_NO = re.compile(r"不(?!满|同|过|仅|只|但|错|限|少|足|用|管|论)|无法|没有|概不|未(?!来|使用|穿|拆|开封)")
_OFTEN = re.compile(
    r"(?<![a-z])(once|twice|(?:two|three|four) times)(?= |[.,!]|$)"
    r"(?! (?:we|you|the|it|your|their|our))|([一两二三四五\d])\s*次(?!日)"
)
_DIGITS = {"once": "1", "twice": "2", "two times": "2", "three times": "3", "four times": "4"} | dict(
    zip("一两二三四五", "122345", strict=True)
)


def quotes_policy(reading: Reading) -> bool:
    """Tell whether a policy's sentence says nearly the same: its words, its numbers, its yes or no."""
    if not reading.facts.passages or _OURSELVES.search(reading.folded):
        return False
    wanted, numbers, denied = _units(reading, reading.folded), values(reading.folded), _denies(reading, reading.folded)
    if len(wanted) < 4:
        return False
    for passage in reading.facts.passages:
        for part in SENTENCE_END.split(passage.text):
            text = fold(part)
            held = _units(reading, text)
            enough = sum(unit in held for unit in wanted) >= 0.85 * len(wanted)
            if enough and numbers <= values(part) and _denies(reading, text) == denied:
                return True
    return False


def ungrounded_terms(reading: Reading) -> Iterator[Claim]:
    """Yield what a policy excludes and the sentence grants, and costs that fall on the other side."""
    if not reading.facts.passages or reading.mentions or reading.hedged or reading.language == "other":
        return
    if not (reading.facts.orders and reading.about_order):
        yield from broken_rules(reading)
    times = _times(reading.stated)
    known = set[str]().union(*(_times(part) for part in _parts_on(reading))) if times else set()
    if known and not times <= known:
        text = next(iter(times - known))
        yield Claim(kind="policy", text=text, reason=f"The policies don't say '{text}' times of that.")


def _units(reading: Reading, text: str) -> set[str]:
    if has_cjk(text):
        return {sign for sign in text if sign > "\u3400" and sign not in _FILLERS}
    stop = reading.words.sets["stop"]
    return {_root(stem) for stem in stems_of(text) if stem not in stop and not stem.isdigit() and len(stem) > 2}


def _root(word: str) -> str:
    return word[:6] if len(word) > 6 else word


def _denies(reading: Reading, text: str) -> bool:
    return bool(_CHINESE_NO.search(text)) if has_cjk(text) else reading.words.has("negation", text)


def _times(text: str) -> set[str]:
    """Return how often something may be done, as digits."""
    found = {match.group(1) or match.group(2) for match in _OFTEN.finditer(text)}
    return {_DIGITS.get(word, word) for word in found}


def _parts_on(reading: Reading) -> Iterator[str]:
    """The policies' sentences on the subjects of this sentence; the most special subject decides."""
    topics = reading.topics & {"exchanges", "returns", "warranty"} or reading.topics
    for passage in reading.facts.passages:
        subject = fold(f"{passage.title} {passage.source.replace('_', ' ')}")
        for part in SENTENCE_END.split(passage.text):
            if any(reading.words.topics[topic].search(f"{subject} {fold(part)}") for topic in topics):
                yield fold(part)
