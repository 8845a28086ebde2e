"""Which language a shopper writes, as far as the assistant's own sentences need to know."""

import re

_HAN = re.compile(r"[㐀-䶿一-鿿]")
_LETTER = re.compile(r"[^\W\d_]")
# An e-mail address, a link or an order number is of no language.
_CODE = re.compile(r"[\w.+-]+@[\w.-]+|https?://[^\s，。]+|[A-Za-z]{0,3}\d[\w-]*", re.ASCII)
# A Chinese word says as much as several Latin letters, so a brand name inside a Chinese sentence must not outvote it.
_LETTERS_OF_A_HAN = 3


def language_of(text: str, fallback: str) -> str:
    """Return 'zh' for mostly Chinese text, 'en' for other letters, `fallback` for text without letters."""
    text = _CODE.sub(" ", text)
    han = len(_HAN.findall(text))
    others = len(_LETTER.findall(text)) - han
    if han * _LETTERS_OF_A_HAN > others:
        return "zh"
    return "en" if others else fallback
