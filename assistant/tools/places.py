"""Places in a list that a message points at: 'the second one', 第二个, 'el segundo', 'the last two', 'the cheaper one'.

A word points only where it stands like a noun: 'the second one' does; 'the second week' and 'how long does it last'
don't. The words are in places.toml, the ordinals in ordinals.py, what a product may lead in in grounding/leading.py.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from assistant.grounding.leading import COMPARISONS, SUPERLATIVES, Measure
from assistant.grounding.text import fold as same_length
from assistant.grounding.words import load_words
from assistant.schema import Product
from assistant.tools.ordinals import CHINESE, ordinal_of
from retrieval.understanding.numerals import read_number
from retrieval.words import fold, plain_words

_TOKEN = re.compile(r"#?[\w']+|[^\w\s']")
_SHORT = 4
"""Words of a message that may begin with a bare ordinal: 'second one please', but not 'First, show me …'."""


def pointed_out(message: str, products: Sequence[Product]) -> tuple[Product, ...]:
    """Return the products of a list that the message points at: by their places, else the one that leads alone."""
    places = places_in(message, len(products), lambda place: _kinds(products[place]))
    if places:
        return tuple(products[place] for place in places)
    leader = _leader(message, products)
    return (leader,) if leader else ()


def places_in(
    message: str, count: int, kinds: Callable[[int], frozenset[str]] = lambda place: frozenset()
) -> tuple[int, ...]:
    """Return the places (from 0) in a list of `count` things that the message points at, in its order.

    `kinds` gives the words by which the thing at a place may be called. Places that the list hasn't, and those that the
    message rules out ('not the first one'), are left out.
    """
    text = fold(message)
    found = (*_spelled(_TOKEN.findall(text), count, kinds), *_chinese(text, count))
    return tuple(dict.fromkeys(place for place in found if 0 <= place < count))


def names_last(message: str) -> bool:
    """Tell whether the message speaks of something last: 'my last one', 最后一个, 上一个."""
    text = fold(message)
    spelled = any(word in _words("last") for word in _TOKEN.findall(text))
    return spelled or any(word in text for word in _words("chinese")["last"])


def _spelled(words: Sequence[str], count: int, kinds: Callable[[int], frozenset[str]]) -> Iterator[int]:
    """Yield the places in a message of a language with spaces."""
    if len(words) == 1 and re.fullmatch(r"#?[1-9]", words[0]):
        yield int(words[0].lstrip("#")) - 1
    for position, word in enumerate(words):
        before, after = words[:position], words[position + 1 :]
        if re.fullmatch(r"#[1-9]", word) or (word.isdigit() and before and before[-1] in _words("numbered")):
            yield int(word.lstrip("#")) - 1
            continue
        ordinal = ordinal_of(word)
        is_last = word in _words("last")
        if ordinal is None and not is_last:
            continue
        determined = bool(before) and before[-1] in _words("determiner")
        if not (determined or (before and before[-1] in _words("link")) or (not before and len(words) <= _SHORT)):
            continue
        if determined and len(before) > 1 and before[-2] in _words("not"):
            continue
        place = count - 1 if is_last else (ordinal or 0) - 1
        many = next((number for number, name in ((2, "two"), (3, "three")) if after and after[0] in _words(name)), 0)
        if many and (is_last or ordinal == 1):
            yield from range(count - many, count) if is_last else range(many)
        elif _stands_alone(after) or (0 <= place < count and after[0] in kinds(place)):
            yield place


def _stands_alone(after: Sequence[str]) -> bool:
    """Tell whether what follows a word leaves it a noun of its own: nothing, 'one', 'and', a sign."""
    return not after or not after[0][0].isalnum() or after[0] in _words("noun") | _words("after")


def _chinese(text: str, count: int) -> Iterator[int]:
    for match in _chinese_place().finditer(text):
        if text[: match.start()].endswith(tuple(_words("chinese")["not"])):
            continue
        if match["several"]:
            many = int(read_number(match["several"]))
            yield from range(many) if match["side"] == "前" else range(count - many, count)
        elif match["ordinal"]:
            number = int(read_number(match["ordinal"]))
            yield count - number if match["from_end"] else number - 1
        else:
            yield count - 1


def _leader(message: str, products: Sequence[Product]) -> Product | None:
    """Return the product that 'the cheapest one' is; of two or more 'the cheaper one', too."""
    text = same_length(message)
    for key, measure, sign in (*SUPERLATIVES, *COMPARISONS):
        for match in load_words().pattern[key].finditer(text):
            if len(products) > 1 and _is_definite(text, match):
                return _first_of(products, measure, sign)
    return None


def _is_definite(text: str, match: re.Match[str]) -> bool:
    """Tell whether one thing is spoken of, 'the cheaper one' or 便宜的那个, and not a wish for others: 'cheaper?'."""
    if not match[0].isascii():
        return match[0].startswith("最") or re.match(r"[一点些]*的?[那这](?!么)", text[match.end() :]) is not None
    before = _TOKEN.findall(fold(text[: match.start()]))
    ruled_out = len(before) > 1 and before[-2] in _words("not")
    determined = bool(before) and before[-1] in _words("determiner")
    return determined and not ruled_out and _stands_alone(_TOKEN.findall(fold(text[match.end() :])))


def _first_of(products: Sequence[Product], measure: Measure, sign: int) -> Product | None:
    """Return the product that leads alone."""
    known = [(value * sign, product) for product in products if (value := measure(product)) is not None]
    best = max((value for value, _ in known), default=None)
    leading = [product for value, product in known if value == best]
    return leading[0] if len(leading) == 1 else None


def _kinds(product: Product) -> frozenset[str]:
    """Return the words by which a product may be called: 'the second tent', 'the third boots'."""
    names = [text for texts in product.texts.values() for text in (texts.short_name, texts.title)]
    words = plain_words(" ".join([*names, product.category or "", product.department or ""]))
    return frozenset([*words, *(word.removesuffix("s") for word in words)])


@cache
def _chinese_place() -> re.Pattern[str]:
    noun = _words("chinese")["measure"]
    return re.compile(
        rf"(?P<from_end>倒数)?{CHINESE}(?:[{noun}]|(?=$|[,.!?;。、和跟与]))"
        rf"|最后[一那]?[{noun}]|(?P<side>[前后])(?P<several>[两二三四2-9])[{noun}]"
    )


@cache
def _words(kind: str) -> Any:
    text = resources.files("assistant.tools").joinpath("places.toml").read_text(encoding="utf-8")
    words = tomllib.loads(text)[kind]
    return words if isinstance(words, dict) else frozenset(fold(word) for word in words)
