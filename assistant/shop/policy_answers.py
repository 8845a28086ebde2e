"""Which sentences of a policy's passage answer a question: those with the question's rarest words, else its opening."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from assistant.grounding.stream import split_sentences
from assistant.schema import Passage
from retrieval.words import is_cjk, terms

_LONGEST = {False: 240, True: 110}
"""Characters of an answer, in Latin letters and in Chinese: two or three sentences, what one reads in a chat."""
_GOES_ON = 0.5
"""What the words of the sentences behind count, beside those of the sentence that an answer begins with."""
_CLEARLY = 0.45
"""By how much the score of another beginning must exceed the opening's, which states the rule. Chosen by reading the
answers to the 78 questions of tests/assistant/shop/policy_questions.yaml."""
_QUESTION_MARKS = ("?", "？")


class PolicyAnswers:
    """Picks answers out of the passages of one language; how rare a word is, is counted over all their sentences."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        sentences = [set(_words(each)) for passage in passages for each in split_sentences(passage.text)]
        counts = Counter(word for words in sentences for word in words)
        # From little for a word that all have, to one for a word of a single sentence.
        rarest = math.log(1 + len(sentences))
        self._rarity = {word: math.log(1 + len(sentences) / count) / rarest for word, count in counts.items()}

    def answer(self, passage: Passage, asked: Mapping[str, float]) -> str:
        """Return whole sentences of the passage, one at least; `asked` holds the question's terms with their weights.

        The words of the policy's own name tell no sentence of it from another, so they don't count.
        """
        name = set(terms(passage.title.partition(": ")[0]))
        # How shops would say it finds the passage; which of its sentences is meant the customer's own words tell.
        weights = {word: weight**2 * self._rarity.get(word, 0) for word, weight in asked.items() if word not in name}
        runs = _runs([each.strip() for each in split_sentences(" ".join(passage.text.split()))])
        scores = [_score(run, weights) for run in runs]
        best = max(range(len(runs)), key=scores.__getitem__)
        chosen = runs[best if scores[best] > scores[0] + _CLEARLY else 0]
        return ("" if is_cjk(chosen[0]) else " ").join(chosen)


def _runs(sentences: Sequence[str]) -> list[list[str]]:
    """Return, for each sentence that an answer may begin with, that one and those behind it that fit.

    A question that the policy asks itself is no answer, neither at the beginning nor at the end.
    """
    starts = [place for place, each in enumerate(sentences) if not each.endswith(_QUESTION_MARKS)] or [0]
    return [_fitting(sentences[start:]) for start in starts]


def _fitting(sentences: Sequence[str]) -> list[str]:
    kept = [sentences[0]]
    for sentence in sentences[1:]:
        too_long = sum(map(len, kept)) + len(sentence) > _LONGEST[is_cjk(sentences[0])]
        if too_long or sentence.endswith(_QUESTION_MARKS):
            break
        kept.append(sentence)
    return kept


def _score(run: Sequence[str], weights: Mapping[str, float]) -> float:
    first, *behind = [set(_words(sentence)) for sentence in run]
    later = set().union(*behind) - first
    return sum(weights.get(word, 0) for word in first) + _GOES_ON * sum(weights.get(word, 0) for word in later)


def _words(text: str) -> list[str]:
    """Return the terms of a text without single Chinese characters, of which every sentence has some."""
    return [term for term in terms(text) if len(term) > 1 or term.isascii()]
