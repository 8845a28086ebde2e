"""A query as the ranker reads it: its words as numbers, how telling each is, its head, what it doesn't want."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.ranking.fields import FieldIndex, number
from retrieval.words import mostly_latin, terms, word_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A longer query is read up to here.
_MOST_WORDS = 24
# Shorter ones, such as "inof", are chance.
_SHORTEST_COMPOUND = 5


@dataclass(frozen=True)
class QueryWords:
    """The T words of a query. `spellings` are (number, place) pairs: "mouse pad" is held by "mousepad" as well."""

    words: tuple[str, ...]
    numbers: "NDArray[np.uint32]"
    spellings: tuple[tuple[int, int], ...]
    idf: "NDArray[np.float64]"
    frequency: "NDArray[np.int32]"
    wanted: "NDArray[np.bool_]"
    unwanted: "NDArray[np.bool_]"
    with_digits: "NDArray[np.bool_]"
    head: int
    latin: bool


def read_query(text: str, index: FieldIndex) -> QueryWords:
    """Return the words of a query; `wanted` leaves out what it negates and small words such as 'for'."""
    words = tuple(word for run, _ in word_runs(text) for word in terms(run))[:_MOST_WORDS]
    numbers = np.array([number(word) for word in words], dtype=np.uint32)
    unwanted = _negated(words)
    small = np.array([word in connectives() or word in _words()["negations"] for word in words], dtype=bool)
    wanted = ~(unwanted | small)
    return QueryWords(
        words=words,
        numbers=numbers,
        spellings=_spellings(text, numbers),
        idf=index.idf(numbers),
        frequency=index.frequency(numbers),
        wanted=wanted if wanted.any() else np.ones(len(words), dtype=bool),
        unwanted=unwanted,
        with_digits=np.array([any(map(str.isdigit, word)) for word in words], dtype=bool),
        head=head_place(words),
        latin=mostly_latin(text),
    )


@cache
def connectives() -> frozenset[str]:
    """Return the small words that part a thing from what is said about it."""
    return _words()["connectives"]


def _spellings(text: str, numbers: "NDArray[np.uint32]") -> tuple[tuple[int, int], ...]:
    found = [(int(value), place) for place, value in enumerate(numbers)]
    runs = word_runs(text)[:_MOST_WORDS]
    # Characters of a text without spaces are joined by their pairs already, and have other places.
    if not any(cjk for _, cjk in runs):
        for place, ((first, _), (second, _)) in enumerate(pairwise(runs)):
            if len(first) + len(second) >= _SHORTEST_COMPOUND:
                joined = number(next(iter(terms(first + second)), ""))
                found += [(joined, place), (joined, place + 1)]
    return tuple(found)


def _negated(words: tuple[str, ...]) -> "NDArray[np.bool_]":
    """Mark what follows 'without' and its like, up to the next small word."""
    negated = np.zeros(len(words), dtype=bool)
    negating = False
    for place, word in enumerate(words):
        if word in _words()["negations"]:
            negating = True
        elif word in connectives():
            negating = negating and word in ("or", "and")
        else:
            negated[place] = negating
    return negated


def head_place(words: Sequence[str]) -> int:
    """Return the place of the word that names the thing: the last one before the first small word inside the query."""
    for place, word in enumerate(words):
        if place and (word in connectives() or word in _words()["negations"]):
            return place - 1
    return max(0, len(words) - 1)


@cache
def _words() -> dict[str, frozenset[str]]:
    table = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    return {name: frozenset(listed) for name, listed in table.items()}
