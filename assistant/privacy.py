"""Personal data in what people wrote: found by its form alone, and replaced, before it is logged or trained on.

Checked forms come first (card numbers and Chinese identity numbers by their check digits, telephone numbers by the
numbering plans), so that an order number or a price is not taken for one.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from phonenumbers import Leniency, PhoneNumberMatch, PhoneNumberMatcher
from stdnum import luhn
from stdnum.cn import ric

from assistant.schema import Value

Kind = Literal["e-mail", "card", "identity number", "phone", "postcode"]

_EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w-])")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_CHINESE_PHONE = re.compile(r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![\d.])")
_REGIONS = ("US", "GB", "DE", "FR", "CN", "AU")
"""Where a number without a country's prefix may be from; the others are found with their prefix alone."""
_DIGITS_OF_A_PHONE = 7
_NAMED = re.compile(r"(?:order|article|item|product|tracking|invoice|number|no\.?|#|订单|单号|编号)\W*$", re.IGNORECASE)
"""What stands before a bare run of digits that is something else's number."""
_POSTCODES = (
    # After its name, in the languages that shoppers write here.
    r"(?i:(?<=postcode )|(?<=post code )|(?<=postal code )|(?<=zip )|(?<=zip code )|(?<=postcode: )|(?<=zip: ))"
    r"[A-Z0-9][A-Z0-9 -]{2,8}[A-Z0-9]\b",
    r"(?<=邮编)[:： ]?\d{6}(?!\d)",
    r"(?<=邮政编码)[:： ]?\d{6}(?!\d)",
    # British and Canadian ones have a form of their own.
    r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b",
    r"\b[A-Z]\d[A-Z] \d[A-Z]\d\b",
    # American: behind the state, or with the four digits more.
    r"(?<=\b[A-Z]{2} )\d{5}(?:-\d{4})?\b",
    r"\b\d{5}-\d{4}\b",
    # Before the town, as on the continent: after a street's number and a comma.
    r"(?<=\d, )\d{4,5}(?= [A-ZÄÖÜÉ][a-zäöüßé])",
)
_POSTCODE = re.compile("|".join(_POSTCODES))


class Personal(Value):
    """A piece of personal data: text[start:end]."""

    kind: Kind
    start: int
    end: int


def find_personal(text: str) -> list[Personal]:
    """Return the e-mail addresses, card, identity and telephone numbers and postcodes in a text, in their order."""
    found: list[Personal] = []
    for each in _candidates(text):
        if not any(each.start < other.end and other.start < each.end for other in found):
            found.append(each)
    return sorted(found, key=lambda each: each.start)


def masked(text: str, instead: Callable[[Kind, str], str] = lambda kind, _: f"‹{kind}›") -> str:
    """Return the text with what `instead` says in the place of personal data; by default the kind of it in marks."""
    pieces, at = [], 0
    for each in find_personal(text):
        pieces += [text[at : each.start], instead(each.kind, text[each.start : each.end])]
        at = each.end
    return "".join([*pieces, text[at:]])


def _candidates(text: str) -> Iterator[Personal]:
    """Yield what may be personal data, the surest kinds first; they may overlap."""
    for match in _EMAIL.finditer(text):
        yield Personal(kind="e-mail", start=match.start(), end=match.end())
    for match in _IDENTITY.finditer(text):
        if ric.is_valid(match.group().upper()):
            yield Personal(kind="identity number", start=match.start(), end=match.end())
    for match in _CHINESE_PHONE.finditer(text):
        yield Personal(kind="phone", start=match.start(), end=match.end())
    for match in _CARD.finditer(text):
        if luhn.is_valid(re.sub(r"\D", "", match.group())):
            yield Personal(kind="card", start=match.start(), end=match.end())
    if sum(character.isdigit() for character in text) >= _DIGITS_OF_A_PHONE:
        yield from _phones(text)
    for match in _POSTCODE.finditer(text):
        yield Personal(kind="postcode", start=match.start(), end=match.end())


def _phones(text: str) -> Iterator[Personal]:
    for region in _REGIONS:
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID):
            if match.raw_string.isdigit() and _is_named(text, match):
                continue
            yield Personal(kind="phone", start=match.start, end=match.end)


def _is_named(text: str, match: PhoneNumberMatch) -> bool:
    """Tell whether a bare run of digits is short, or called something else than a telephone number."""
    return match.end - match.start < 10 or _NAMED.search(text[max(0, match.start - 20) : match.start]) is not None
