"""A fee for sending something back: whether there is one, and what it is."""

import re
from collections.abc import Iterator

from assistant.grounding.negation import is_negated
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim

_FEE = re.compile(r"(?<![a-z])(?:fees?|surcharge|taken off|deducted|deduction)(?![a-z])|手续费|退货费|扣除|扣掉|扣费")
_FREE = re.compile(
    r"(?<![a-z])(?:free of charge|without charge|no charge|costs? (?:you )?nothing)(?![a-z])|不收费|免费|不扣"
)


def ungrounded_fees(reading: Reading) -> Iterator[Claim]:
    """Yield a fee that isn't taken, or the denial of one that is."""
    if not reading.facts.fees or reading.hedged or (reading.mentions and not reading.about_order):
        return
    taken = any(reading.facts.fees)
    for match in _FEE.finditer(reading.stated):
        if is_negated(reading.stated, match.start(), reading.words) == taken:
            yield _claim(reading, match, taken)
    for match in _FREE.finditer(reading.stated):
        if taken:
            yield _claim(reading, match, taken)


def _claim(reading: Reading, match: re.Match[str], taken: bool) -> Claim:
    text = reading.quote(*match.span())
    told = "a fee is taken off" if taken else "no fee is taken"
    return Claim(kind="fee", text=text, reason=f"The return says that {told}. Say so, or leave '{text}' out.")
