"""Queries made from a catalogue alone, each with graded candidates: what a shopper might type for a product."""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from finetune.search_data import SearchSet
from retrieval.product_texts import rerank_text
from retrieval.schema import Product
from retrieval.words import fold, plain_words, terms

# How many of a query's best BM25 hits may serve as hard negatives, and how many of them and of random ones are taken.
_HARD_FROM = 40
_HARD = 3
_RANDOM = 1
_TYPO_SHARE = 0.12
_SMALL_WORDS = frozenset(
    {"a", "an", "and", "the", "of", "for", "with", "in", "on", "to", "by", "from", "or", "at", "pack", "set"}
)


class GradedPair(NamedTuple):
    """A query and what a reranker reads of a product, with a label from 0 (no use) to 1 (what was asked for)."""

    query: str
    text: str
    label: float


def synthesise(shop: SearchSet, count: int, seed: int = 0) -> Iterator[GradedPair]:
    """Yield the graded pairs of `count` queries made from the shop's products.

    The product that a query was made from is labelled 1. Others are labelled by how many of the query's words they
    have in title, brand, category and attributes, and by how near the encoder finds them.
    """
    dice = random.Random(seed)
    ids = list(shop.products)
    rows = {identifier: row for row, identifier in enumerate(ids)}
    for identifier in _draw(ids, count, dice):
        product = shop.products[identifier]
        query = make_query(product, dice)
        if not query:
            continue
        hits = [hit for hit in shop.lexical.search(query, _HARD_FROM) if hit != identifier]
        others = dice.sample(hits, min(_HARD, len(hits))) + dice.sample(ids, min(_RANDOM, len(ids)))
        unwanted = _unwanted_word(product, [shop.products[hit] for hit in hits[:_HARD]], dice)
        asked = f"{query} without {unwanted}" if unwanted else query
        near = shop.vectors[[rows[other] for other in others]] @ shop.encoder.encode([query])[0]
        yield GradedPair(asked, read_text(product), 1.0)
        for other, cosine in zip(others, near, strict=True):
            if other == identifier:
                continue
            label = _grade(query, shop.products[other], float(cosine))
            if unwanted and unwanted in _words(shop.products[other]):
                label = 0.0
            yield GradedPair(asked, read_text(shop.products[other]), label)


def make_query(product: Product, dice: random.Random) -> str:
    """Make one query for the product: words of its title, its kind, its maker or an attribute, at times mistyped."""
    shape = dice.choices(_SHAPES, _WEIGHTS)[0]
    words = shape(product, dice) or _title_words(product, dice)
    if words and dice.random() < _TYPO_SHARE:
        place = dice.randrange(len(words))
        words[place] = mistype(words[place], dice)
    return " ".join(words)


def mistype(word: str, dice: random.Random) -> str:
    """Leave out, double or swap a letter; words under five letters and numbers stay as they are."""
    if len(word) < 5 or not word.isalpha():
        return word
    place = dice.randrange(1, len(word) - 1)
    return dice.choice(
        [
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        ]
    )


def read_text(product: Product) -> str:
    """Return what the reranker will read of the product."""
    return rerank_text(product, product.text(product.language))


def _draw(ids: list[str], count: int, dice: random.Random) -> list[str]:
    return [identifier for _ in range(-(-count // len(ids))) for identifier in dice.sample(ids, len(ids))][:count]


def _title_words(product: Product, dice: random.Random) -> list[str]:
    words = [word for word in plain_words(product.title) if word not in _SMALL_WORDS][:12]
    size = min(len(words), dice.randint(1, 4))
    if dice.random() < 0.5:
        start = dice.randint(0, max(0, len(words) - size))
        return words[start : start + size]
    return [words[place] for place in sorted(dice.sample(range(len(words)), size))]


def _kind_words(product: Product, dice: random.Random) -> list[str]:
    places = [place for place in (product.category or product.department or "").split(" > ") if place]
    # The last places name the kind; a place further up is an umbrella over it.
    return plain_words(dice.choice(places[-3:])) if places else []


def _maker_words(product: Product, dice: random.Random) -> list[str]:
    rest = _kind_words(product, dice) if dice.random() < 0.5 else _title_words(product, dice)[:2]
    return plain_words(product.brand or "") + [word for word in rest if word not in fold(product.brand or "")]


def _attribute_words(product: Product, dice: random.Random) -> list[str]:
    table = product.text(product.language).attributes or product.attributes
    values = [value for value in table.values() if 2 < len(value) < 20 and not value.isdigit()]
    if not values:
        return []
    return plain_words(dice.choice(values)) + (_kind_words(product, dice) or _title_words(product, dice)[-2:])


_SHAPES: list[Callable[[Product, random.Random], list[str]]] = [
    _title_words,
    _kind_words,
    _maker_words,
    _attribute_words,
]
_WEIGHTS = [6, 2, 2, 2]


def _grade(query: str, product: Product, cosine: float) -> float:
    asked = set(terms(query))
    held = set(terms(" ".join(_words(product))))
    covered = len(asked & held) / max(1, len(asked))
    nearness = min(1.0, max(0.0, (cosine - 0.1) / 0.6))
    return round(0.9 * (0.5 * covered**2 + 0.5 * nearness), 3)


def _words(product: Product) -> set[str]:
    texts = product.text(product.language)
    attributes = (texts.attributes or product.attributes).values()
    return set(plain_words(" ".join([texts.title, product.brand or "", product.category or "", *attributes])))


def _unwanted_word(product: Product, rivals: list[Product], dice: random.Random) -> str | None:
    """Return a word that rivals have and the product lacks, for one query in ten: it is then asked to be absent."""
    if dice.random() > 0.1:
        return None
    held = set(plain_words(read_text(product)))
    found = sorted({word for rival in rivals for word in plain_words(rival.title) if len(word) > 3} - held)
    return dice.choice(found) if found else None
