"""Pairs of a query and a product's text, with how relevant it is: judged ones, and ones made of titles."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finetune.ranker_data import RankedQuery, RankedShop
from retrieval.product_texts import dense_text, rerank_text
from retrieval.schema import Product
from retrieval.words import plain_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HARD = 8
"""Unjudged candidates of a query that are taken for irrelevant, the best fused ones first."""
_SHORTEST_TITLE = 3


@dataclass(frozen=True)
class Pair:
    """What was asked, what a product is, and how relevant it is, from 0 to 1."""

    query: str
    text: str
    gain: float


@dataclass(frozen=True)
class Triple:
    """What was asked, a product that fits, and one that was found and doesn't."""

    query: str
    fitting: str
    misfit: str


def judged_pairs(shop: RankedShop, queries: Iterable[RankedQuery]) -> Iterator[Pair]:
    """Yield the candidates that people judged, and the best of those that nobody did as irrelevant."""
    for query in queries:
        unjudged = 0
        for row, gain, judged in zip(query.rows, query.gains, query.judged, strict=True):
            unjudged += not judged
            if judged or unjudged <= _HARD:
                yield Pair(query.text, reranked_text(shop, int(row)), float(gain))


def judged_triples(shop: RankedShop, queries: Iterable[RankedQuery], luck: random.Random) -> Iterator[Triple]:
    """Yield each candidate of the best grade with one of the candidates that are worth less than half of it."""
    for query in queries:
        best = query.gains.max(initial=0.0)
        poor = [int(row) for row in query.rows[query.gains < best / 2]]
        for row in query.rows[query.gains == best] if best > 0 and poor else ():
            yield Triple(query.text, encoded_text(shop, int(row)), encoded_text(shop, luck.choice(poor)))


def made_pairs(products: Sequence[Product], count: int, luck: random.Random) -> Iterator[Pair]:
    """Yield pairs of a made query with its product and with another one, half of `count` of each.

    A made query is a part of a title, at times with a slip of the keyboard, or the last place of the category.
    """
    named = [product for product in products if len(plain_words(product.text("en").title)) >= _SHORTEST_TITLE]
    for product in luck.sample(named, min(count // 2, len(named))):
        query = _made_query(product, luck)
        other = luck.choice(products)
        yield Pair(query, rerank_text(product, product.text("en")), 1.0)
        if other.category != product.category or not other.category:
            yield Pair(query, rerank_text(other, other.text("en")), 0.0)


def reranked_text(shop: RankedShop, row: int) -> str:
    """Return what a reranker reads of the product in a row."""
    product = shop.shop.products[shop.ids[row]]
    return rerank_text(product, product.text("en"))


def encoded_text(shop: RankedShop, row: int) -> str:
    """Return what an encoder reads of the product in a row."""
    return dense_text(shop.shop.products[shop.ids[row]], "en")


def above_the_rest(scores: Sequence[float], count: int) -> "NDArray[np.float64]":
    """Return a score for each of `count` candidates: the first ones' own, the others below them in their order."""
    whole = np.arange(count, 0, -1, dtype=np.float64) - count + min(scores, default=0.0) - 1.0
    whole[: len(scores)] = scores
    return whole


def _made_query(product: Product, luck: random.Random) -> str:
    words = plain_words(product.text("en").title)
    if product.category and luck.random() < 0.25:
        return product.category.split(">")[-1].strip().casefold()
    length = luck.randint(2, min(4, len(words)))
    start = luck.randrange(len(words) - length + 1)
    chosen = words[start : start + length]
    place = luck.randrange(length)
    if luck.random() < 0.25 and len(chosen[place]) > 4:
        cut = luck.randrange(1, len(chosen[place]) - 1)
        chosen[place] = chosen[place][:cut] + chosen[place][cut + 1 :]
    return " ".join(chosen)
