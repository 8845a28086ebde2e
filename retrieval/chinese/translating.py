"""A Chinese query in English, for a shop whose products are described in both."""

import re
from collections.abc import Iterator

from retrieval.chinese.glosses import glosses
from retrieval.chinese.segmenting import chinese_words, tag_of
from retrieval.vocabulary import Vocabulary
from retrieval.words import is_chinese, is_cjk, mostly_latin, one, plain_words, stem

# Later meanings lead astray: 行李箱 is a suitcase, and at last a car's boot, which a shop of boots would take it for.
_MOST_GLOSSES = 3
# By jieba's tags: what one asks with, such as 有没有, 想买 and 一款.
_ASKING = frozenset("vmq")
# A kind is named in two characters, and is one of the shop's where so many products are called so.
_KIND_LENGTH, _COMMON_KIND = 2, 5
_SET = re.compile("[一二两三四五六七八九十]+件套?")


def english_of(text: str, vocabulary: Vocabulary) -> str:
    """Return a Chinese text in the English that the shop uses; '' where it isn't Chinese or the shop has no English.

    A word's meaning is what the shop's own texts say; else the dictionary's, the one whose words the shop has most of;
    else that of its parts.
    """
    if not vocabulary.translations or not is_chinese(text):
        return ""
    *others, head = _naming(text, vocabulary)
    words = [meant for word in others for meant in _meaning(word, vocabulary)]
    kind = _kind_of(head, vocabulary)
    # A character alone has many meanings: the one that the shop sells is meant.
    words += kind if kind and len(head) == 1 else (*_meaning(head, vocabulary, whole=True), *kind)
    told = " ".join(dict.fromkeys(words))
    return told if mostly_latin(told) else ""


def _naming(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the words that name something: of 'have you got a sunscreen' the sunscreen.

    A verb, a number or a measure word is left out unless the shop's own texts say what it is: 跑步, running.
    """
    *others, head = chinese_words(text) or [""]
    named = [word for word in others if not is_cjk(word) or word in vocabulary.translations or not _asks(word)]
    return [*named, head]


def _asks(word: str) -> bool:
    return tag_of(word)[:1] in _ASKING


def same_meaning(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the shop's other Chinese words for a word of the text: 砧板 for 菜板, both being a cutting board."""
    if not vocabulary.translations or not is_chinese(text):
        return
    for word in chinese_words(text):
        meanings = [vocabulary.translations[word]] if word in vocabulary.translations else []
        meanings += [tuple(plain_words(gloss)) for gloss in glosses(word)[:_MOST_GLOSSES]]
        for meaning in meanings:
            found = vocabulary.by_meaning.get(_stems(meaning), ())
            # A character alone is part of too many words.
            yield from (other for other in found if other != word and len(other) > 1)


def _meaning(word: str, vocabulary: Vocabulary, whole: bool = False) -> list[str]:
    """Return a word's meaning; of one that is known by its parts only, the last counts alone where it is `whole`."""
    if not is_cjk(word):
        return [word]
    if word in vocabulary.translations:
        return list(vocabulary.translations[word])
    if _SET.fullmatch(word):
        return ["set"]
    if found := glosses(word)[:_MOST_GLOSSES]:
        meant = plain_words(max(found, key=lambda gloss: _likeness(gloss, vocabulary)))
        return [*meant, *_end_of(word, vocabulary)]
    parts = list(_parts(word, vocabulary))
    # A woman's, a man's, of this kind: the ending of a quality says nothing by itself.
    if not whole and len(parts) > 1 and len(parts[-1]) == 1:
        parts.pop()
    return [meant for part in parts for meant in _meaning(part, vocabulary)]


def _kind_of(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return what the shop calls most of what ends in a thing's last character: 登山包 is a 背包, a backpack."""
    named = word in vocabulary.translations or _SET.fullmatch(word) or (len(word) > 1 and glosses(word))
    if named or not is_cjk(word):
        return ()
    alike = [name for name in vocabulary.translations if len(name) == _KIND_LENGTH and name[-1] == word[-1]]
    common = max(alike, key=lambda name: vocabulary.words.get(name, 0), default="")
    return vocabulary.translations[common] if vocabulary.words.get(common, 0) >= _COMMON_KIND else ()


def _likeness(gloss: str, vocabulary: Vocabulary) -> tuple[bool, float]:
    """Return how much like the shop's own words it is: whether it ends in one of its kinds, and the share it knows."""
    words = plain_words(gloss)
    known = sum(stem(word) in vocabulary.stems or one(word) in vocabulary.head_words for word in words)
    return one(words[-1]) in vocabulary.kind_heads, known / len(words)


def _end_of(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return what the shop calls the end of a long word: the novel in "whodunit", 推理小说."""
    ends = (word[start:] for start in range(1, len(word) - 1))
    return next((vocabulary.translations[end] for end in ends if end in vocabulary.translations), ())


def _parts(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the longest parts of a word that have a meaning, from the left; a character without one is left out."""
    start = 0
    while start < len(word):
        ends = range(len(word) if start else len(word) - 1, start, -1)
        known = (end for end in ends if word[start:end] in vocabulary.translations or glosses(word[start:end]))
        end = next(known, start)
        if end > start:
            yield word[start:end]
        start = max(end, start + 1)


def _stems(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stem(one(word)) for word in words)
