"""Measures in a text, written one way: '1 litre', '1000 ml' and '1L' are the same quantity."""

import re
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path

from pydantic import BaseModel

_UNITS = Path(__file__).with_name("units.toml")
_FRACTION = re.compile(r"(?:(\d+)[ -])?(\d{1,2})\s?[/\u2044]\s?(\d{1,2})")
# Amounts beyond this are article numbers, not measures.
_LARGEST = Decimal(10) ** 7


class Quantity(BaseModel):
    """One measure: its value in the base unit of its family, and where it stands in the text."""

    value: Decimal
    base: str
    spelling: str
    start: int
    end: int

    @property
    def token(self) -> str:
        """The same for every spelling of the same quantity, such as '1000ml'."""
        return f"{_plain(self.value)}{self.base}"


def quantities(text: str) -> list[Quantity]:
    """Return the measures in a text whose case and widths are folded already, in order."""
    pattern, units = _table()
    found = []
    for match in pattern.finditer(text):
        base, factor = units[match["unit"]]
        number = _number(match["number"])
        if number is not None and number * factor <= _LARGEST:
            found.append(
                Quantity(
                    value=number * factor, base=base, spelling=match[0].strip(), start=match.start(), end=match.end()
                )
            )
    return found


def equivalents(quantity: Quantity) -> list[str]:
    """Return the other ways that shops write the quantity, such as '1 l' for 1000 ml."""
    shown = []
    for unit, factor in _shown()[quantity.base]:
        amount = quantity.value / factor
        # 0.0003 km is right and never written.
        if Decimal("0.05") <= amount < 100_000 and amount == amount.quantize(Decimal("0.001")):
            shown.append(f"{_plain(amount)}{unit}" if _is_cjk(unit) else f"{_plain(amount)} {unit}")
    return [spelling for spelling in shown if spelling.replace(" ", "") != quantity.spelling.replace(" ", "")]


def unit_words() -> frozenset[str]:
    """Return every spelling of every unit."""
    return frozenset(_table()[1])


def _number(text: str) -> Decimal | None:
    fraction = _FRACTION.fullmatch(text)
    if fraction is None:
        return Decimal(text.replace(",", "."))
    whole, above, below = (int(part or 0) for part in fraction.groups())
    # Three places, as no two common fractions are closer.
    return (whole + Decimal(above) / below).quantize(Decimal("0.001")) if below else None


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _is_cjk(text: str) -> bool:
    return text[0] > "\u2e80"


@cache
def _table() -> tuple[re.Pattern[str], dict[str, tuple[str, Decimal]]]:
    units = {
        spelling: (base, Decimal(factor))
        for base, family in _families().items()
        for factor, spellings in family["units"].items()
        for spelling in spellings
    }
    # A unit in Latin letters ends where its word ends; the longest spelling is tried first.
    spellings = sorted(units, key=len, reverse=True)
    choice = "|".join(
        re.escape(word) + (r"(?![a-z0-9])" if word[-1].isascii() and word[-1].isalpha() else "") for word in spellings
    )
    number = r"(?:\d+[ -])?\d{1,2}\s?[/\u2044]\s?\d{1,2}|\d+(?:[.,]\d+)?"
    return re.compile(rf"(?<![\w.,/])(?P<number>{number})[\s-]?(?P<unit>{choice})"), units


@cache
def _shown() -> dict[str, list[tuple[str, Decimal]]]:
    return {
        base: [(unit, Decimal(factor)) for factor, units in family["shown"].items() for unit in units]
        for base, family in _families().items()
    }


@cache
def _families() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads(_UNITS.read_text(encoding="utf-8"))
