"""What the ranker reads of the products, worked out once at index time and mapped from disk: words by field."""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from retrieval.errors import IndexDamaged
from retrieval.schema import Product
from retrieval.words import terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIELDS = {"title": 64, "brand": 8, "place": 24, "keys": 64, "attributes": 160, "description": 200}
"""The fields and how many words of each are kept; 'keys' are whole attribute names, a word each."""

_VERSION = 1
_HEAD = "fields.json"
# An int8 holds a component of a unit vector; hardly any component is above a third.
_VECTOR_SCALE = 360.0


@dataclass(frozen=True)
class FieldIndex:
    """The words of every product by field, and how many products hold each word. Safe to share between threads.

    Rows are in the order of the products that it was built from, as the lexical index has them. A word is kept as its
    CRC-32: no vocabulary has to be held in memory, and of a million words some hundred share a number with another.
    `words[field]` holds the words of all products one after the other, `starts[field]` (count + 1,) where each begins.
    `vectors` is (count, dimension) int8, or None; rows without a vector are zero.
    """

    words: "dict[str, NDArray[np.uint32]]"
    starts: "dict[str, NDArray[np.int64]]"
    known: "NDArray[np.uint32]"
    frequencies: "NDArray[np.int32]"
    vectors: "NDArray[np.int8] | None" = None

    @property
    def count(self) -> int:
        """How many products there are."""
        return len(self.starts["title"]) - 1

    def mean_length(self, field: str) -> float:
        """Return how many words the field has on average, at least one."""
        return max(1.0, len(self.words[field]) / max(1, self.count))

    def idf(self, numbers: "NDArray[np.uint32]") -> "NDArray[np.float64]":
        """Return how telling each word is: 1 for one that a single product holds or none does, 0 for one in all."""
        held = self.frequency(numbers)
        telling = np.log((self.count + 1) / np.maximum(held, 1)) / np.log(self.count + 1)
        return np.asarray(telling, dtype=np.float64)

    def frequency(self, numbers: "NDArray[np.uint32]") -> "NDArray[np.int32]":
        """Return how many products hold each word anywhere."""
        if not len(self.known):
            return np.zeros(len(numbers), dtype=np.int32)
        places = np.minimum(np.searchsorted(self.known, numbers), len(self.known) - 1)
        return np.where(self.known[places] == numbers, self.frequencies[places], 0).astype(np.int32)

    def slices(self, field: str, rows: "NDArray[np.int64]") -> "tuple[NDArray[np.uint32], NDArray[np.int64]]":
        """Return the words of the rows one after the other, and to which of the rows (0, 1, …) each belongs."""
        begins = self.starts[field][rows]
        lengths = self.starts[field][rows + 1] - begins
        owners = np.repeat(np.arange(len(rows)), lengths)
        within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return self.words[field][np.repeat(begins, lengths) + within], owners

    def cosines(self, vector: "NDArray[np.float32]", rows: "NDArray[np.int64]") -> "NDArray[np.float32] | None":
        """Return each row's cosine with a unit vector, NaN for a row without one; None when there are no vectors."""
        held = self.rows_of_vectors(rows)
        if held is None:
            return None
        return np.where(held.any(axis=1), held @ vector, np.nan).astype(np.float32)

    def rows_of_vectors(self, rows: "NDArray[np.int64]") -> "NDArray[np.float32] | None":
        """Return the rows' vectors, shape (len(rows), dimension), None when there are none."""
        return None if self.vectors is None else self.vectors[rows].astype(np.float32) / _VECTOR_SCALE

    def save(self, folder: Path) -> None:
        """Write the index to a folder, made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in self._arrays():
            np.save(folder / f"{name}.npy", array)
        head = {"version": _VERSION, "count": self.count, "vectors": self.vectors is not None}
        (folder / _HEAD).write_text(json.dumps(head), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what `save` wrote into memory. Raises `IndexDamaged` when it isn't there or of another version."""

        def read(name: str) -> "NDArray[np.generic]":
            mapped: NDArray[np.generic] = np.load(folder / f"{name}.npy", mmap_mode="r")
            return mapped

        try:
            head = json.loads((folder / _HEAD).read_text(encoding="utf-8"))
            if head.get("version") != _VERSION:
                raise IndexDamaged("the ranker's fields are of another version")
            words = {field: read(f"{field}.words").view(np.uint32) for field in FIELDS}
            starts = {field: read(f"{field}.starts").view(np.int64) for field in FIELDS}
            # The two that every query searches are read at once; of the others only candidates' pages are.
            known, frequencies = np.array(read("known"), np.uint32), np.array(read("frequencies"), np.int32)
            vectors = read("vectors").view(np.int8) if head["vectors"] else None
        except (OSError, EOFError, ValueError, KeyError) as error:
            raise IndexDamaged(f"the ranker's fields cannot be read ({error})") from error
        return cls(words, starts, known, frequencies, vectors)

    def _arrays(self) -> "Iterator[tuple[str, NDArray[np.generic]]]":
        for field in FIELDS:
            yield f"{field}.words", self.words[field]
            yield f"{field}.starts", self.starts[field]
        yield "known", self.known
        yield "frequencies", self.frequencies
        if self.vectors is not None:
            yield "vectors", self.vectors


def build_fields(
    products: Sequence[Product],
    vectors: "NDArray[np.float32] | None" = None,
    progress: Callable[[int], None] = lambda done: None,
) -> FieldIndex:
    """Read the products' words, reporting how many products are done.

    `vectors` are the encoder's unit vectors, (len(products), dimension), zero for a product that it can't read; they
    are kept at eight bits a component.
    """
    words: dict[str, list[NDArray[np.uint32]]] = {field: [] for field in FIELDS}
    seen: list[NDArray[np.uint32]] = []
    for done, product in enumerate(products, start=1):
        of_product = {field: _numbers(found)[: FIELDS[field]] for field, found in _texts(product)}
        for field, numbers in of_product.items():
            words[field].append(numbers)
        seen.append(np.unique(np.concatenate([of_product[field] for field in FIELDS if field != "keys"])))
        progress(done)
    known, frequencies = np.unique(np.concatenate(seen or [_numbers([])]), return_counts=True)
    return FieldIndex(
        words={field: np.concatenate(words[field] or [_numbers([])]) for field in FIELDS},
        starts={field: np.cumsum([0, *map(len, words[field])], dtype=np.int64) for field in FIELDS},
        known=known,
        frequencies=frequencies.astype(np.int32),
        vectors=None if vectors is None else eight_bits(vectors),
    )


def eight_bits(vectors: "NDArray[np.float32]") -> "NDArray[np.int8]":
    """Return unit vectors at eight bits a component."""
    return np.clip(np.round(vectors * _VECTOR_SCALE), -127, 127).astype(np.int8)


def number(word: str) -> int:
    """Return the number that stands for a word."""
    return zlib.crc32(word.encode())


def _numbers(words: Iterable[str]) -> "NDArray[np.uint32]":
    return np.array([number(word) for word in words], dtype=np.uint32)


def _texts(product: Product) -> Iterator[tuple[str, list[str]]]:
    """Yield each field's words, in every language the product is described in."""
    texts = list(product.texts.values())
    tables = [product.attributes, *(text.attributes for text in texts)]
    options = sorted({value for variant in product.variants for value in variant.options.values()})
    yield "title", terms("\n".join(text.title for text in texts))
    yield "brand", terms(product.brand or "")
    yield "place", terms(f"{product.category or ''}\n{product.department or ''}")
    yield "keys", [name.casefold() for table in tables for name in table]
    lines = [f"{name} {value}" for table in tables for name, value in table.items()]
    yield "attributes", terms("\n".join([*options, *lines]))
    yield "description", terms("\n".join(text.description for text in texts))
