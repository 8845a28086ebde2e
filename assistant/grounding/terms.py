"""Terms of the shop: a sentence that a policy bears out almost word by word, or one that turns a policy round."""

import re
from collections.abc import Iterator

from assistant.grounding.names import stems_of
from assistant.grounding.negation import is_negated
from assistant.grounding.numbers import values
from assistant.grounding.plain_words import load_plain_words, stem
from assistant.grounding.reading import Reading
from assistant.grounding.rules import broken_rules
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold, has_cjk

_PART = re.compile(r"(?<=[.!?])\s+|[。！？\n]+")
_CLAUSE = re.compile(r"[,;，；]")
_OURSELVES = re.compile(r"(?<![a-z])(?:i|i'll|i've|i'm)(?![a-z'])|我(?!们)|已为|已经?给|帮您")
_FILLERS = frozenset("的了会给您你是我们可以就要也都这那请在和与后话呢吧哦则为将需把被但得着由")
# A verb denied after the word: 'Cosmetics cannot be returned', but not 'cosmetics, but we can't'.
_DENIED_LATER = re.compile(r"(?<![a-z])(?:cannot|can't|can not|aren't|isn't|won't|may not|must not|never)(?![a-z])")
_TURN = re.compile(r"[;.]|,\s*(?:but|we|it|they|you|not|and|which|if|unless|except)(?![a-z])|(?<![a-z])but(?![a-z])")
_CHINESE_NO = re.compile(r"不(?!满|同|过|仅|只|但|错|限|少|足|用|管|论)|无法|没有|概不|未(?!来|使用|穿|拆|开封)")
_GRANTS = re.compile(r"可以|能(?!量)|会|支持")
_ONLY_UN = re.compile(r"only [a-z ]{0,24}?un[a-z]{4,}")
_OFTEN = re.compile(
    r"(?<![a-z])(once|twice|(?:two|three|four) times)(?= |[.,!]|$)"
    r"(?! (?:we|you|the|it|your|their|our))|([一两二三四五\d])\s*次(?!日)"
)
_DIGITS = {"once": "1", "twice": "2", "two times": "2", "three times": "3", "four times": "4"} | dict(
    zip("一两二三四五", "122345", strict=True)
)
_WITHOUT = re.compile(r"without (?:the |its |their |any |a |your )?(?:original )?([a-z]{5,})")


def quotes_policy(reading: Reading) -> bool:
    """Tell whether a policy's sentence says nearly the same: its words, its numbers, its yes or no."""
    if not reading.facts.passages or _OURSELVES.search(reading.folded):
        return False
    wanted, numbers, denied = _units(reading, reading.folded), values(reading.folded), _denies(reading, reading.folded)
    if len(wanted) < 4:
        return False
    for passage in reading.facts.passages:
        for part in _PART.split(passage.text):
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
    for word in _turned(reading):
        yield Claim(
            kind="policy", text=word, reason=f"The policies say the opposite about '{word}'. Say what they say."
        )
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
        for part in _PART.split(passage.text):
            if any(reading.words.topics[topic].search(f"{subject} {fold(part)}") for topic in topics):
                yield fold(part)


def _turned(reading: Reading) -> Iterator[str]:
    """Yield the rare words that the policies only deny and the sentence doesn't."""
    if not reading.stated.strip():
        return
    for match in _WITHOUT.finditer(reading.stated):
        texts = [fold(part) for passage in reading.facts.passages for part in _PART.split(passage.text)]
        needing = [text for text in texts if _root(match[1]) in text]
        excepted = any(_denies(reading, text) or "without" in text for text in needing)
        if needing and not excepted and not reading.negated(match.start(), reading.stated):
            yield match.group()
            return
    said = dict(_words(reading, reading.stated))
    held: dict[str, list[bool]] = {}
    for passage in reading.facts.passages:
        for part in _PART.split(passage.text):
            for word, denied in _words(reading, fold(part)):
                held.setdefault(word, []).append(denied)
    if reading.language == "zh" and any(said.values()) and not _GRANTS.search(reading.stated):
        return  # the yes or no stands in another clause
    turned = [word for word, denied in said.items() if not denied and word in held and all(held[word])]
    least = 2 if reading.language == "zh" else 1
    rare = [word for word in turned if len(held[word]) == 1]
    if len(rare) >= least:
        yield rare[0]


def _words(reading: Reading, text: str) -> Iterator[tuple[str, bool]]:
    """Yield the content words of a text, and whether each is denied."""
    if has_cjk(text):
        for clause in _CLAUSE.split(text):
            denied = _CHINESE_NO.search(clause) is not None
            for i in range(len(clause) - 1):
                pair = clause[i : i + 2]
                if any(pattern.fullmatch(pair) for pattern in reading.words.topics.values()):
                    continue
                if all(sign > "\u3400" and sign not in _FILLERS for sign in pair) and not _CHINESE_NO.search(pair):
                    yield pair, denied
        return
    stop, plain = reading.words.sets["stop"], load_plain_words()
    for match in re.finditer(r"[a-z][a-z'-]{3,}", text):
        word = match.group()
        if word in stop or reading.words.pattern["negation"].fullmatch(word):
            continue
        if (stem(word) in plain.talk_stems or word in plain.rule_words) and f"un{word}" not in reading.facts.policy_text:
            continue
        end = _TURN.search(text, match.end())
        later = _DENIED_LATER.search(text, match.end(), end.start() if end else len(text)) is not None
        if re.fullmatch(r"un[a-z]{4,}", word):
            yield _root(stems_of(word[2:])[0]), True  # 'unworn' says 'not worn'
            continue
        if _ONLY_UN.search(text):
            continue
        yield _root(stems_of(word)[0]), later or is_negated(text, match.start(), reading.words)
