"""What a shopper doesn't want, and whether a product has it."""

import re
from functools import cache
from typing import NamedTuple

from retrieval.schema import Product
from retrieval.understanding.facets import colours_in, spellings_of
from retrieval.understanding.toml_lists import word_lists
from retrieval.vocabulary import Vocabulary
from retrieval.words import fold, is_cjk, plain_words, stem


class NegationReading(NamedTuple):
    """The rest of the query, and what is not wanted."""

    rest: str
    excluded: tuple[str, ...]


def read_negations(text: str, vocabulary: Vocabulary) -> NegationReading:
    """Take "without lactose", "not black" and 不要黑色 out of a folded text.

    What the shop has no word for stays in the text: nothing could be excluded by it.
    """
    rest, excluded = _chinese(text, vocabulary) if is_cjk(text) else (text, [])
    rest, more = _english(rest, vocabulary)
    found = tuple(dict.fromkeys([*excluded, *more]))
    # A query of nothing but exclusions has nothing to look for.
    return NegationReading(rest, found) if plain_words(rest) else NegationReading(text, ())


def has_excluded(product: Product, excluded: tuple[str, ...]) -> bool:
    """Tell whether the product has one of the excluded things, by its titles and attributes.

    A text that denies it ("lactose-free", "no lactose", 不含乳糖) isn't having it.
    """
    return any(_has(product, phrase) for phrase in excluded)


def _english(text: str, vocabulary: Vocabulary) -> tuple[str, list[str]]:
    excluded: list[str] = []
    for match in reversed(list(_marker().finditer(text))):
        phrases, end = _objects(text, match.end(), vocabulary)
        rest = f"{text[: match.start()].rstrip(' ,')} {text[end:]}"
        # "A tool case without tools" is a case for tools all the same.
        phrases = [phrase for phrase in phrases if not _says_latin(rest, phrase)]
        as_in_titles = _in_titles(match, text, vocabulary)
        if not phrases or (match["weak"] and (any(as_in_titles) or not _is_plain(match["weak"], phrases, rest))):
            continue
        excluded = phrases + excluded
        # Where titles say it with these words they are the best search for it.
        text = text if all(as_in_titles) else rest
    return " ".join(text.split()), excluded


def _objects(text: str, start: int, vocabulary: Vocabulary) -> tuple[list[str], int]:
    """Return the phrases after a marker ("nuts or soy" are two) and where they end; words go together as in titles."""
    words = word_lists("negation")["english"]
    phrases: list[list[str]] = [[]]
    end = start
    for match in re.finditer(r"\s*([^\s,.;!?，。]+)(\s*[,.;!?，。])?", text[start:]):
        word = match[1].strip("\"'()“”")
        if word in words["joints"] and phrases[-1]:
            phrases.append([])
            continue
        together = not phrases[-1] or f"{phrases[-1][-1]} {word}" in vocabulary.pairs
        if word in words["stops"] or len(phrases[-1]) >= words["longest"] or not together or not vocabulary.knows(word):
            break
        phrases[-1].append(word)
        end = start + match.end()
        if match[2]:
            break
    return [" ".join(phrase) for phrase in phrases if phrase], end


def _is_plain(marker: str, phrases: list[str], rest: str) -> bool:
    # "Art not war" is a saying; "jacket not black" and "rain jacket not leather" are wishes.
    return marker != "not" or len(plain_words(rest)) > 1 or all(len(spellings_of(phrase)) > 1 for phrase in phrases)


def _in_titles(marker: re.Match[str], text: str, vocabulary: Vocabulary) -> tuple[bool, bool]:
    """Tell whether titles hold the marker after the word before it, and before the word after it."""
    said = plain_words(marker[0])
    before, after = plain_words(text[: marker.start()])[-1:], plain_words(text[marker.end() :])[:1]
    first, last = (f"{a} {b}" in vocabulary.pairs for a, b in (("".join(before), said[0]), (said[-1], "".join(after))))
    return first, last


def _chinese(text: str, vocabulary: Vocabulary) -> tuple[str, list[str]]:
    lists = word_lists("negation")["chinese"]
    stops = "|".join(map(re.escape, lists["stops"]))
    pattern = re.compile(rf"(?:{'|'.join(lists['markers'])})(?P<what>.+?)(?P<stop>{stops}|$)")
    excluded: list[str] = []
    for match in reversed(list(pattern.finditer(text))):
        what, end = match["what"], match.end()
        colour = max((name for name in colours_in(what, vocabulary) if what.startswith(name)), key=len, default="")
        if colour:
            end = match.start("what") + len(colour)
            what, end = colour, end + (text[end : end + 1] == "的")
        if len(what) <= lists["longest"] and (colour or vocabulary.knows(what)):
            excluded.insert(0, what)
            text = f"{text[: match.start()]} {text[end:]}"
    return " ".join(text.split()).strip(" ,，、"), excluded


@cache
def _marker() -> re.Pattern[str]:
    lists = word_lists("negation")["english"]
    strong, weak = ("|".join(map(re.escape, sorted(lists[name], key=len, reverse=True))) for name in ("strong", "weak"))
    fillers = "|".join(sorted(lists["fillers"], key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{strong}|(?P<weak>{weak}))[\s-]+(?:(?:{fillers})\s+)*(?=[^\W\d])")


def _has(product: Product, phrase: str) -> bool:
    titles = [texts.title for texts in product.texts.values()]
    tables = [product.attributes, *(texts.attributes for texts in product.texts.values())]
    if product.variants:
        # What only some variants have, the others are without.
        tables.append(dict.fromkeys(set.intersection(*(set(each.options.values()) for each in product.variants)), ""))
    spellings = spellings_of(phrase)
    return any(_says(title, spelling) for title in titles for spelling in spellings) or any(
        _attribute_says(name, value, spelling)
        for table in tables
        for name, value in table.items()
        for spelling in spellings
    )


def _attribute_says(name: str, value: str, phrase: str) -> bool:
    denied = fold(value).strip() in word_lists("negation")["text"]["denials"]
    return _says(value, phrase) or (not denied and _says(name, phrase))


def _says(text: str, phrase: str) -> bool:
    return _says_chinese(fold(text), fold(phrase)) if is_cjk(phrase) else _says_latin(text, phrase)


def _says_latin(text: str, phrase: str) -> bool:
    words, wanted = plain_words(text), [stem(word) for word in plain_words(phrase)]
    stems = [stem(word) for word in words]
    lists = word_lists("negation")["text"]
    for start in range(len(words) - len(wanted) + 1):
        if stems[start : start + len(wanted)] != wanted:
            continue
        before, after = words[max(0, start - 2) : start], words[start + len(wanted) : start + len(wanted) + 1]
        if not set(before) & {*lists["before"], *lists["stand_ins"]} and not set(after) & set(lists["after"]):
            return True
    return False


def _says_chinese(text: str, phrase: str) -> bool:
    before = tuple(word_lists("negation")["text"]["chinese_before"])
    return any(not text[: match.start()].endswith(before) for match in re.finditer(re.escape(phrase), text))
