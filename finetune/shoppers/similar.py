"""Near-duplicates, by MinHash over runs of characters (datasketch): of one another, and of what tests the model."""

import re
from collections.abc import Iterable, Iterator

from datasketch import MinHash, MinHashLSH

_PERMUTATIONS = 64
_REPEATED = 0.9
_TESTED = 0.6
_RUN = 3
_MARKS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+")


class Seen:
    """The texts seen so far, beside those that must not be come close to."""

    def __init__(self, tested: Iterable[str]) -> None:
        self._own: MinHashLSH = MinHashLSH(threshold=_REPEATED, num_perm=_PERMUTATIONS)
        self._tested: MinHashLSH = MinHashLSH(threshold=_TESTED, num_perm=_PERMUTATIONS)
        self._count = 0
        for text in tested:
            self._insert(self._tested, _hashed(text))

    def refuses(self, text: str, repeated: bool = False) -> str | None:
        """Return why a text is left out, or None and remember it. `repeated` texts may repeat one another.

        Very short texts ("hello") are everybody's, tests' too: they are never refused for being close to one.
        """
        hashed = _hashed(text)
        if len(_plain(text)) > _SHORT and self._tested.query(hashed):
            return "close to a test"
        if not repeated:
            if self._own.query(hashed):
                return "a near-duplicate"
            self._insert(self._own, hashed)
        return None

    def _insert(self, index: MinHashLSH, hashed: MinHash) -> None:
        self._count += 1
        index.insert(str(self._count), hashed, check_duplication=False)


_SHORT = 12


def _plain(text: str) -> str:
    # One order's number is as good as another's.
    return _NUMBER.sub("0", _MARKS.sub(" ", text.casefold())).strip()


def _runs(text: str) -> Iterator[str]:
    plain = f" {_plain(text)} "
    run = _RUN if plain.isascii() else _RUN - 1
    yield from (plain[start : start + run] for start in range(max(1, len(plain) - run + 1)))


def _hashed(text: str) -> MinHash:
    hashed = MinHash(num_perm=_PERMUTATIONS)
    hashed.update_batch([run.encode() for run in set(_runs(text))])
    return hashed
