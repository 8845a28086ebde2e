"""Which sentences of the policies speak of what the reply's sentence speaks of."""

import re
from collections.abc import Iterator

from assistant.grounding.reading import Reading
from assistant.grounding.text import fold
from assistant.schema import Passage

# Subjects with rules of their own, and those that every rule may mention.
_SPECIFIC = frozenset({"gift_cards", "price_match", "exchanges", "warranty", "express", "standard"})
_WEAK = frozenset({"refunds", "fees", "payment", "cancellation"})
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|[。！？\n]+")


def spoken_of(reading: Reading) -> Iterator[str]:
    """Yield the policies' sentences whose numbers bear on this sentence: a return's 30 days say nothing of exchanges.

    Nothing is yielded where the sentence is about a product and touches no subject of the policies.
    """
    if not reading.topics and (reading.mentions or reading.focus.product_ids):
        return
    for passage in reading.facts.passages:
        for part in _SENTENCE_END.split(passage.text):
            if part.strip() and _speaks_of(reading, passage, part):
                yield part
        yield passage.title


def _speaks_of(reading: Reading, passage: Passage, part: str) -> bool:
    """A number counts for the subject of its own sentence; a sentence without a subject has its passage's."""
    if not reading.topics:
        return True
    said, titled = _topics(reading, part), _topics(reading, f"{passage.title} {passage.source.replace('-', ' ')}")
    asked = reading.topics & _SPECIFIC
    if asked and not asked & (said | titled):
        return False
    if not asked and said & _SPECIFIC and not (reading.topics - _WEAK) & said:
        return False
    if reading.topics & (said | titled):
        return True
    return not said and bool(reading.topics & _topics(reading, passage.text))


def _topics(reading: Reading, text: str) -> set[str]:
    folded = fold(text)
    return {topic for topic, pattern in reading.words.topics.items() if pattern.search(folded)}
