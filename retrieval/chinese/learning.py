"""Which English words a shop's own texts have for a Chinese word, learned from products that are described in both.

IBM model 1: each word of a title's English is explained by the words of its Chinese, and how well a word explains
another over the whole shop is what it means.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from retrieval.chinese.segmenting import chinese_words
from retrieval.schema import Product
from retrieval.words import is_cjk, one, plain_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Texts beyond these teach nothing new of the words that matter.
_MOST_TEXTS = 20_000
_ROUNDS = 6
# Explains what nothing in the Chinese text says, so that no word has to.
_NOTHING = 1e-3
_RAREST = 2
# An English word counts as a meaning where it stands beside at least half of the Chinese word's texts, explains so much
# of it, and not much less than the best: 背包 is a backpack, and the laptop beside 包 is none of its meaning.
_SHARE, _EXPLAINED, _OF_BEST = 0.5, 0.25, 0.75
_SMALL = frozenset({"a", "an", "the", "of", "for", "with", "and", "or", "in", "on", "to", "by", "from", "at", "no"})


def learn_translations(products: Sequence[Product]) -> dict[str, tuple[str, ...]]:
    """Return Chinese word → its English words in the order of the shop's titles; {} for a shop without both."""
    pairs = list(_pairs(products))
    if not pairs:
        return {}
    chinese, english = _numbered(words for words, _ in pairs), _numbered(words for _, words in pairs)
    cells = _Cells(pairs, chinese, english)
    explained = cells.explained()
    found: dict[str, list[tuple[str, float]]] = {}
    names, others = list(chinese), list(english)
    for key, (first, second) in enumerate(cells.keys):
        count = int(cells.texts_of[first])
        if count >= _RAREST and explained[key] >= _EXPLAINED and cells.together[key] >= _SHARE * count:
            found.setdefault(names[first], []).append((others[second], float(explained[key])))
    return _in_order({word: _best(held) for word, held in found.items()}, pairs)


class _Cells:
    """Every (text, Chinese word, English word) of the pairs as numbers; `keys` are the different pairs of words."""

    def __init__(
        self, pairs: Sequence[tuple[list[str], list[str]]], chinese: dict[str, int], english: dict[str, int]
    ) -> None:
        firsts, groups, keys = [], [], []
        group = 0
        for words, others in pairs:
            first = np.array([chinese[word] for word in words])
            second = np.array([english[word] for word in others])
            keys.append((first[None, :] * len(english) + second[:, None]).ravel())
            groups.append(np.repeat(np.arange(group, group + len(second)), len(first)))
            firsts.append(first)
            group += len(second)
        self._groups = np.concatenate(groups)
        unique, self._key, self.together = np.unique(np.concatenate(keys), return_inverse=True, return_counts=True)
        self.texts_of = np.bincount(np.concatenate(firsts), minlength=len(chinese))
        self._first = unique // len(english)
        self.keys = list(zip(self._first.tolist(), (unique % len(english)).tolist(), strict=True))

    def explained(self) -> "NDArray[np.float64]":
        """Return of each key the share of the Chinese word's meaning that the English word has."""
        shares = np.ones(len(self.keys))
        for _ in range(_ROUNDS):
            cells = shares[self._key]
            cells = cells / (np.bincount(self._groups, weights=cells)[self._groups] + _NOTHING)
            counts = np.bincount(self._key, weights=cells)
            shares = counts / np.bincount(self._first, weights=counts)[self._first]
        return shares


def _best(held: Sequence[tuple[str, float]]) -> list[str]:
    best = max(share for _, share in held)
    return [name for name, share in held if share >= _OF_BEST * best]


def _pairs(products: Sequence[Product]) -> Iterable[tuple[list[str], list[str]]]:
    both = [product for product in products if "zh" in product.texts and "en" in product.texts]
    for product in both[:: max(1, -(-len(both) // _MOST_TEXTS))]:
        words = [word for word in chinese_words(product.texts["zh"].title) if is_cjk(word)]
        # A category's name says once more what the thing is; a brand's is in no language.
        named = plain_words(f"{product.texts['en'].title}\n{product.category or ''}")
        left_out = _SMALL.union(plain_words(product.brand or ""))
        others = [one(word) for word in named if word not in left_out and not is_cjk(word)]
        if words and others:
            yield list(dict.fromkeys(words)), list(dict.fromkeys(others))


def _numbered(texts: Iterable[list[str]]) -> dict[str, int]:
    return {word: number for number, word in enumerate(dict.fromkeys(word for words in texts for word in words))}


def _in_order(
    meanings: dict[str, list[str]], pairs: Sequence[tuple[list[str], list[str]]]
) -> dict[str, tuple[str, ...]]:
    """Return each meaning's words as they follow each other in the titles that have the Chinese word."""
    places: dict[str, Counter[str]] = {word: Counter() for word in meanings}
    for words, others in pairs:
        for word in places.keys() & set(words):
            for first, second in combinations([name for name in others if name in meanings[word]], 2):
                places[word][second] += 1
                places[word][first] -= 1
    return {word: tuple(sorted(held, key=lambda name: places[word][name])) for word, held in meanings.items()}
