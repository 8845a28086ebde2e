"""Words of a Chinese query that tell of the shop and not of the thing, such as '旗舰店' (flagship store)."""

import re
import tomllib
from functools import cache
from pathlib import Path

from retrieval.traditional import simplified
from retrieval.words import is_cjk

_WORDS = Path(__file__).with_name("shop_words.toml")


def without_shop_words(text: str) -> str:
    """Return the text with a space in place of each; as it is, where nothing else would be left to search for."""
    if not is_cjk(text):
        return text
    rest = _pattern().sub(" ", simplified(text))
    return rest if any(map(str.isalnum, rest)) else text


@cache
def _pattern() -> re.Pattern[str]:
    # Longest first, so that none is cut short by another.
    words = sorted(tomllib.loads(_WORDS.read_text(encoding="utf-8"))["words"], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))
