"""Brands, categories, departments, colours and sizes named in a query."""

import re
from collections.abc import Iterator
from functools import cache

from retrieval.schema import Product
from retrieval.understanding.plan import Boost, BoostField
from retrieval.understanding.toml_lists import word_lists
from retrieval.vocabulary import Vocabulary
from retrieval.words import fold, is_cjk, one, plain_words

# What naming it is worth, as a share of a product's score. Alone and measured on the esci queries by nDCG@10: brand
# +0.002 (0.6: -0.001), colour +0.005, category +0.000 (0.3: -0.008).
_WEIGHTS: dict[BoostField, float] = {"brand": 0.3, "category": 0.1, "department": 0.1, "colour": 0.3, "size": 0.1}
_LONGEST_NAME = 4
_SIZE = re.compile(r"(?<![\w.-])(?:size\s+(\d{1,3}(?:\.5)?|[sml])|(x{1,4}[sl]|\dxl)|(\d{1,3})码)(?![\w.-])")


def read_facets(text: str, vocabulary: Vocabulary) -> tuple[Boost, ...]:
    """Return a boost for each brand, category, department, colour and size in a folded text."""
    found: dict[tuple[BoostField, str], None] = {}
    for words in _runs(text):
        name = " ".join(words)
        singular = " ".join(one(word) for word in words)
        if name in vocabulary.brands:
            found["brand", name] = None
        if singular in vocabulary.category_words:
            found["category", vocabulary.category_words[singular]] = None
        if name in vocabulary.departments:
            found["department", name] = None
        if name in vocabulary.sizes and not (name.isdigit() or len(name) < 2):
            found["size", name] = None
    found.update({("colour", _colour_key(name)): None for name in colours_in(text, vocabulary)})
    found.update({("size", next(filter(None, match.groups()))): None for match in _SIZE.finditer(text)})
    return tuple(Boost(field=field, value=value, weight=_WEIGHTS[field]) for field, value in found)


def colours_in(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the colour names in a folded text, as they stand there; of overlapping ones the longest."""
    names = _colour_names()
    found = [name for words in _runs(text) if (name := " ".join(words)) in names or name in vocabulary.colour_words]
    if is_cjk(text):
        # One character alone is part of too many words: 黄 of 黄瓜.
        found = [name for name in names if len(name) > 1 and is_cjk(name) and name in text]
    return [name for name in found if not any(name != other and name in other for other in found)]


def spellings_of(phrase: str) -> frozenset[str]:
    """Return the names of the same colour, in every language; of what is no colour only the phrase."""
    key = _colour_names().get(fold(phrase))
    # One character is a colour as a whole value only, so not among what is looked for inside texts.
    names = (name for name, own in _colour_names().items() if key and own == key and len(name) > 1)
    return frozenset(names) | {phrase}


def has_facet(product: Product, boost: Boost) -> bool:
    """Tell whether the product is what the boost names. A price boost is nobody's: it is a matter of degree."""
    if boost.field == "brand":
        return boost.value == " ".join(plain_words(product.brand or ""))
    if boost.field == "category":
        return any(boost.value == fold(place).strip() for place in re.split(r"[>/|»›]", product.category or ""))
    if boost.field == "department":
        return boost.value == " ".join(plain_words(product.department or ""))
    if boost.field == "colour":
        names = {name for name, key in _colour_names().items() if key == boost.value} | {boost.value}
        return any(_holds(value, name) for value in _values(product) for name in names)
    return boost.field == "size" and any(boost.value == fold(value).strip() for value in _values(product))


def _values(product: Product) -> Iterator[str]:
    for table in (product.attributes, *(texts.attributes for texts in product.texts.values())):
        yield from table.values()
    for variant in product.variants:
        yield from variant.options.values()
    for texts in product.texts.values():
        yield texts.title


def _holds(text: str, name: str) -> bool:
    folded = fold(text)
    if is_cjk(name):
        return name == folded if len(name) == 1 else name in folded
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", folded) is not None


def _runs(text: str) -> Iterator[list[str]]:
    words = plain_words(text)
    for length in range(min(_LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            yield words[start : start + length]


def _colour_key(name: str) -> str:
    return _colour_names().get(name, name)


@cache
def _colour_names() -> dict[str, str]:
    return {name: key for key, names in word_lists("colours").items() for name in names}
