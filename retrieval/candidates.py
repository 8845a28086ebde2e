"""What the two retrievers find for a text: the candidates that are then ranked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from retrieval.chinese.translating import english_of
from retrieval.encoders import can_read
from retrieval.fusion import fuse
from retrieval.indexing import SearchIndex
from retrieval.schema import Encoder, Filters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# The share of products with a vector from which on the dense search takes part. In a Chinese shop a Latin query finds
# the few products with Latin titles, whether they are meant or not.
_ENOUGH = 0.5


@dataclass(frozen=True)
class Candidates:
    """Ids of products by retriever, best first.

    `english` is what the encoder and the ranker read of a text in a script that they don't know, '' where they read the
    text itself. `vector` is that of what is read, None where the encoder can't read it.
    """

    text: str
    lexical: list[str]
    dense: list[str]
    vector: "NDArray[np.float32] | None"
    english: str = ""

    @cached_property
    def fused(self) -> list[tuple[str, float]]:
        """Every candidate with its fused score, best first."""
        return fuse(self.dense, self.lexical)

    @property
    def ids(self) -> list[str]:
        """Every candidate, the best fused first."""
        return [identifier for identifier, _ in self.fused]

    def only(self, ids: Collection[str]) -> Self:
        """Return the candidates that are among these, in the same order."""
        return replace(
            self,
            lexical=[identifier for identifier in self.lexical if identifier in ids],
            dense=[identifier for identifier in self.dense if identifier in ids],
        )


class Retrievers:
    """The lexical and the dense search of one index."""

    def __init__(self, index: SearchIndex, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder

    def find(
        self,
        text: str,
        n: int,
        filters: Filters | None = None,
        ids: Collection[str] | None = None,
        expansions: Sequence[tuple[str, float]] = (),
    ) -> Candidates:
        """Return the n best of each retriever.

        `filters` count as far as an index knows of them, `ids` restricts the search to exactly these; `expansions` are
        further words for the lexical search, each with its weight. The dense search is asked a Chinese text in the
        shop's own English. It is left out for a text in a script that the encoder doesn't know, and where it knows too
        few of the products to be a second opinion.
        """
        lexical = self._index.lexical.search(text, n, filters, ids, expansions)
        if lexical and not self._knows_most():
            return Candidates(text, lexical, [], None)
        english = "" if can_read(self._encoder, text) else english_of(text, self._index.vocabulary)
        dense, vector = self.find_dense(english or text, n, filters, ids)
        return Candidates(text, lexical, dense, vector, english)

    def find_dense(
        self, text: str, n: int, filters: Filters | None = None, ids: Collection[str] | None = None
    ) -> "tuple[list[str], NDArray[np.float32] | None]":
        """Return the n best of the dense search and the text's vector; none for a script the encoder doesn't know."""
        if self._index.dense is None or not can_read(self._encoder, text):
            return [], None
        vector = self._encoder.encode([text])[0]
        return self._index.dense.search(vector, n, filters, ids), vector

    def _knows_most(self) -> bool:
        manifest = self._index.manifest
        return manifest.dense_count >= _ENOUGH * manifest.count
