"""The words that claim nothing and the families of words that mean nearly the same, read once from `coverage.toml`."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import Stemmer

from assistant.grounding.words import compile_forms

_WORD = re.compile(r"[a-z]+")
_COMPARED = re.compile(r"([a-z]{3,})(?:er|est)")
_STEMMER = Stemmer.Stemmer("english")


@dataclass(frozen=True, eq=False)
class PlainWords:
    """`english` holds stems, `chinese` finds words; a family is the set of stems (or words) that cover one another."""

    english: frozenset[str]
    chinese: re.Pattern[str]
    order_english: frozenset[str]
    order_chinese: re.Pattern[str]
    policy_english: frozenset[str]
    policy_chinese: re.Pattern[str]
    chinese_signs: frozenset[str]
    handling_signs: frozenset[str]
    families: dict[str, frozenset[str]]
    chinese_words: tuple[frozenset[str], ...]
    named_families: dict[str, tuple[str, ...]]
    talk_stems: frozenset[str]
    of_results: dict[str, str]

    def roots_of(self, word: str) -> tuple[str, ...]:
        """Return the stems an English word may have: its own, and that of what it compares ('widest': 'wide')."""
        return _roots_of(word)

    def family(self, root: str) -> frozenset[str]:
        """Return the stems that cover this one."""
        return self.families.get(root, frozenset())

    def chinese_families(self, known: str) -> re.Pattern[str]:
        """Return a pattern of the words that some word of `known` covers."""
        return _covering(self, known)


@cache
def load_plain_words() -> PlainWords:
    """Read and stem the tables."""
    table = tomllib.loads(files("assistant.grounding").joinpath("coverage.toml").read_text(encoding="utf-8"))
    english = {stem(word) for key in ("function", "talk") for word in re.findall(r"[a-z]+", table["en"][key])}
    chinese = {word for key in ("function", "talk") for word in table["zh"][key].split()}
    order_english = {stem(word) for word in re.findall(r"[a-z]+", table["en"]["order"])}
    families: dict[str, frozenset[str]] = {}
    for listed in table["same"].values():
        latin = frozenset(stem(word) for word in listed if word.isascii())
        for word in latin:
            families[word] = families.get(word, frozenset()) | latin
    talk = {stem(word) for key in ("function", "talk") for word in re.findall(r"[a-z]+", table["en"][key])}
    return PlainWords(
        named_families={name: tuple(listed) for name, listed in table["same"].items()},
        talk_stems=frozenset(talk),
        of_results=table["of_results"],
        english=frozenset(english),
        chinese=compile_forms(sorted(chinese)),
        order_english=frozenset(order_english),
        policy_english=frozenset(stem(word) for word in re.findall(r"[a-z]+", table["en"]["policy"])),
        policy_chinese=compile_forms(sorted({*chinese, *table["zh"]["policy"].split()})),
        chinese_signs=frozenset("".join(table["zh"]["function"] + table["zh"]["talk"])),
        handling_signs=frozenset(table["zh"]["handling"]),
        order_chinese=compile_forms(sorted({*chinese, *table["zh"]["order"].split()})),
        families=families,
        chinese_words=tuple(frozenset(listed) for listed in table["same"].values()),
    )


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the stem of an English word in lower case."""
    return str(_STEMMER.stemWord(word))


@lru_cache(maxsize=65536)
def _roots_of(word: str) -> tuple[str, ...]:
    match = _COMPARED.fullmatch(word)
    if match is None:
        return (stem(word),)
    base = match[1]
    forms = [word, base, base + "e", base[:-1] + "y" if base.endswith("i") else base]
    if word.endswith("est") and base[-1] == base[-2]:
        forms.append(base[:-1])
    return tuple(dict.fromkeys(stem(form) for form in forms))


@lru_cache(maxsize=4096)
def roots(text: str) -> frozenset[str]:
    """Return the stems of a folded text's English words."""
    return frozenset(stem(word) for word in _WORD.findall(text))


@lru_cache(maxsize=512)
def _covering(plain: PlainWords, known: str) -> re.Pattern[str]:
    words = {word for family in plain.chinese_words if any(form in known for form in family) for word in family}
    return compile_forms(sorted(word for word in words if not word.isascii() and len(word) > 1))
