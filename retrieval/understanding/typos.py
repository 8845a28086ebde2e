"""Slips of the keyboard, put right with the shop's own words."""

from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.understanding.plan import Correction
from retrieval.understanding.toml_lists import word_lists
from retrieval.vocabulary import Vocabulary
from retrieval.words import one, stem

# Four letters change meaning too easily: only two swapped neighbours or a doubled letter are a slip there.
_SHORTEST = 4
_ANY_SLIP_FROM = 5
# So long a word may hold two slips.
_TWO_SLIPS_FROM = 8
# A word of one product in so many is too rare to be what was meant.
_RAREST = 5000


def correct(word: str, vocabulary: Vocabulary) -> Correction | None:
    """Return what a folded word was meant to be; None for a word that is known, unlike any, or too short to tell."""
    if len(word) < _SHORTEST or not (word.isascii() and word.isalpha()) or _is_known(word, vocabulary):
        return None
    slips = 2 if len(word) >= _TWO_SLIPS_FROM else 1
    lengths = vocabulary.by_initial.get(word[0], {})
    near = [
        (distance, -vocabulary.head_words[candidate] - vocabulary.queries.get(one(candidate), 0), candidate)
        for length in range(len(word) - slips, len(word) + slips + 1)
        for candidate, distance, _ in process.extract(
            word, lengths.get(length, ()), scorer=OSA.distance, score_cutoff=slips, limit=20
        )
        if _may_be_meant(word, candidate, vocabulary)
    ]
    return Correction(written=word, meant=min(near)[2]) if near else None


def _is_known(word: str, vocabulary: Vocabulary) -> bool:
    return (
        word in vocabulary.words
        or one(word) in vocabulary.queries
        or stem(word) in vocabulary.stems
        or is_english(word)
    )


def is_english(word: str) -> bool:
    """Tell whether a folded word is among the common English ones."""
    return stem(word) in _english_stems()


def _may_be_meant(word: str, candidate: str, vocabulary: Vocabulary) -> bool:
    if vocabulary.head_words[candidate] < max(1, vocabulary.documents // _RAREST):
        return False
    if candidate in vocabulary.brands and candidate not in _english_stems() and len(candidate) < _TWO_SLIPS_FROM:
        # "vane" isn't "Vans": a short name that nobody misspells into another real thing needs to be written right.
        return False
    if min(len(word), len(candidate)) < _ANY_SLIP_FROM:
        return sorted(word) == sorted(candidate)
    # A missing or added "s" is another inflection, not a slip.
    return stem(word) != stem(candidate)


@cache
def _english_stems() -> frozenset[str]:
    return frozenset(stem(word) for word in word_lists("english")["words"].split())
