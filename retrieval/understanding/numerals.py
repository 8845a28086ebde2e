"""Amounts as people write them: '1,299.50', '49,90', '2k', '1.5万', '两百五'."""

import re
from decimal import Decimal

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d{1,2})?"
_HAN_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}
NUMBER = rf"(?:{_DIGITS})(?:k(?![a-z])|[千万])?|[一二两三四五六七八九十][零〇一二两三四五六七八九十百千万]*"


def read_number(text: str) -> Decimal:
    """Return the amount that a match of `NUMBER` means."""
    if text[0] in _HAN_DIGITS or text[0] in _HAN_SCALES:
        return Decimal(_han(text))
    scale = {"k": 1000, "千": 1000, "万": 10_000}.get(text[-1], 1)
    digits = text.rstrip("k千万")
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    return Decimal(digits.replace(",", ".")) * scale


def _han(text: str) -> int:
    high, _, low = text.rpartition("万")
    total = _below_ten_thousand(high) * 10_000 if high else 0
    return total + _below_ten_thousand(low, last_scale=10_000 if high else 1)


def _below_ten_thousand(text: str, last_scale: int = 1) -> int:
    total, digit, scale, zero = 0, 0, last_scale, False
    for character in text:
        if character in _HAN_SCALES:
            scale = _HAN_SCALES[character]
            total, digit, zero = total + (digit or 1) * scale, 0, False
        else:
            digit, zero = _HAN_DIGITS[character], zero or _HAN_DIGITS[character] == 0
    # 两百五 is 250: a last digit counts tenths of the scale before it.
    return total + digit * (scale // 10 if scale > 1 and not zero and digit else 1)
