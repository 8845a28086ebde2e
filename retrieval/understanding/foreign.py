"""Spanish, German and French words in a shop whose texts have none of them, put in English."""

from collections.abc import Iterator, Sequence
from functools import cache

from retrieval.understanding.toml_lists import word_lists
from retrieval.understanding.typos import is_english
from retrieval.vocabulary import Vocabulary
from retrieval.words import fold, plain_words

_LANGUAGES = ("es", "de", "fr")
# Longest first; the words in the lists are singular.
_ENDINGS = {"es": ("es", "s"), "de": ("en", "er", "es", "em", "n", "e", "s"), "fr": ("s", "x")}
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_LINKS = ("", "s", "n", "en")
_LONGEST_PHRASE = 5
_SHORTEST_PART = 3
# Shorter ones ("the" for thé, "hut") are too often something else to tell a language.
_SHORTEST_TELLING = 4
_WITHOUT = "without"


def in_english(text: str, vocabulary: Vocabulary) -> str:
    """Return the text with words of another language in English, where they are no words of the shop's, else as it is.

    A word that the shop's texts hold, or that is English, proves nothing; one that they don't, and a list has, tells
    the language of the whole text. Qualities come before the thing, as in English; unknown words stay.
    """
    words = plain_words(text)
    telling_words = (word for word in words if len(word) >= _SHORTEST_TELLING and not is_english(word))
    strange = [word for word in telling_words if not vocabulary.knows(word)]
    telling = [name for name in _LANGUAGES if any(_find(word, name) for word in strange)]
    if not telling:
        return text
    return " ".join(_translated(words, max(telling, key=lambda name: sum(_is_of(word, name) for word in words))))


def _is_of(word: str, language: str) -> bool:
    return word in word_lists("foreign")["small"][language] or _find(word, language) is not None


def _translated(words: Sequence[str], language: str) -> list[str]:
    done: list[str] = []
    qualities: list[str] = []
    things: list[str] = []
    start = 0
    while start < len(words):
        length, found = _longest(words[start:], language)
        if found is None and words[start] not in word_lists("foreign")["small"][language]:
            found = (words[start], False)
        if found and found[0] == _WITHOUT:
            # What follows is what the shopper doesn't want.
            done, qualities, things = [*done, *qualities, *things, _WITHOUT], [], []
        elif found:
            (qualities if found[1] else things).append(found[0])
        start += length
    return [*done, *qualities, *things]


def _longest(words: Sequence[str], language: str) -> tuple[int, tuple[str, bool] | None]:
    """Return how many of the first words are known as one phrase, and its English; (1, None) for none."""
    for length in range(min(len(words), _LONGEST_PHRASE), 0, -1):
        if found := _find(" ".join(words[:length]), language):
            return length, found
    return 1, None


def _find(phrase: str, language: str) -> tuple[str, bool] | None:
    """Return the phrase's English and whether it is a quality, for any of its forms, or for a German compound."""
    table = _table(language)
    for form in _forms(phrase, language):
        if form in table:
            return table[form]
    return _compound(phrase) if language == "de" else None


def _compound(word: str) -> tuple[str, bool] | None:
    table = _table("de")
    for cut in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        ends = [table[form] for form in _forms(word[cut:], "de") if form in table and not table[form][1]]
        for link in _LINKS if ends else ():
            start = word[:cut].removesuffix(link) if link else word[:cut]
            if begin := table.get(start) or table.get(f"{start}e"):
                return f"{begin[0]} {ends[0][0]}", False
    return None


def _forms(phrase: str, language: str) -> Iterator[str]:
    """Yield the phrase, and it with the endings of its first and of its last word taken off."""
    spellings = [phrase]
    if language == "de":
        plain = phrase
        for written, meant in _UMLAUTS:
            plain = plain.replace(written, meant)
        spellings.append(plain)
    for spelling in dict.fromkeys(spellings):
        yield spelling
        first, _, rest = spelling.partition(" ")
        for ending in _ENDINGS[language]:
            if len(first) - len(ending) >= _SHORTEST_PART and first.endswith(ending):
                yield f"{first.removesuffix(ending)} {rest}".strip()


@cache
def _table(language: str) -> dict[str, tuple[str, bool]]:
    """Return folded phrase → (English, whether it is a quality)."""
    lists = word_lists("foreign")
    table = dict.fromkeys(lists["without"][language], (_WITHOUT, False))
    for kind in ("qualities", "things"):
        for english, words in lists[kind].items():
            table |= {" ".join(plain_words(fold(word))): (english, kind == "qualities") for word in words[language]}
    return table
