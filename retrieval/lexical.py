"""Lexical search: products by the words they share with the query, BM25 over all languages."""

import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import bm25s
import numpy as np

from retrieval.lexical_scoring import term_weights, weighted_scores
from retrieval.product_texts import body_text, title_text
from retrieval.schema import Filters, Product
from retrieval.words import run_ends, terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIELDS = ("category", "department", "brand")
_DOCUMENTS = "documents.json"
# A word in the title counts as often as if it stood there so many times.
_TITLE_WEIGHT = 3


class LexicalIndex:
    """BM25 over titles, descriptions and attributes. Safe to share between threads."""

    def __init__(self, bm25: bm25s.BM25, documents: dict[str, list[str]]) -> None:
        self._bm25 = bm25
        self._documents = documents
        self._ids = documents["id"]
        self._row = {identifier: row for row, identifier in enumerate(self._ids)}
        self._fields = {field: np.array(documents[field]) for field in _FIELDS}

    @classmethod
    def build(cls, products: Sequence[Product], progress: Callable[[int], None] = lambda done: None) -> Self:
        """Index the products, reporting how many are done."""
        corpus = []
        for done, product in enumerate(products, start=1):
            title = title_text(product)
            corpus.append((terms(title) + run_ends(title)) * _TITLE_WEIGHT + terms(body_text(product)))
            progress(done)
        bm25 = bm25s.BM25()
        bm25.index(corpus, show_progress=False)
        documents = {field: [(getattr(product, field) or "").casefold() for product in products] for field in _FIELDS}
        return cls(bm25, {"id": [product.id for product in products], **documents})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        documents = json.loads((folder / _DOCUMENTS).read_text(encoding="utf-8"))
        return cls(bm25s.BM25.load(folder, show_progress=False), documents)

    def save(self, folder: Path) -> None:
        """Write the index to a folder, made if need be."""
        self._bm25.save(folder, show_progress=False)
        (folder / _DOCUMENTS).write_text(json.dumps(self._documents, ensure_ascii=False), encoding="utf-8")

    @property
    def ids(self) -> list[str]:
        """The ids of all products; a product's place here is its row in every part of the index."""
        return self._ids

    def rows(self, ids: Sequence[str]) -> list[int]:
        """Return the rows of products that are in the index."""
        return [self._row[identifier] for identifier in ids]

    def search(
        self,
        text: str,
        n: int,
        filters: Filters | None = None,
        ids: Collection[str] | None = None,
        expansions: Sequence[tuple[str, float]] = (),
    ) -> list[str]:
        """Return the ids of at most n products that share a word with the text or an expansion of it, best first.

        Only category, department and brand of `filters` count here; `ids` restricts the search to exactly these. An
        expansion is a word or phrase with its weight beside the text's own words, which have 1.
        """
        scores = weighted_scores(self._bm25, term_weights(text, expansions))
        scores[~self._allowed(filters, ids)] = 0.0
        best = _best(scores, n)
        return [self._ids[row] for row in best if scores[row] > 0]

    def _allowed(self, filters: Filters | None, ids: Collection[str] | None) -> "NDArray[np.bool_]":
        allowed = np.ones(len(self._ids), dtype=bool)
        if ids is not None:
            allowed[:] = False
            allowed[[self._row[identifier] for identifier in ids if identifier in self._row]] = True
        for field in _FIELDS:
            wanted = getattr(filters, field, None)
            if wanted is not None:
                allowed &= self._fields[field] == wanted.casefold()
        return allowed


def _best(scores: "NDArray[np.float32]", n: int) -> "NDArray[np.intp]":
    """Return the rows of the n highest scores, best first, ties in the order of the catalogue."""
    if n < len(scores):
        # Everything as good as the nth goes in, so that a tie is not decided by how the array was split.
        lowest = np.partition(scores, -n)[-n]
        rows = np.flatnonzero(scores >= lowest)
    else:
        rows = np.arange(len(scores))
    return rows[np.argsort(-scores[rows], kind="stable")][:n]
