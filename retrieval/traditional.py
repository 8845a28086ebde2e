"""Traditional Chinese characters read as the simplified ones, so that a shopper and a shop may write either."""

from functools import cache

from opencc import OpenCC

# The Han characters in use, with extension A; rarer ones have no simplified form that a shop writes.
_HAN = (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))


def simplified(text: str) -> str:
    """Return the text, as long as before, with a simplified character for each traditional one.

    Character by character, so '乾' is '干' even where it should stay: two texts that go through it meet all the same.
    """
    return text.translate(_table())


@cache
def _table() -> dict[int, str]:
    characters = [chr(code) for code in _HAN]
    # A line each keeps them apart: as neighbours, some would be taken for a phrase.
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, converted, strict=True)
    return {ord(old): new for old, new in pairs if old != new and len(new) == 1}
