"""What is denied or asked for although it has just been looked up: "I don't have any order details." """

import re
from collections.abc import Iterator

from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.schema import OrderDetails, OrdersFound, PurchasesFound

# The whole of a sentence: 'I can't find that in red' says more, and is compared word by word.
_NOTHING = re.compile(
    r"(?:(?:i'm )?sorry|unfortunately|i'm afraid)?[, ]*(?:but )?(?:i|we) "
    r"(?:found nothing|(?:(?:can't|cannot|couldn't|could not) find|didn't find) (?:that|it|this|any|anything))[.! ]*"
    r"|(?:抱歉|对不起|很遗憾)?[, ]*我?(?:没有?找到|找不到|查不到)(?:了|它|这个|任何结果|任何东西|相关内容)?[。.! ]*"
)


def denied_orders(reading: Reading) -> Iterator[Claim]:
    """Yield the claim that there are no orders, or the wish for their numbers, where the latest result holds them."""
    results = reading.facts.evidence.results
    latest = results[-1] if results else None
    holds_orders = isinstance(latest, OrderDetails) or (
        isinstance(latest, OrdersFound | PurchasesFound) and bool(latest.orders)
    )
    if not holds_orders or reading.codes:
        return
    if _NOTHING.fullmatch(reading.folded.strip()):
        yield Claim(kind="order", text=reading.text, reason="The order was found: tell of it.")
    for key in ("denied_order", "asked_order_number"):
        if match := reading.words.pattern[key].search(reading.plain):
            reason = "The orders were just looked up, with their numbers: tell of them."
            yield Claim(kind="order", text=reading.quote(match.start(), match.end()), reason=reason)
