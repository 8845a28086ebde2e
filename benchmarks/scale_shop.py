"""A shop of any size for measuring: the demo shop's texts put together anew, its vectors real ones plus noise."""

import random
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, overload

import numpy as np

from retrieval.demo.catalogue import demo_products
from retrieval.schema import Money, Product, ProductTexts

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A noise of this length leaves a vector at cosine 0.94 of the one it was made from, as two forms of a product are.
_NOISE = 0.35
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class MadeProducts(Sequence[Product]):
    """As many products as asked for, each made when it is read: a million don't fit into memory as objects."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._parts = demo_products()
        self._sentences = [_SENTENCE.split(product.text("en").description) for product in self._parts]

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Product: ...
    @overload
    def __getitem__(self, place: slice) -> list[Product]: ...
    def __getitem__(self, place: int | slice) -> Product | list[Product]:
        if isinstance(place, slice):
            return [self._make(number) for number in range(*place.indices(self._count))]
        if not 0 <= place < self._count:
            raise IndexError(place)
        return self._make(place)

    def _make(self, number: int) -> Product:
        choose = random.Random(number)
        first, second = number % len(self._parts), choose.randrange(len(self._parts))
        base, other = self._parts[first], self._parts[second]
        title = f"{_half(base.text('en').title, 0)} {_half(other.text('en').title, 1)} {number}"
        sentences = [*self._sentences[first], *self._sentences[second]]
        description = " ".join(choose.sample(sentences, min(len(sentences), choose.randint(2, 4))))
        return Product(
            id=f"P{number}",
            texts={"en": ProductTexts(title=title, short_name=title[:40], description=description)},
            brand=other.brand,
            department=base.department,
            category=base.category,
            price=Money(amount=Decimal(choose.randint(5, 500)), currency="USD"),
            attributes=base.attributes,
        )


def made_queries(products: MadeProducts, count: int) -> list[str]:
    """Return queries of two to four words that stand beside each other in a title."""
    choose = random.Random(count)
    queries = []
    for _ in range(count):
        words = products[choose.randrange(len(products))].title.split()[:-1]
        length = min(choose.randint(2, 4), len(words))
        start = choose.randrange(len(words) - length + 1)
        queries.append(" ".join(words[start : start + length]))
    return queries


def made_vectors(real: "NDArray[np.float32]", count: int) -> "NDArray[np.float32]":
    """Return unit vectors of the shape (count, dimension): the real ones, then these again with noise."""
    noise = np.random.default_rng(count)
    vectors = np.empty((count, real.shape[1]), dtype=np.float32)
    vectors[: len(real)] = real[:count]
    for start in range(len(real), count, len(real)):
        part = vectors[start : start + len(real)]
        shift = noise.standard_normal(part.shape, dtype=np.float32) * np.float32(_NOISE / np.sqrt(real.shape[1]))
        part[:] = real[: len(part)] + shift
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def _half(title: str, which: int) -> str:
    words = title.split()
    middle = (len(words) + 1) // 2
    return " ".join(words[middle:] if which else words[:middle])
