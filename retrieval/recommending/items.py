"""The products as arrays: what a recommender knows of each without reading it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

NEIGHBOURS = 30
"""How many of the nearest products each is kept with."""
_KEPT = ("rows", "neighbours", "close")
"""What doesn't change with the prices."""
_DAY = 86400.0
_BLOCK = 1024
_CELLS = 16_000_000
"""Cosines that are held at once."""
_STRIDE = 16
"""Of each row's cosines so many stand for one, where a bound is guessed."""


@dataclass(frozen=True)
class Items:
    """The products by row. `vectors` are unit vectors of shape (n, dimension), zeros where a text can't be read."""

    ids: tuple[str, ...]
    categories: "NDArray[np.int32]"
    """A number a category, -1 where it is unknown."""
    brands: "NDArray[np.int32]"
    prices: "NDArray[np.float32]"
    """In the shop's currency; nan where it is unknown."""
    vectors: "NDArray[np.float32]"
    category_names: tuple[str, ...] = ()
    arrived: Mapping[int, float] = field(default_factory=dict)
    """Row → the day, since 1970, on which a product came into a shop that was there already."""

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Id → row."""
        return {identifier: row for row, identifier in enumerate(self.ids)}

    @cached_property
    def neighbours(self) -> "csr_array":
        """The nearest products of each by cosine, itself left out: shape (n, n), at most `NEIGHBOURS` a row."""
        return nearest(self.vectors)

    @cached_property
    def close(self) -> "csr_array":
        """The neighbours with cubed cosines: what is nearest counts most."""
        table = self.neighbours.copy()
        table.data = table.data**3
        return table

    def priced(self, prices: Sequence[float | None]) -> "Items":
        """Return the same products at other prices; what was worked out of them is kept."""
        same = replace(self, prices=_amounts(prices))
        same.__dict__.update({name: self.__dict__[name] for name in _KEPT if name in self.__dict__})
        return same

    def without_neighbours(self) -> "Items":
        """Return the same products as if none were near another: finding the nearest takes minutes in a large shop."""
        from scipy.sparse import csr_array

        plain = replace(self)
        none = csr_array((len(self.ids), len(self.ids)), dtype=np.float32)
        plain.__dict__.update(neighbours=none, close=none)
        return plain

    def category(self, row: int) -> str | None:
        """Return the name of a product's category."""
        code = int(self.categories[row])
        return self.category_names[code] if code >= 0 else None


def make_items(
    ids: Sequence[str],
    categories: Sequence[str | None],
    brands: Sequence[str | None],
    vectors: "NDArray[np.float32]",
    prices: Sequence[float | None] | None = None,
    arrived: Sequence[float | None] = (),
) -> Items:
    """Number the categories and brands, and put the products together. `arrived`: seconds since 1970."""
    category_codes, names = _numbered(categories)
    brand_codes, _ = _numbered(brands)
    return Items(
        ids=tuple(ids),
        categories=category_codes,
        brands=brand_codes,
        prices=_amounts(prices if prices is not None else [None] * len(ids)),
        vectors=np.ascontiguousarray(vectors, dtype=np.float32),
        category_names=names,
        arrived={row: at / _DAY for row, at in enumerate(arrived) if at is not None},
    )


def _amounts(prices: Sequence[float | None]) -> "NDArray[np.float32]":
    return np.array([np.nan if price is None else price for price in prices], dtype=np.float32)


def nearest(vectors: "NDArray[np.float32]", count: int = NEIGHBOURS) -> "csr_array":
    """Return each vector's nearest others with their cosines, those above 0: shape (n, n)."""
    from scipy.sparse import csr_array

    n = len(vectors)
    kept = min(count, max(n - 1, 0))
    size = max(1, min(_BLOCK, _CELLS // max(n, 1)))
    rows, columns, values = [], [], []
    for start in range(0, n if kept else 0, size):
        cosines = vectors[start : start + size] @ vectors.T
        own = np.arange(len(cosines))
        cosines[own, start + own] = -1.0
        found = _largest(cosines, kept)
        rows.append(found[0] + start)
        columns.append(found[1])
        values.append(cosines[found])
    if not rows:
        return csr_array((n, n), dtype=np.float32)
    parts = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return csr_array(parts, shape=(n, n), dtype=np.float32)


def _largest(table: "NDArray[np.float32]", count: int) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Return the rows and columns of the `count` largest entries of each row, those above 0."""
    sample = table[:, ::_STRIDE]
    # A bound that far more than `count` entries pass, most likely; it saves sorting the others.
    place = min(sample.shape[1], 3 + 2 * count // _STRIDE)
    bounds = np.maximum(np.partition(sample, -place, axis=1)[:, -place], 0.0)
    passing = table > bounds[:, None]
    short = np.flatnonzero(np.count_nonzero(passing, axis=1) < count)
    passing[short] = table[short] > 0
    rows, columns = np.nonzero(passing)
    order = np.lexsort((-table[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    kept = np.arange(len(rows)) - np.searchsorted(rows, rows) < count
    return rows[kept], columns[kept]


def _numbered(names: Sequence[str | None]) -> "tuple[NDArray[np.int32], tuple[str, ...]]":
    known: dict[str, int] = {}
    codes = [known.setdefault(name, len(known)) if name else -1 for name in names]
    return np.array(codes, dtype=np.int32), tuple(known)
