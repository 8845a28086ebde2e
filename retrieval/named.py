"""Products that a query names outright: by their id, their title or their short name."""

import re
from collections.abc import Sequence
from itertools import pairwise

from retrieval.product_store import ProductStore
from retrieval.vocabulary import Vocabulary
from retrieval.words import plain_words

# A name inside a longer query must be a real name: "socks" in "red socks" is a kind of thing, not a product.
_SHORTEST_NAME = 2
_LONGEST_NAME = 24
_WORDS_READ = 64
# A name that so many products share does not tell which is meant.
_MOST_NAMESAKES = 3


def named_ids(text: str, products: ProductStore, vocabulary: Vocabulary) -> list[str]:
    """Return the ids of the products that the text names, each once, the longest name first."""
    words = plain_words(text)[:_WORDS_READ]
    found = products.ids_without_case(_possible_ids(text))
    found += _by_name(words, products, vocabulary)
    return list(dict.fromkeys(found))


def _possible_ids(text: str) -> list[str]:
    whole = text.strip()
    tokens = [token.strip(".,;:!?()[]\"'“”‘’«»#") for token in text.split()[:_WORDS_READ]]
    return list(dict.fromkeys([whole, *(token for token in tokens if _looks_like_id(token))]))


def _looks_like_id(token: str) -> bool:
    # "2", "xl" or "2026" in a sentence are not meant as an id, even where a product has it.
    return len(token) >= 5 or (len(token) >= 3 and bool(re.search(r"\d", token)) and bool(re.search(r"[^\d]", token)))


def _by_name(words: Sequence[str], products: ProductStore, vocabulary: Vocabulary) -> list[str]:
    spans = _spans(words)
    called = products.ids_called(list(spans))
    taken: set[int] = set()
    found: list[str] = []
    for name in spans:
        places = spans[name]
        if name not in called or len(called[name]) > _MOST_NAMESAKES or taken & set(places):
            continue
        if len(places) < len(words) and _is_a_kind(words[places.start : places.stop], vocabulary):
            continue
        taken.update(places)
        found += called[name]
    return found


def _is_a_kind(name: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Tell whether more titles than could be namesakes hold the words: "hand cream" in a longer query is no product."""
    return all(vocabulary.pairs.get(f"{first} {second}", 0) > _MOST_NAMESAKES for first, second in pairwise(name))


def _spans(words: Sequence[str]) -> dict[str, range]:
    """Return every run of words that could be a name, with the places it takes, the longest first."""
    spans: dict[str, range] = {}
    for length in range(min(len(words), _LONGEST_NAME), 0, -1):
        if length < _SHORTEST_NAME and length < len(words):
            break
        for start in range(len(words) - length + 1):
            spans.setdefault(" ".join(words[start : start + length]), range(start, start + length))
    return spans
