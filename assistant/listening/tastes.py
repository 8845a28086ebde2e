"""What a shopper says in the talk about their taste: "not leather, please", 我喜欢蓝色. It counts at once."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from assistant.schema import Preference
from retrieval.words import fold, is_cjk


def tastes_in(texts: Sequence[str], knows: Callable[[str], bool]) -> tuple[Preference, ...]:
    """Return what the messages say, the newest first; a later word on a subject takes the place of an earlier one.

    `knows` tells whether the shop has a word: what it has nothing of is no taste that could count.
    """
    found: dict[str, Preference] = {}
    for text in texts:
        for preference in _in_one(text, knows):
            found.pop(preference.subject, None)
            found[preference.subject] = preference
    return tuple(reversed(found.values()))


def _in_one(text: str, knows: Callable[[str], bool]) -> Iterator[Preference]:
    folded = fold(text).replace("’", "'")
    for language in ("en", "zh"):
        taken: list[tuple[int, int]] = []
        for liked in (False, True):
            for match in _pattern(language, liked).finditer(folded):
                if any(start < match.end() and match.start() < end for start, end in taken):
                    continue
                taken.append(match.span())
                if subject := _subject(folded[match.end() :], language, knows):
                    yield Preference(subject=subject, liked=liked)


def _subject(rest: str, language: str, knows: Callable[[str], bool]) -> str | None:
    """Return the words behind a marker that the shop has, as many as go together."""
    words = _words()[language]
    if language == "zh":
        end = re.search("|".join(map(re.escape, words["ends"])), rest)
        what = rest[: end.start()] if end else rest
        return what if 0 < len(what) <= words["longest"] and is_cjk(what) and knows(what) else None
    clause = re.split(r"[,.;!?，。！？:()]", rest, maxsplit=1)[0].split()
    while clause and clause[0] in words["fillers"]:
        clause.pop(0)
    kept: list[str] = []
    for word in clause[: words["longest"]]:
        if word in words["ends"] or not knows(" ".join([*kept, word])):
            break
        kept.append(word)
    return " ".join(kept) or None


@cache
def _pattern(language: str, liked: bool) -> re.Pattern[str]:
    markers = "|".join(f"(?:{marker})" for marker in _words()[language]["like" if liked else "dislike"])
    return re.compile(rf"(?<![a-z'])(?:{markers})\s+" if language == "en" else markers)


@cache
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files("assistant.listening").joinpath("tastes.toml").read_text(encoding="utf-8"))
