"""The features of a query's candidates. All are free of scale, so that one model serves any shop's catalogue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from retrieval.ranking.fields import FieldIndex, number
from retrieval.ranking.query_words import QueryWords, connectives, read_query

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = NDArray[np.float64]

# So many of the best fused candidates say what the query is about (pseudo relevance feedback).
_TOP = 10
_RANK_OFFSET = 60
_K1, _B = 1.2, 0.6
_WEIGHTS = {"title": 3.0, "brand": 2.0, "place": 1.5, "attributes": 1.0, "description": 0.7}


def candidate_features(
    index: FieldIndex,
    text: str,
    lexical: Sequence[int],
    dense: Sequence[int],
    vector: "NDArray[np.float32] | None",
) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Return the rows that either ranking holds, in fused order, and their features: (n, len(FEATURES)), float32.

    `lexical` and `dense` are rows of the index, best first. `vector` is the query's unit vector, None when the encoder
    can't read it. What can't be told of a candidate is NaN.
    """
    query = Candidates(index, text, lexical, dense, vector)
    columns = [np.broadcast_to(np.asarray(feature(query), dtype=np.float32), len(query.rows)) for feature in _COLUMNS]
    return query.rows, np.stack(columns, axis=1)


@dataclass(frozen=True)
class Candidates:
    """A query and the rows found for it, with what several features share."""

    index: FieldIndex
    text: str
    lexical: Sequence[int]
    dense: Sequence[int]
    vector: "NDArray[np.float32] | None"

    @cached_property
    def query(self) -> QueryWords:
        """The query's words."""
        return read_query(self.text, self.index)

    @cached_property
    def nearness(self) -> "dict[str, dict[int, float]]":
        """Of each ranking, row → 61 / (60 + rank), so that the first has 1."""
        rankings = {"lexical": self.lexical, "dense": self.dense}
        return {
            name: {row: (_RANK_OFFSET + 1) / (_RANK_OFFSET + rank) for rank, row in enumerate(ranking, start=1)}
            for name, ranking in rankings.items()
        }

    @cached_property
    def rows(self) -> "NDArray[np.int64]":
        """The rows in fused order, (n,); ties in the order of the dense ranking, then of the lexical one."""
        both = dict.fromkeys([*self.dense, *self.lexical])
        near = {row: sum(found.get(row, 0.0) for found in self.nearness.values()) for row in both}
        return np.array(sorted(both, key=lambda row: -near[row]), dtype=np.int64)

    def near(self, ranking: str) -> "Column":
        """Return how near the top each row is in a ranking, 0 where it isn't in it."""
        found = self.nearness[ranking]
        return np.array([found.get(int(row), 0.0) for row in self.rows])

    @cached_property
    def slices(self) -> "dict[str, tuple[NDArray[np.uint32], NDArray[np.int64]]]":
        """Of each field the candidates' words one after the other, and whose each is."""
        return {field: self.index.slices(field, self.rows) for field in self.index.words}

    @cached_property
    def counts(self) -> "dict[str, Column]":
        """Of each field how often each candidate holds each word of the query: (n, T)."""
        return {field: self._count(field) for field in _WEIGHTS}

    @cached_property
    def lengths(self) -> "dict[str, NDArray[np.intp]]":
        """Of each field how many words each candidate has."""
        return {field: np.bincount(owners, minlength=len(self.rows)) for field, (_, owners) in self.slices.items()}

    @cached_property
    def anywhere(self) -> "NDArray[np.bool_]":
        """Whether each candidate holds each word of the query in any field: (n, T)."""
        return np.asarray(np.any([counts > 0 for counts in self.counts.values()], axis=0), dtype=np.bool_)

    @cached_property
    def title_places(self) -> "NDArray[np.int64]":
        """The title's words as places in the query: (n, longest title), -1 for another word, -2 behind the end."""
        words, owners = self.slices["title"]
        lengths = self.lengths["title"]
        within = np.arange(len(words)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.full((len(self.rows), max(1, int(lengths.max(initial=0)))), -2, dtype=np.int64)
        of_word = np.full(len(words), -1, dtype=np.int64)
        for place in reversed(range(len(self.query.words))):
            of_word[words == self.query.numbers[place]] = place
        places[owners, within] = of_word
        return places

    @cached_property
    def title_connective(self) -> "Column":
        """Where in each title the first small word such as 'for' stands; its length where there is none."""
        words, owners = self.slices["title"]
        lengths = self.lengths["title"]
        first = lengths.astype(float).copy()
        hits = np.flatnonzero(np.isin(words, _connective_numbers()))
        starts = np.cumsum(lengths) - lengths
        np.minimum.at(first, owners[hits], (hits - starts[owners[hits]]).astype(float))
        return first

    @cached_property
    def bm25(self) -> "dict[str, Column]":
        """Of each field the share of the query's weight that each candidate earns, from 0 to about 1."""
        return {field: self._share(self._saturated({field: 1.0})) for field in _WEIGHTS}

    @cached_property
    def bm25f(self) -> "Column":
        """The same over all fields, a word in the title counting for more."""
        return self._share(self._saturated(_WEIGHTS))

    def coverage(self, held: "NDArray[np.bool_]", words: "NDArray[np.bool_] | None" = None) -> "Column":
        """Return the share of these words (the wanted ones) that each candidate holds, weighted by idf; NaN of none."""
        chosen = self.query.wanted if words is None else words
        weights = np.where(chosen, self.query.idf + 0.01, 0.0)
        if not weights.any():
            return np.full(len(self.rows), np.nan)
        return np.asarray(held @ weights / weights.sum(), dtype=np.float64)

    @cached_property
    def vectors(self) -> "NDArray[np.float32] | None":
        """The candidates' vectors, (n, dimension), None without a query vector or without an index of vectors."""
        return None if self.vector is None else self.index.rows_of_vectors(self.rows)

    @cached_property
    def cosine(self) -> "Column":
        """The cosine of query and candidate, NaN where it can't be told."""
        if self.vectors is None or self.vector is None:
            return np.full(len(self.rows), np.nan)
        return np.where(self.vectors.any(axis=1), self.vectors @ self.vector, np.nan)

    @cached_property
    def centroid(self) -> "Column":
        """Nearness to the middle of the best candidates, each left out of its own; NaN where it can't be told."""
        if self.vectors is None:
            return np.full(len(self.rows), np.nan)
        top = self.vectors[:_TOP]
        sums = np.tile(top.sum(axis=0), (len(self.rows), 1))
        sums[: len(top)] -= top
        lengths = np.linalg.norm(sums, axis=1)
        cosines = (sums * self.vectors).sum(axis=1) / np.maximum(lengths, 1e-9)
        return np.where(self.vectors.any(axis=1) & (lengths > 0), cosines, np.nan)

    def agreement(self, field: str) -> "Column":
        """Return how much the words of a field are those of the top candidates: their mean share in the top.

        NaN where a candidate has none. Its own presence in the top doesn't count for it.
        """
        words, owners = self.slices[field]
        n, top = len(self.rows), min(_TOP, len(self.rows))
        _, kinds = np.unique(words, return_inverse=True)
        many = int(kinds.max(initial=0)) + 1
        # A word that a candidate holds twice counts once.
        owners, kinds = np.divmod(np.unique(owners * many + kinds), many)
        in_top = np.bincount(kinds[owners < top], minlength=many)
        others = in_top[kinds] - (owners < top)
        sums = np.bincount(owners, weights=others / np.where(owners < top, max(1, top - 1), top), minlength=n)
        held = np.bincount(owners, minlength=n)
        return np.where(held > 0, sums / np.maximum(held, 1), np.nan)

    def _count(self, field: str) -> "Column":
        words, owners = self.slices[field]
        counts = np.zeros((len(self.rows), len(self.query.words)))
        spelled = np.array([value for value, _ in self.query.spellings], dtype=np.uint32)
        hits = np.flatnonzero(np.isin(words, spelled))
        words, owners = words[hits], owners[hits]
        for value, place in self.query.spellings:
            counts[:, place] += np.bincount(owners[words == value], minlength=len(self.rows))
        return counts

    def _saturated(self, weights: dict[str, float]) -> "Column":
        total = np.zeros((len(self.rows), len(self.query.words)))
        for field, weight in weights.items():
            norm = 1 - _B + _B * self.lengths[field] / self.index.mean_length(field)
            total += weight * self.counts[field] / np.maximum(norm, 0.2)[:, None]
        return total * (_K1 + 1) / (total + _K1)

    def _share(self, saturated: "Column") -> "Column":
        weights = np.where(self.query.wanted, self.query.idf + 0.01, 0.0)
        return np.asarray(saturated @ weights / max(1e-9, weights.sum() * (_K1 + 1)), dtype=np.float64)


def _fused(c: Candidates) -> "Column":
    return (c.near("lexical") + c.near("dense")) / 2


def _below_best(column: "Column") -> "Column":
    """Return how far each value is below the best candidate's."""
    return column - np.nanmax(column) if np.isfinite(column).any() else column


def _standardised(column: "Column") -> "Column":
    spread = np.nanstd(column) if np.isfinite(column).any() else 0.0
    return (column - np.nanmean(column)) / spread if spread > 1e-9 else column * 0.0


def _where_filled(c: Candidates, field: str, column: "Column") -> "Column":
    """Return the column, NaN for a candidate whose field is empty: that tells nothing against it."""
    return np.where(c.lengths[field] > 0, column, np.nan)


def _head_in(c: Candidates, field: str) -> "Column":
    if not c.query.words:
        return np.full(len(c.rows), np.nan)
    return _where_filled(c, field, (c.counts[field][:, c.query.head] > 0).astype(float))


def _head_place(c: Candidates) -> "Column":
    """Where in the title the head stands last, from 0 to 1; NaN where it doesn't."""
    places = c.title_places
    hits = places == c.query.head
    last = places.shape[1] - 1 - np.argmax(hits[:, ::-1], axis=1)
    return np.where(hits.any(axis=1), (last + 1) / np.maximum(c.lengths["title"], 1), np.nan)


def _head_after_connective(c: Candidates) -> "Column":
    """1 where the head stands in the title only after a word such as 'for': a case for a phone is no phone."""
    hits = c.title_places == c.query.head
    first = np.argmax(hits, axis=1)
    return np.where(hits.any(axis=1), (first > c.title_connective).astype(float), np.nan)


def _bigrams(c: Candidates, chosen: "Callable[[int], bool]") -> "Column":
    """Share of the query's chosen neighbours (by the place of the first) that are neighbours in the title."""
    pairs = [place for place in range(len(c.query.words) - 1) if chosen(place)]
    if not pairs:
        return np.full(len(c.rows), np.nan)
    first, second = c.title_places[:, :-1], c.title_places[:, 1:]
    found = np.mean([((first == place) & (second == place + 1)).any(axis=1) for place in pairs], axis=0)
    return np.asarray(found, dtype=np.float64)


def _wanted_pair(c: Candidates) -> "Callable[[int], bool]":
    return lambda place: bool(c.query.wanted[place] and c.query.wanted[place + 1])


def _phrase(c: Candidates) -> "Column":
    """The longest run of the query's words that stands in the title in their order, as a share of the query."""
    places = c.title_places
    run = np.where(places >= 0, 1, 0)
    longest = run.max(axis=1)
    current = run[:, 0].astype(np.int64)
    for column in range(1, places.shape[1]):
        goes_on = (places[:, column] >= 0) & (places[:, column] == places[:, column - 1] + 1)
        current = np.where(goes_on, current + 1, run[:, column])
        longest = np.maximum(longest, current)
    return np.asarray(longest / max(1, len(c.query.words)), dtype=np.float64)


def _title_covered(c: Candidates) -> "Column":
    held = (c.title_places >= 0).sum(axis=1)
    return np.asarray(held / np.maximum(c.lengths["title"], 1), dtype=np.float64)


def _title_start(c: Candidates) -> "Column":
    """Where the first word of the query stands in the title, in words, as a logarithm; NaN where none does."""
    hits = c.title_places >= 0
    return np.where(hits.any(axis=1), np.log1p(np.argmax(hits, axis=1)), np.nan)


def _weightiest_missing(c: Candidates) -> "Column":
    missing = np.where(c.anywhere | ~c.query.wanted, 0.0, c.query.idf)
    return np.asarray(missing.max(axis=1, initial=0.0), dtype=np.float64)


def _unknown_words(c: Candidates) -> float:
    """Share of the query's wanted words that no product of the shop holds."""
    known = {place for value, place in c.query.spellings if c.index.frequency(np.array([value], np.uint32))[0] > 0}
    wanted = np.flatnonzero(c.query.wanted)
    return sum(int(place) not in known for place in wanted) / max(1, len(wanted))


def _negation_told(c: Candidates) -> "Column":
    """1 where the title itself says that it is without what the query doesn't want."""
    return _bigrams(c, lambda place: bool(c.query.unwanted[place + 1]))


def _brand(c: Candidates) -> "Column":
    """1 for a candidate of the brand that the query names, -1 for another one then, 0 where it names none."""
    held = _brand_named(c)
    return np.where(held, 1.0, -1.0 if held.any() else 0.0)


def _brand_named(c: Candidates) -> "NDArray[np.bool_]":
    words, owners = c.slices["brand"]
    inside = np.bincount(owners, weights=np.isin(words, c.query.numbers), minlength=len(c.rows))
    return np.asarray((c.lengths["brand"] > 0) & (inside == c.lengths["brand"]), dtype=np.bool_)


@cache
def _connective_numbers() -> "NDArray[np.uint32]":
    return np.array([number(word) for word in sorted(connectives())], dtype=np.uint32)


_FEATURES: "dict[str, Callable[[Candidates], Column | float]]" = {
    "fused": _fused,
    "lexical_near": lambda c: c.near("lexical"),
    "dense_near": lambda c: c.near("dense"),
    "cosine": lambda c: c.cosine,
    "cosine_below": lambda c: _below_best(c.cosine),
    "cosine_standard": lambda c: _standardised(c.cosine),
    "centroid": lambda c: c.centroid,
    "centroid_standard": lambda c: _standardised(c.centroid),
    "bm25f": lambda c: c.bm25f,
    "bm25f_below": lambda c: _below_best(c.bm25f),
    "bm25f_standard": lambda c: _standardised(c.bm25f),
    "bm25_title": lambda c: c.bm25["title"],
    "bm25_title_below": lambda c: _below_best(c.bm25["title"]),
    "bm25_brand": lambda c: _where_filled(c, "brand", c.bm25["brand"]),
    "bm25_place": lambda c: _where_filled(c, "place", c.bm25["place"]),
    "bm25_attributes": lambda c: _where_filled(c, "attributes", c.bm25["attributes"]),
    "bm25_description": lambda c: _where_filled(c, "description", c.bm25["description"]),
    "title_coverage": lambda c: c.coverage(c.counts["title"] > 0),
    "any_coverage": lambda c: c.coverage(c.anywhere),
    "place_coverage": lambda c: _where_filled(c, "place", c.coverage(c.counts["place"] > 0)),
    "weightiest_missing": _weightiest_missing,
    "head_in_title": lambda c: _head_in(c, "title"),
    "head_in_place": lambda c: _head_in(c, "place"),
    "head_in_attributes": lambda c: _head_in(c, "attributes"),
    "head_place": _head_place,
    "head_after_connective": _head_after_connective,
    "title_start": _title_start,
    "phrase": _phrase,
    "bigrams": lambda c: _bigrams(c, _wanted_pair(c)),
    "number_with_unit": lambda c: _bigrams(c, lambda place: bool(c.query.with_digits[place])),
    "digits_in_title": lambda c: c.coverage(c.counts["title"] > 0, c.query.with_digits),
    "digits_anywhere": lambda c: c.coverage(c.anywhere, c.query.with_digits),
    "unwanted_in_title": lambda c: c.coverage(c.counts["title"] > 0, c.query.unwanted),
    "unwanted_anywhere": lambda c: c.coverage(c.anywhere, c.query.unwanted),
    "negation_told": _negation_told,
    "brand": _brand,
    "title_length": lambda c: np.log1p(c.lengths["title"]),
    "title_covered": _title_covered,
    "title_agreement": lambda c: c.agreement("title"),
    "place_agreement": lambda c: c.agreement("place"),
    "keys_agreement": lambda c: c.agreement("keys"),
    "unknown_words": _unknown_words,
    "query_length": lambda c: float(len(c.query.words)),
    "query_latin": lambda c: float(c.query.latin),
}
FEATURES = tuple(_FEATURES)
"""The features' names, in the order of the matrix's columns."""
_COLUMNS = tuple(_FEATURES.values())
