"""How a rule's words are compared with a shopper's: folded and stemmed, in any script."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from retrieval.words import plain_words, terms


def same_words(rule: str, text: str, within: bool = False) -> bool:
    """Tell whether a text has the words of a rule, in any order: exactly these, or `within` others."""
    wanted, found = _counted(rule), _counted(text)
    return wanted <= found if within else wanted == found


def rewritten(text: str, written: str, meant: str) -> str | None:
    """Return the text, folded, with `meant` where it says `written`; None where it doesn't."""
    words, old = plain_words(text), plain_words(written)
    stems, wanted = _stems(words), _stems(old)
    # A synonym that the text has already, such as "bed" for "sofa bed", would be put in twice.
    if not wanted or _place(stems, _stems(plain_words(meant))) is not None:
        return None
    place = _place(stems, wanted)
    if place is None:
        return None
    return _join([*words[:place], *plain_words(meant), *words[place + len(old) :]])


# Rules are compared with every query, and a query with every rule.
@lru_cache(maxsize=20_000)
def _counted(text: str) -> Counter[str]:
    return Counter(terms(text))


def _stems(words: Sequence[str]) -> list[str]:
    return [(terms(word) or [word])[0] for word in words]


def _place(words: Sequence[str], wanted: Sequence[str]) -> int | None:
    places = range(len(words) - len(wanted) + 1)
    return next((place for place in places if list(words[place : place + len(wanted)]) == list(wanted)), None)


def _join(words: Sequence[str]) -> str:
    """Put words into a line, CJK characters, which are words of their own, without spaces between them."""
    return words[0] + "".join(
        word if _is_cjk(before) and _is_cjk(word) else f" {word}" for before, word in pairwise(words)
    )


def _is_cjk(word: str) -> bool:
    return len(word) == 1 and word >= "\u3040"
