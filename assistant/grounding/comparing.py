"""How a number is meant: 'under 100', 'around 50', or exactly."""

import re
from decimal import Decimal

from assistant.grounding.numbers import Quantity
from assistant.grounding.reading import Reading

_DENIED = re.compile(
    r"(?<![a-z])(?:neither|none|not|doesn't|don't|isn't|aren't|never|nothing)(?![a-z])[^,;.]*$|(?:不会|没有?)[^,;。]{0,6}$"
)
_NOUN = re.compile(r"^\s*(?:(?:star|point|review|rating|dollar|piece|pair)s?|out of 5|/\s*5|颗?星|分|条评[价论])?\s*")
_DOLLARS = frozenset({"USD", "CAD", "AUD"})
BELOW, ABOVE, ABOUT, EXACT = "below", "above", "about", "exact"


def comparison(reading: Reading, quantity: Quantity) -> str:
    """Return how a number is meant: 'below', 'above', 'about' or 'exact'."""
    before = reading.plain[max(0, quantity.start - 22) : quantity.start].rstrip(" $€£¥约")
    raw = reading.plain[max(0, quantity.start - 3) : quantity.start]
    after = _NOUN.sub("", reading.plain[quantity.end : quantity.end + 26])
    words = reading.words
    for kind, keys in ((BELOW, ("below", "at_most")), (ABOVE, ("above", "at_least")), (ABOUT, ("approximate",))):
        for key in keys:
            ends = [match.end() for match in words.pattern[key].finditer(before)]
            if ends and len(before) - ends[-1] <= 5 and not (kind == ABOVE and quantity.edge == "low"):
                turned = key in ("below", "above") and _DENIED.search(reading.plain[: quantity.start])
                return {BELOW: ABOVE, ABOVE: BELOW}[kind] if turned else kind
            if words.pattern[key].match(after) and _follows_its_number(key, after):
                return kind
    if "~" in raw or "约" in raw:
        return ABOUT
    return EXACT


def _follows_its_number(key: str, after: str) -> bool:
    """'100 or less', '200+', '50左右'; but '$50 about' and '$50 under' begin something new."""
    return (
        after.startswith(("or ", "+", "and ", "max"))
        or after[:1] > "\u3400"
        or (key == "approximate" and after.startswith("ish"))
    )


def rounds_to(value: Decimal, stated: Decimal) -> bool:
    """Tell whether 'around `stated`' is fair for `value`: rounded as coarsely, at most to tens below 1,000."""
    place = Decimal(1)
    while stated % (place * 10) == 0 and place < (10 if stated < 1000 else 100):
        place *= 10
    slack = max(place, Decimal(5) if stated % 5 == 0 and stated >= 20 else Decimal(1)) / 2
    return abs(value - stated) <= min(slack, value / 10)


def same_currency(quantity: Quantity, currency: str | None) -> bool:
    """Tell whether an amount may be in this currency; a bare number and a bare 'dollar' may be in several."""
    if quantity.currency is None or currency is None:
        return True
    return (
        quantity.currency == currency
        or {quantity.currency, currency} <= _DOLLARS
        or {quantity.currency, currency} == {"CNY", "JPY"}
    )
