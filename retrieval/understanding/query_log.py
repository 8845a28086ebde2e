"""What shoppers call things, learned from what they searched and then clicked.

One person is one voice, however often they click; one who does more in a day than a person can do has none; and a word
needs several people on several days: so no robot teaches the shop words by itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pydantic import Field

from retrieval.chinese.segmenting import chinese_words
from retrieval.ranking.query_words import connectives
from retrieval.recommending.events import MOST_A_DAY
from retrieval.schema import Product, Value
from retrieval.understanding.typos import correct
from retrieval.vocabulary import Vocabulary
from retrieval.words import is_cjk, one, plain_words

LEAST_PEOPLE, LEAST_DAYS = 5, 2
"""So many people must have used a word, on so many days, before anything is learned of it."""
# A word means what most of its people clicked, if that is so much rarer in the whole shop.
_SHARE, _LIFT = 0.6, 3.0
_MOST_MEANINGS = 3
# What so many products are called needs no other name.
_COMMON = 3
_SHORTEST = 2


class FollowedSearch(NamedTuple):
    """A product that somebody clicked, put into the cart, bought or liked among what a search had found.

    `person` is whoever it was, `day` the day since 1970 (UTC).
    """

    words: str
    person: str
    day: int
    product_id: str


class QueryLog(Value):
    """What a shop's own searches teach: by how many people a word was used, and what the shop calls what some mean.

    Words are folded, Latin ones in the singular. The keys of `meanings` are words that the shop hardly has, its values
    words of its titles.
    """

    words: Mapping[str, int] = Field(default_factory=dict)
    meanings: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)


def learn_query_log(
    searches: Iterable[FollowedSearch], products: Mapping[str, Product], vocabulary: Vocabulary
) -> QueryLog:
    """Learn from followed searches; `products` are those clicked, by id, as far as they are still there."""
    heard = _Heard()
    for search in _without_robots(searches):
        if search.product_id in products:
            heard.take(search, products[search.product_id])
    words: dict[str, int] = {}
    meanings: dict[str, tuple[str, ...]] = {}
    for word, people in heard.people.items():
        if len(people) < LEAST_PEOPLE or len(heard.days[word]) < LEAST_DAYS:
            continue
        meant, slip = heard.meaning_of(word, vocabulary), correct(word, vocabulary)
        # What was clicked is what the word was meant to be: however many people slip, it is a slip.
        if slip and one(slip.meant) in meant:
            continue
        words[word] = len(people)
        if meant:
            meanings[word] = meant[:_MOST_MEANINGS]
    return QueryLog(words=words, meanings=meanings)


class _Heard:
    """Who used which word and when, and who of them clicked a product that is called what."""

    def __init__(self) -> None:
        self.people: dict[str, set[str]] = {}
        self.days: dict[str, set[int]] = {}
        self._called: dict[str, dict[str, set[str]]] = {}

    def take(self, search: FollowedSearch, product: Product) -> None:
        used = dict.fromkeys(one(word) for word in chinese_words(search.words) if len(word) >= _SHORTEST)
        for word in used:
            self.people.setdefault(word, set()).add(search.person)
            self.days.setdefault(word, set()).add(search.day)
            # What was said beside the word was found by itself.
            for name in _names(product, is_cjk(word)).difference(used):
                self._called.setdefault(word, {}).setdefault(name, set()).add(search.person)

    def meaning_of(self, word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
        """Return what the shop calls what was clicked, the most telling first; () where it has the word itself."""
        if _count(word, vocabulary) >= _COMMON:
            return ()
        everybody = len(self.people[word])
        share = {name: len(people) / everybody for name, people in self._called.get(word, {}).items()}
        # Of equals what names a kind comes first: where all clicked one product, its name says less.
        telling = sorted(share, key=lambda name: (-share[name], name not in vocabulary.kind_heads, name))
        rarity = max(1, vocabulary.documents) / _LIFT
        return tuple(name for name in telling if share[name] >= max(_SHARE, _count(name, vocabulary) / rarity))


def _without_robots(searches: Iterable[FollowedSearch]) -> Iterator[FollowedSearch]:
    listed: Sequence[FollowedSearch] = list(searches)
    days = Counter((search.person, search.day) for search in listed)
    robots = {person for (person, _), count in days.items() if count > MOST_A_DAY}
    return (search for search in listed if search.person not in robots)


def _names(product: Product, chinese: bool) -> set[str]:
    """Return the words of a product's titles in the script of the word, Latin ones in the singular."""
    if chinese:
        text = product.text("zh").title
        return {word for word in chinese_words(text) if is_cjk(word) and len(word) >= _SHORTEST}
    words = plain_words(f"{product.text('en').title}\n{product.category or ''}")
    left_out = connectives().union(plain_words(product.brand or ""))
    return {one(word) for word in words if len(word) > _SHORTEST and word not in left_out and not is_cjk(word)}


def _count(word: str, vocabulary: Vocabulary) -> int:
    """Return how many titles, brands and categories have the word; of a Chinese one its rarest pair of characters."""
    if is_cjk(word):
        pairs = [word[place : place + 2] for place in range(len(word) - 1)]
        return min((vocabulary.head_words.get(pair, 0) for pair in pairs), default=0)
    return sum(vocabulary.head_words.get(form, 0) for form in {word, one(word), f"{one(word)}s"})
