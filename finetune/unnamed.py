"""Personal data that no record knows, found by how it stands in a sentence: stricter than what a log needs.

What is learned from can't be taken out of a model again, so here a word too many is rather replaced than one too few.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator

from stdnum import iban

from assistant.tracing.personal import Kind, Personal

_STREETS = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Crescent|"
    "Close|Parkway|Highway|Row|Hill|Grove|Gardens|Mews|Loop|Trail|Circle"
)
_FLAT = r"(?:,?\s+(?:Apt|Apartment|Suite|Ste|Unit|Flat|No)\.?\s*#?\w+)?"
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("street", re.compile(rf"\b\d{{1,5}}[A-Za-z]?,?\s+(?:[A-Z][\w.'’-]*\s+){{1,4}}(?:{_STREETS})\b\.?{_FLAT}")),
    # The house before or behind a street whose own end tells that it is one.
    (
        "street",
        re.compile(
            r"\b(?:\d{1,4}\s+)?[A-ZÄÖÜÅØ][\wäöüßåøæé-]*(?:straße|strasse|str\.|gasse|platz|allee|weg|katu|gata|gatan|gate|"
            rf"veien|vej|straat|laan|plein)(?:\s+\d+\s?[a-z]?\b)?{_FLAT}"
        ),
    ),
    (
        "street",
        re.compile(r"\b\d{1,4}(?:\s?(?:bis|ter))?,?\s+(?:[Rr]ue|[Vv]ia|[Cc]alle|[Aa]venida|[Pp]lace)\s+[\w'’ -]{3,30}"),
    ),
    ("street", re.compile(r"\b(?:[Vv]ia|[Cc]alle|[Aa]venida|[Rr]ua)\s+(?:[A-Za-zÀ-ÿ'’.-]+\s+){1,4}\d+\b")),
    # A number and a name before a flat, a comma or the line's end.
    (
        "street",
        re.compile(
            rf"\b\d{{1,5}}\s+[^\W\d_a-z][\w'’.-]+(?:\s+[^\W\d_a-z][\w'’.-]+){{0,2}}(?:\s+\d{{1,4}})?"
            rf"(?:(?=\s*(?:\n|,\s))|(?=\s*(?:Apt|Apartment|Suite|Ste|Unit|Flat)\b){_FLAT})"
        ),
    ),
    ("street", re.compile(r"\bP\.?\s?O\.?\s+Box\s+\d+", re.IGNORECASE)),
    (
        "street",
        re.compile(
            r"(?:[\u4e00-\u9fff]{2,7}(?:省|自治区))?(?:[\u4e00-\u9fff]{2,6}市)?(?:[\u4e00-\u9fff]{1,6}[区县镇])?"
            r"[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|弄|胡同)\s?\d+号?(?:[\dA-Za-z-]+(?:栋|幢|座|号楼|单元|室|楼|层))*"
        ),
    ),
    (
        "street",
        re.compile(
            r"[\u4e00-\u9fff]{2,10}(?:小区|花园|大厦|公寓|苑)[\dA-Za-z-]+(?:栋|幢|座|号楼|单元|室|楼|层)[\dA-Za-z栋幢座号楼单元室层-]*"
        ),
    ),
    (
        "name",
        re.compile(
            r"(?:(?i:my name is|name is|i am called|this is|i'm|i am|yours,|regards,|signed,|thanks,)\s+"
            r"|\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Madam)\.?\s+)(?P<it>[A-Z][a-zÀ-ÿ'’-]+(?:\s+[A-Z][a-zÀ-ÿ'’-]+){0,2})"
        ),
    ),
    (
        "name",
        re.compile(
            r"(?:我叫|姓名(?:是|：|:)?|收件人(?:是|：|:)?|联系人(?:是|：|:)?|本人)\s?(?P<it>[\u4e00-\u9fff]{2,3})"
        ),
    ),
    ("identity number", re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")),
    (
        "phone",
        re.compile(
            r"(?i:phone|tel|fax|mobile|cell|call|text|reach|ring|电话|手机)\D{0,15}(?P<it>[+(]?\d[\d ()./-]{5,}\d)"
        ),
    ),
    ("phone", re.compile(r"(?<![\w#.,])(?:\+|00)?\(?\d{1,4}\)?(?:[ ./-]?\(?\d{2,5}\)?){2,5}(?:\s?x\d{1,5})?(?![\w,])")),
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_ADDRESS = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}(?![\w:])", re.I
)
_DIGITS, _DIGITS_BEHIND_ITS_NAME = 9, 6
"""Digits from which a run of them may be a telephone's; fewer where a word says that one comes."""


def find_unnamed(text: str) -> list[Personal]:
    """Return what looks like personal data in a text, in no particular order; pieces may overlap."""
    return [found for _, found in _found(text)]


def without_unnamed(text: str, instead: Callable[[Personal], str]) -> str:
    """Return the text with what `instead` says in the place of everything that looks like personal data."""
    taken: list[tuple[int, int, str]] = []
    for start, found in _found(text):
        end = start + len(found.text)
        if all(end <= other_start or other_end <= start for other_start, other_end, _ in taken):
            taken.append((start, end, instead(found)))
    for start, end, made_up in sorted(taken, reverse=True):
        text = text[:start] + made_up + text[end:]
    return text


def _found(text: str) -> Iterator[tuple[int, Personal]]:
    for match in _IBAN.finditer(text):
        if iban.is_valid(match.group()):
            yield match.start(), Personal(kind="payment", text=match.group())
    for match in _ADDRESS.finditer(text):
        if _is_address(match.group()):
            yield match.start(), Personal(kind="identity number", text=match.group())
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            said = match.group("it" if "it" in pattern.groupindex else 0)
            if kind == "phone" and sum(map(str.isdigit, said)) < (
                _DIGITS_BEHIND_ITS_NAME if match.re.groups else _DIGITS
            ):
                continue
            yield match.start("it" if "it" in pattern.groupindex else 0), Personal(kind=kind, text=said)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
