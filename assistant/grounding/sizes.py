"""Sizes: the ones that the product is made in, or the order was placed for."""

import re
from collections.abc import Iterator

from assistant.grounding.numbers import Quantity
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold
from assistant.grounding.variants import sizes_of

_SIZE_LETTER = r"(?:[2-5]?x{0,3}[sl]|m|one size)"
_SIZES = re.compile(
    rf"(?:(?<![a-z])(?:sizes?|eu|uk|us)(?![a-z])(?:\s+(?:are|is|of|from|in|eu|us|uk|range from"
    rf"|options?))*\s*:?\s*|(?:尺码|尺寸)(?:为|是|有|包括|从|:)?\s*)"
    rf"(?P<list>(?:\d{{1,3}}(?:\.\d)?|{_SIZE_LETTER})(?![\w\"%])(?:(?:\s*(?:,|/|-|~|、|和|到|至"
    rf"|或)\s*(?:and |or )?|\s+(?:and|or|to|through)\s+)(?:\d{{1,3}}(?:\.\d)?|{_SIZE_LETTER})(?![\w\"]))*)"
    rf"|(?P<chinese>(?:\d{{2}}(?:\.5)?|{_SIZE_LETTER})(?:\s*[、,到至~-]\s*(?:\d{{2}}(?:\.5)?"
    rf"|{_SIZE_LETTER}))*)\s*(?:码|号(?!订单|店|线))"
    r"|(?<![a-z])(?:in an?|the)\s+(?P<bare>3[4-9]|4\d)(?![\w.%\"-]|\s+(?:option|product|item"
    r"|day|inch|cm|l\b|piece|pair|review|order|left|in stock|hour|month|year|customer))"
)
_MEASURED = re.compile(
    r"\s*(?:\.\d|[\d×x*]|\"|″|''|%|°|(?:[mc]?m|m?l|k?g|mg|w|v|[gtm]b|ft|oz|lbs?|hz)\b|inch|英寸|寸|厘米|毫米|米|升|毫升|克|千克|公斤|\()"
)
_LETTERS = frozenset({"xs", "s", "m", "l", "xl"})
_VALUE = re.compile(rf"\d{{1,3}}(?:\.\d)?|{_SIZE_LETTER}")


def ungrounded_sizes(reading: Reading) -> Iterator[Claim]:
    """Yield the sizes that the product isn't made in, or is said not to be made in though it is."""
    if reading.asks:
        return
    yield from _spoken(reading)
    for match in _SIZES.finditer(reading.stated):
        if reading.echoes(match.group().strip()) and not reading.mentions:
            continue
        if _MEASURED.match(reading.stated, match.end()) or match.group().strip() in reading.facts.order_text:
            continue
        sizes = _VALUE.findall(match["list"] or match["chinese"] or match["bare"])
        for value in sizes:
            if not _size_fits(reading, match, value):
                text = reading.quote(match.start(), match.end())
                yield Claim(
                    kind="size",
                    text=text,
                    reason=f"No tool result bears out size {value.upper()} as said of this product.",
                )


def _spoken(reading: Reading) -> Iterator[Claim]:
    """Yield the sizes in words, 'in large', that the one product spoken of isn't made in."""
    for size, pattern in reading.words.spoken_sizes.items():
        for match in pattern.finditer(reading.stated):
            products = reading.scope(match.start()).products
            lettered = [product for product in products if _LETTERS & sizes_of(product)]
            denied = reading.negated(match.start(), reading.stated) or reading.not_found
            if len(products) == 1 == len(lettered) and size not in sizes_of(lettered[0]) and not denied:
                text = reading.quote(*match.span())
                yield Claim(kind="size", text=text, reason=f"The product isn't made in {size.upper()}.")


def is_size(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number is a size, checked as such."""
    return any(match.start() <= quantity.start < match.end() for match in _SIZES.finditer(reading.plain))


def _size_fits(reading: Reading, match: re.Match[str], value: str) -> bool:
    scope = reading.scope(match.start())
    if reading.about_order and _ordered_in(reading, match.start(), value):
        return True
    denied = (
        reading.negated(match.start(), reading.stated)
        or reading.not_found
        or reading.words.has("stock_out", reading.stated)
    )
    made = [value in sizes_of(product) for product in scope.products]
    if not made:
        return reading.not_found
    if denied:
        return True
    return all(made) if scope.need == "all" else any(made)


def _ordered_in(reading: Reading, position: int, value: str) -> bool:
    options = (
        fold(o) for order in reading.order_scope(position) for line in order.lines for o in line.options.values()
    )
    return value in options
