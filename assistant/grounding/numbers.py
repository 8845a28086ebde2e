"""Numbers in a text, in digits and in words, with what they count: money, a unit, or nothing named."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from assistant.grounding.text import fold
from assistant.grounding.words import Unit, Words, load_words

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {word: i for i, word in enumerate(_ONES)} | {word: 10 * i for i, word in enumerate(_TENS, 2)} | {"dozen": 12}
_SCALES = {"hundred": 100, "thousand": 1000}
_WORD = "|".join(sorted(_VALUES, key=len, reverse=True))
_SPELT = (
    rf"(?<![a-z])(?:(?:{_WORD}|a(?=\s+(?:hundred|thousand|dozen)))(?:(?:(?:(?<=hundred)"
    rf"|(?<=thousand)) and)?[ -](?:{_WORD}|hundred|thousand)(?![a-z]))*)(?![a-z])"
)
_HANZI = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_HANZI_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_CHINESE = r"(?<!第)[零一二两三四五六七八九十百千万]+(?![一-鿿]*(?:一样|一起))"
_DIGITS = r"(?<![\d.])(?<!\d,)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?![\d])"
_NUMBER = re.compile(rf"(?P<digits>{_DIGITS})|(?P<spelt>{_SPELT})|(?P<chinese>{_CHINESE})")
_RANGE = re.compile(r"\s*(?:-|~|—|to|and|or|至|到|x|×|,)\s*(?:us\$|ca\$|[$€£¥₹₩])?\s*")


@dataclass(frozen=True)
class Quantity:
    """A number in a text. `unit` is a measure, `currency` an ISO code, 'cents' already turned into whole money."""

    value: Decimal
    start: int
    end: int
    digits: bool
    unit: Unit | None = None
    currency: str | None = None
    edge: str | None = None

    @property
    def base(self) -> Decimal:
        """The value in the base of the unit's dimension."""
        return self.value * self.unit.factor if self.unit else self.value


@lru_cache(maxsize=4096)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a folded text, from left to right; the ends of a range share their unit."""
    found = [_read(text, match) for match in _NUMBER.finditer(text)]
    kept = [quantity for quantity in found if quantity is not None]
    return tuple(_share_units(text, kept))


@lru_cache(maxsize=4096)
def measures(text: str) -> frozenset[tuple[str, Decimal]]:
    """Return the measures of any text as (dimension, value in its base)."""
    return frozenset((q.unit.dimension, q.base) for q in quantities(fold(text)) if q.unit)


@lru_cache(maxsize=4096)
def values(text: str) -> frozenset[Decimal]:
    """Return the bare numbers of any text."""
    return frozenset(quantity.value for quantity in quantities(fold(text)))


@lru_cache(maxsize=4096)
def amounts(text: str) -> frozenset[tuple[Decimal, str]]:
    """Return the amounts of money in any text, as (amount, currency)."""
    return frozenset((q.value, q.currency) for q in quantities(fold(text)) if q.currency)


def _read(text: str, match: re.Match[str]) -> Quantity | None:
    words = load_words()
    value = _value(match)
    if value is None:
        return None
    end = match.end()
    digits = match.lastgroup == "digits"
    if digits and value < 1000 and end < len(text) and text[end] == "k" and not text[end + 1 : end + 2].isalnum():
        value, end = value * 1000, end + 1
    quantity = Quantity(value, match.start(), end, digits)
    currency = _currency_before(text, match.start(), words)
    if currency:
        return replace(quantity, currency=currency[0], start=currency[1])
    return _with_suffix(text, quantity, words)


def _value(match: re.Match[str]) -> Decimal | None:
    if match.lastgroup == "digits":
        return Decimal(match.group().replace(",", ""))
    if match.lastgroup == "spelt":
        return Decimal(_spelt(match.group()))
    return Decimal(_chinese(match.group()))


def _spelt(text: str) -> int:
    total, current = 0, 0
    for word in re.split(r"[\s-]+", text):
        if word in _SCALES:
            current = max(current, 1) * _SCALES[word]
            if word == "thousand":
                total, current = total + current, 0
        elif word == "dozen":
            current = max(current, 1) * 12
        else:
            current += _VALUES.get(word, 0)
    return total + current


def _chinese(text: str) -> int:
    if not any(sign in _HANZI_SCALES for sign in text):
        return int("".join(str(_HANZI[sign]) for sign in text))
    total, section, digit = 0, 0, 0
    for sign in text:
        if sign in _HANZI:
            digit = _HANZI[sign]
        elif sign == "万":
            total, section, digit = (total + section + digit) * 10000, 0, 0
        else:
            section, digit = section + max(digit, 1) * _HANZI_SCALES[sign], 0
    return total + section + digit


_SYMBOLS_BEFORE = re.compile(
    r"(us\$|ca\$|c\$|au\$|a\$|[$€£¥₹₩]|(?<![a-z])(?:usd|eur|gbp|cny|rmb|jpy|cad|aud|chf|krw|inr))\s*$"
)


def _currency_before(text: str, start: int, words: Words) -> tuple[str, int] | None:
    window = text[max(0, start - 5) : start]
    match = _SYMBOLS_BEFORE.search(window)
    if match is None:
        return None
    return words.currencies[match.group(1)], start - len(window) + match.start()


def _with_suffix(text: str, quantity: Quantity, words: Words) -> Quantity:
    rest = text[quantity.end : quantity.end + 26]
    gap = len(rest) - len(rest.lstrip(" -"))
    if gap > 2 or (gap == 2 and rest[:2] != "- "):
        return quantity
    rest = rest[gap:]
    for length in range(min(len(rest), 17), 0, -1):
        form = rest[:length]
        if _cuts_a_word(form, rest[length : length + 1]):
            continue
        key = form.replace("-", " ")
        if form[-1] in "$€£¥₹₩" and rest[length : length + 1].isdigit():
            continue
        if key in words.currencies and not (key == "元" and rest[1:2] == "素"):
            return replace(quantity, currency=words.currencies[key], end=quantity.end + gap + length)
        if key in ("cent", "cents", "美分"):
            return replace(quantity, value=quantity.value / 100, currency="USD", end=quantity.end + gap + length)
        if key == "in" and not re.match(r"\s*(?:$|[),;|x×])", rest[length:]):
            continue
        if key in words.units:
            end = quantity.end + gap + length
            # '一岁半', '两年半'
            half = text[end : end + 1] == "半"
            value = quantity.value + Decimal("0.5") if half else quantity.value
            return replace(quantity, value=value, unit=words.units[key], end=end + half)
    return quantity


def _cuts_a_word(form: str, following: str) -> bool:
    return form[-1].isascii() and form[-1].isalnum() and following.isascii() and following.isalnum()


def _share_units(text: str, found: list[Quantity]) -> list[Quantity]:
    for index in range(len(found) - 2, -1, -1):
        left, right = found[index], found[index + 1]
        between = text[left.end : right.start]
        if between.strip(" $€£¥") in ("x", "×") and right.currency:
            continue
        if not _RANGE.fullmatch(between) or ("," in between and left.digits != right.digits):
            continue  # 'of the four, 114 mm'
        listed = between.strip(" $€£¥") in (",", "or") or (
            between.strip(" $€£¥") == "and" and "between" not in text[: left.start]
        )
        if left.unit is None and left.currency is None:
            found[index] = left = replace(left, unit=right.unit, currency=right.currency)
        elif left.currency and right.currency is None and right.unit is None and not listed:
            found[index + 1] = right = replace(right, currency=left.currency)
        if not listed and between.strip() not in ("x", "×"):
            found[index], found[index + 1] = replace(left, edge="low"), replace(right, edge="high")
    return found
