"""Further words for what is meant: kinds under an umbrella word, synonyms, and kinds by the shop's own paths."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from retrieval.chinese.segmenting import chinese_words
from retrieval.chinese.translating import same_meaning
from retrieval.ranking.query_words import head_place
from retrieval.understanding.toml_lists import word_lists
from retrieval.vocabulary import Vocabulary
from retrieval.words import is_cjk, one, plain_words, stem

_KIND_WEIGHT = 0.3
_SYNONYM_WEIGHT = 0.5
_PATH_WEIGHT = 0.2
_COMPOUND_WEIGHT = 0.5
# A word with so many more beside it isn't the umbrella of the query: "shoe rack for the garage door" wants no boots.
_MOST_OTHER_WORDS = 1
_MOST_PATH_KINDS = 12
_LONGEST_PHRASE = 7
_MOST_TELLING_CATEGORIES = 300
# A word of so many products is the shop's own: synonyms for those too bring worse products before them (0.02 nDCG@10
# on the chorus queries).
_COMMON = 3


def expand(text: str, vocabulary: Vocabulary) -> tuple[tuple[str, float], ...]:
    """Return further words for a folded text with their weights; only words that some product has."""
    found: dict[str, float] = {}
    for word, weight in _related(text, vocabulary):
        if vocabulary.knows(word):
            found[word] = max(found.get(word, 0.0), weight)
    return tuple(found.items())


def is_vague(text: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a folded text names no thing that the shop could lack.

    "A gift for dad" doesn't, nor does "warm clothes for winter" where the shop has a category of clothes, nor "a
    warm blanket" where it has throw blankets.
    """
    general = [_key(word) for word in word_lists("umbrella")["vague"]["words"]]
    if is_cjk(text):
        return any(key.replace(" ", "") in text for key in general if is_cjk(key))
    words = plain_words(text)
    told = f" {' '.join(map(one, words))} "
    if any(f" {key} " in told for key in general):
        return True
    head = one(words[head_place([stem(word) for word in words])]) if words else ""
    kinds = vocabulary.kind_heads
    # In a taxonomy of a thousand places nearly every word ends the name of one, and proves nothing.
    if head in kinds and len(vocabulary.category_words) <= _MOST_TELLING_CATEGORIES:
        return True
    return any(
        key.split()[-1:] == [head] and f" {key} " in told and any(_key(kind).split()[-1] in kinds for kind in covered)
        for key, covered in _umbrellas().items()
    )


def _related(text: str, vocabulary: Vocabulary) -> Iterator[tuple[str, float]]:
    words = plain_words(text)
    singular = [one(word) for word in words]
    for word in chinese_words(text) if vocabulary.meanings else ():
        yield from ((other, _SYNONYM_WEIGHT) for other in vocabulary.meanings.get(one(word), ()))
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST_PHRASE) + 1):
            key = " ".join(singular[start:end])
            # The last words name the thing: "computer fan" is no computer.
            if end == len(words) and start <= _MOST_OTHER_WORDS:
                yield from ((kind, _KIND_WEIGHT) for kind in _umbrellas().get(key, ()))
                yield from ((kind, _PATH_WEIGHT) for kind in vocabulary.kinds_below(key)[:_MOST_PATH_KINDS])
            if not _is_common(words[start:end], vocabulary):
                yield from ((other, _SYNONYM_WEIGHT) for other in _synonyms().get(key, ()))
    if is_cjk(text):
        yield from _chinese(text, vocabulary)
    else:
        yield from ((other, _COMPOUND_WEIGHT) for other in _compounds(words, vocabulary))


def _chinese(text: str, vocabulary: Vocabulary) -> Iterator[tuple[str, float]]:
    bare = "".join(plain_words(text))
    for word, kinds in _umbrellas().items():
        if is_cjk(word) and (joined := word.replace(" ", "")) in bare and len(bare) - len(joined) <= 2:
            yield from ((kind, _KIND_WEIGHT) for kind in kinds)
    for word, others in _synonyms().items():
        if is_cjk(word) and word.replace(" ", "") in bare and not _is_common(list(word.split()), vocabulary):
            yield from ((other, _SYNONYM_WEIGHT) for other in others)
    yield from ((other, _SYNONYM_WEIGHT) for other in same_meaning(text, vocabulary))


def _compounds(words: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    """Yield 'headset' for 'head set' and 'lunch box' for 'lunchbox', where titles write them so."""
    for first, second in pairwise(words):
        if first.isalpha() and second.isalpha() and len(first + second) >= 6:
            joined = first + second
            if f"{first} {second}" not in vocabulary.pairs and joined in vocabulary.head_words:
                yield joined
    for word in words:
        if len(word) >= 7 and word.isalpha() and not _is_common([word], vocabulary):
            cuts = (f"{word[:cut]} {word[cut:]}" for cut in range(3, len(word) - 2))
            yield from (cut for cut in cuts if cut in vocabulary.pairs)


def _is_common(words: list[str], vocabulary: Vocabulary) -> bool:
    """Tell whether enough of the shop's products use these words."""
    if len(words) > 1 and not is_cjk(words[0]):
        counts = [vocabulary.pairs.get(f"{first} {second}", 0) for first, second in pairwise(words)]
    elif is_cjk(words[0]):
        counts = [vocabulary.words.get(first + second, 0) for first, second in pairwise(words)]
    else:
        counts = [sum(vocabulary.words.get(form, 0) for form in {words[0], one(words[0]), f"{words[0]}s"})]
    return min(counts, default=0) >= _COMMON


@cache
def _umbrellas() -> dict[str, tuple[str, ...]]:
    return {
        _key(word): tuple(group["kinds"]) for group in word_lists("umbrella")["umbrella"] for word in group["words"]
    }


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for group in word_lists("umbrella")["synonyms"]["groups"]:
        for word in group:
            table[_key(word)] = (*table.get(_key(word), ()), *(other for other in group if other != word))
    return table


def _key(phrase: str) -> str:
    return " ".join(one(word) for word in plain_words(phrase))
