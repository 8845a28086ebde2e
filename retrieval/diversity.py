"""Ten results aren't eight near-identical ones: a product with several twins above it moves down a few places."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from retrieval.schema import Hit, Product
from retrieval.words import fold, plain_words

_WORDS = Path(__file__).with_name("diversity.toml")
# How deep a ranking is rearranged: three pages of ten. What comes below isn't good enough to replace what's above.
WINDOW = 30
# Twins share the brand and this much of their titles (Jaccard), sizes, colours and numbers left aside.
_ALIKE = 0.8
# How many of a family may stand together, and how far down each further one moves, in places, for each twin above it
# that is one too many. Measured on the dev queries of esci and chorus, BM25 and MiniLM fused (NDCG@10 0.600, 0.816):
# what it costs, near-identical pairs in the first ten (before: 1.29, 4.72), and the share of queries on which five of
# the first ten are one family (before: 0.03, 0.17).
#   together 2, places 3:  esci -0.0001, 0.93, 0.00;  chorus -0.0049, 3.19, 0.05
#   together 3, places 4:  esci -0.0005, 1.07, 0.00;  chorus -0.0028, 3.36, 0.06
#   together 3, places 8:  esci -0.0011, 1.00, 0.00;  chorus -0.0040, 3.07, 0.01
#   together 4, places 8:  esci +0.0001, 1.20, 0.01;  chorus -0.0021, 3.77, 0.06
# Plain maximal marginal relevance over the titles is the worse bargain (0.0080 on chorus for 4.4 pairs): it drives
# apart what is merely of one kind as well. Three of a family let a shopper see that there is a choice.
_TOGETHER = 3
_PLACES = 4


def diversify(hits: Sequence[Hit], k: int, above: Sequence[Hit] = ()) -> list[Hit]:
    """Return at most k of the hits, best first, those moved down that have too many twins above them.

    `above` are hits that stay before these, such as pinned ones: they count as twins, and aren't returned. The first
    `WINDOW` are rearranged, so give as many where there are so many, or nothing is there to move up. Scores are left
    as they are: they may rise again further down.
    """
    head = hits[:WINDOW]
    places = _new_places([hit.product for hit in above[:WINDOW]], [hit.product for hit in head])
    return [*(head[place] for place in sorted(range(len(head)), key=places.__getitem__)), *hits[WINDOW:]][:k]


def near_identical(one: Product, other: Product) -> bool:
    """Tell whether two products differ in little more than size, colour, capacity or number."""
    return _same_brand(one, other) and _alike(_core(one.title), _core(other.title))


def _new_places(above: Sequence[Product], products: Sequence[Product]) -> list[int]:
    before = [(product, _core(product.title)) for product in above]
    places = []
    for place, product in enumerate(products):
        core = _core(product.title)
        twins = sum(_same_brand(product, other) and _alike(core, theirs) for other, theirs in before)
        places.append(place + _PLACES * max(0, twins - _TOGETHER + 1))
        before.append((product, core))
    return places


def _same_brand(one: Product, other: Product) -> bool:
    return (one.brand or "").casefold() == (other.brand or "").casefold()


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= _ALIKE * (len(one) + len(other) - shared)


@lru_cache(maxsize=20_000)
def _core(title: str) -> frozenset[str]:
    """Return the words of a title that its variants share; all of its words where nothing else is left."""
    words = plain_words(_cjk_varying().sub(" ", fold(title)))
    core = frozenset(word for word in words if word not in _varying() and not any(map(str.isdigit, word)))
    return core or frozenset(words)


@cache
def _varying() -> frozenset[str]:
    return frozenset(tomllib.loads(_WORDS.read_text(encoding="utf-8"))["words"])


@cache
def _cjk_varying() -> re.Pattern[str]:
    # Longest first, so that "dark blue" goes whole and not just its "blue".
    words = sorted(tomllib.loads(_WORDS.read_text(encoding="utf-8"))["cjk"], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))
