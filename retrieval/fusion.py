"""Reciprocal rank fusion: one ranking out of several whose scores do not compare."""

from collections.abc import Iterable

# k = 60 as in Cormack, Clarke and Büttcher 2009.
_RANK_OFFSET = 60


def fuse(*rankings: Iterable[str]) -> list[tuple[str, float]]:
    """Merge rankings of ids, best first, into (id, score) pairs, best first.

    An id scores the sum of 1 / (60 + rank) over the rankings that hold it, ranks counted from 1. Equal scores keep
    the order in which the ids were first met.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, identifier in enumerate(ranking, start=1):
            scores[identifier] = scores.get(identifier, 0.0) + 1 / (_RANK_OFFSET + rank)
    return sorted(scores.items(), key=lambda entry: -entry[1])
