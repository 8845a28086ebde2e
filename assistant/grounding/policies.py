"""Which sentences of the policies speak of what the reply's sentence speaks of."""

from collections import Counter
from collections.abc import Iterator

from assistant.grounding.clauses import SENTENCE_END, units_of
from assistant.grounding.reading import Reading
from assistant.grounding.text import fold, has_cjk
from assistant.schema import Passage

# Subjects with rules of their own, and those that every rule may mention.
_SPECIFIC = frozenset({"gift_cards", "price_match", "exchanges", "warranty", "express"})
_WEAK = frozenset({"refunds", "fees", "payment", "cancellation"})


def spoken_of(reading: Reading, position: int | None = None) -> Iterator[str]:
    """Yield the policies' sentences whose numbers bear on this sentence: a return's 30 days say nothing of exchanges.

    Nothing is yielded where the sentence is about a product and touches no subject of the policies.
    """
    nearest = _nearest(reading, position) if not reading.mentions else None
    if nearest is not None and not reading.topics:
        yield from nearest
        return
    own = _topics_near(reading, position)
    if not reading.topics and (reading.mentions or reading.focus.product_ids):
        return
    for passage in reading.facts.passages:
        for part in SENTENCE_END.split(passage.text):
            if part.strip() and _speaks_of(reading, own, passage, part) and (nearest is None or part in nearest):
                yield part
        yield passage.title


def _topics_near(reading: Reading, position: int | None) -> frozenset[str]:
    """'Delivery is $5.90, or $12 for express': the subjects of the clause, with those of all the sentence behind."""
    if position is None:
        return reading.topics
    left, right = reading.clause(position, position)
    return frozenset(_topics(reading, reading.folded[left:right])) or reading.topics


def _speaks_of(reading: Reading, topics: frozenset[str], passage: Passage, part: str) -> bool:
    """A number counts for the subject of its own sentence; a sentence without a subject has its passage's."""
    if not topics:
        return True
    said, titled = _topics(reading, part), _topics(reading, f"{passage.title} {passage.source.replace('-', ' ')}")
    asked = topics & _SPECIFIC
    if asked and not asked & (said | titled):
        return False
    if not asked and said & _SPECIFIC and not (topics - _WEAK) & said:
        return False
    if topics & (said | titled):
        return True
    return not said and bool(topics & _topics(reading, passage.text))


def _topics(reading: Reading, text: str) -> set[str]:
    folded = fold(text)
    return {topic for topic, pattern in reading.words.topics.items() if pattern.search(folded)}


def _nearest(reading: Reading, position: int | None) -> list[str] | None:
    """The policies' sentences that share the rarest words with this one; None: none shares a rare word."""
    every = [part for passage in reading.facts.passages for part in SENTENCE_END.split(passage.text) if part.strip()]
    left, right = (0, len(reading.plain)) if position is None else reading.clause(position, position)
    # Words compare within a language only.
    parts = [part for part in every if has_cjk(part) == has_cjk(reading.plain)]
    units = [units_of(fold(part)) for part in parts]
    counts = Counter(unit for held in units for unit in held)
    said = units_of(reading.plain[left:right])
    scores = [sum(1 / counts[unit] for unit in said & held) for held in units]
    best = max(scores, default=0)
    if best < 1:
        return None
    near = [part for part, score in zip(parts, scores, strict=True) if score >= best / 2]
    return near + [part for part in every if part not in parts]
