"""Text as search sees it: folded words, CJK characters and bigrams, and whether a text is in Latin letters."""

import re
import threading
import unicodedata
from functools import lru_cache
from itertools import pairwise

import Stemmer

from retrieval.traditional import simplified

# Han, kana and hangul: written without spaces between words, or inflected beyond what an English stemmer can do.
_CJK = "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_UNIT = re.compile(rf"(?P<cjk>[{_CJK}]+)|\d+(?:\.\d+)+|[^\W_{_CJK}]+")
_ANY_CJK = re.compile(rf"[{_CJK}]")
# Between the halves of one name: "SUPER-B", "North_Star".
_JOINTS = ("-", "_", "\u2010", "\u2011")
_LATIN_RUN = re.compile(r"[A-Za-z0-9]{3,}")
_PART = re.compile(r"\d+|[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_POSSESSIVE = re.compile(r"['’]s\b|['’]")
_LATIN_ACCENT = re.compile("[\u0300-\u036f]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")

# A stemmer object keeps a buffer of its own, so two threads must not share a call.
_stemmer = Stemmer.Stemmer("english")
_stemmer_lock = threading.Lock()


def terms(text: str) -> list[str]:
    """Return what BM25 counts: stems of words, and for CJK every character and every pair of neighbours.

    A traditional character counts as its simplified one. A word written with a hyphen counts as its parts and as one.
    In a text with CJK, where a name is often glued to a number or to the next name, the parts of 'LF30' and of
    'RedKite' count as well.
    """
    found: list[str] = []
    folded = simplified(fold(text)) if is_cjk(text) else fold(text)
    before: re.Match[str] | None = None
    mixed = False
    for match in _UNIT.finditer(folded):
        if match["cjk"]:
            run, mixed = match["cjk"], True
            found.extend(run)
            found.extend(first + second for first, second in pairwise(run))
        else:
            found.append(stem(match[0]))
            if before and folded[before.end() : match.start()] in _JOINTS:
                found.append(stem(before[0] + match[0]))
        before = None if match["cjk"] else match
    return found + _glued(text) if mixed else found


def run_ends(text: str) -> list[str]:
    """Return a term for the end of each run of CJK characters: a noun comes last, so 耳机架 (a stand) is no 耳机."""
    runs = [run for run, cjk in word_runs(simplified(text)) if cjk] if is_cjk(text) else []
    return [f"{run[-2:]}$" for run in runs if len(run) > 1]


def shortened(text: str) -> list[str]:
    """Return terms for what a CJK name may be shortened to, its ends too: 跑步鞋 is also sold as 跑鞋."""
    runs = [run for run, cjk in word_runs(simplified(text)) if cjk] if is_cjk(text) else []
    pairs = [[first + second for first, second in zip(run, run[2:], strict=False)] for run in runs]
    return [term for found in pairs if found for term in (*found, f"{found[-1]}$")]


def plain_words(text: str) -> list[str]:
    """Return folded words, unstemmed, in order; each CJK character is a word."""
    found: list[str] = []
    for match in _UNIT.finditer(fold(text)):
        found.extend(match["cjk"] or [match[0]])
    return found


def fold(text: str) -> str:
    """Make full-width and half-width, upper and lower case, and accented Latin letters alike."""
    decomposed = unicodedata.normalize("NFKD", text)
    bare = unicodedata.normalize("NFKC", _LATIN_ACCENT.sub("", decomposed))
    return _POSSESSIVE.sub("", bare.casefold())


def word_runs(text: str) -> list[tuple[str, bool]]:
    """Return folded runs of characters in order, each with whether it is CJK; a Latin run is a word, unstemmed."""
    return [(match[0], bool(match["cjk"])) for match in _UNIT.finditer(fold(text))]


def is_cjk(text: str) -> bool:
    """Tell whether the text holds a Han, kana or hangul character."""
    return bool(_ANY_CJK.search(text))


def is_chinese(text: str) -> bool:
    """Tell whether the text holds Chinese: Han characters, and no kana or hangul beside them."""
    return bool(_HAN.search(text)) and not _KANA.search(text) and not _HANGUL.search(text)


def mostly_latin(text: str) -> bool:
    """Tell whether a model trained on English can make something of the text."""
    letters = [character for character in fold(text) if character.isalnum()]
    latin = sum(character < "\u0250" for character in letters)
    # One CJK character carries about as much as a word: "男款 T恤" is Chinese although it holds a T.
    return latin > 0 and latin >= 3 * (len(letters) - latin)


def guess_language(text: str, default: str = "en") -> str:
    """Tell Chinese, Japanese and Korean by their script; anything else is `default`."""
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    return "zh" if len(_HAN.findall(text)) >= 2 else default


def one(word: str) -> str:
    """Return a folded English noun in the singular, so that forms of one noun meet and 'gaming' doesn't meet 'game'."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the stem of a folded word."""
    with _stemmer_lock:
        return str(_stemmer.stemWord(word))


def _glued(text: str) -> list[str]:
    found: list[str] = []
    for match in _LATIN_RUN.finditer(unicodedata.normalize("NFKC", text)):
        parts = _PART.findall(match[0])
        if len(parts) > 1:
            found.extend(stem(part.casefold()) for part in parts)
    return found
