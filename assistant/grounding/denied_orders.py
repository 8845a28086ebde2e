"""What is denied or asked for although it has just been looked up: "I don't have any order details." """

from collections.abc import Iterator

from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.schema import OrderDetails, OrdersFound, PurchasesFound


def denied_orders(reading: Reading) -> Iterator[Claim]:
    """Yield the claim that there are no orders, or the wish for their numbers, where the latest result holds them."""
    results = reading.facts.evidence.results
    latest = results[-1] if results else None
    holds_orders = isinstance(latest, OrderDetails) or (
        isinstance(latest, OrdersFound | PurchasesFound) and bool(latest.orders)
    )
    if not holds_orders or reading.codes:
        return
    for key in ("denied_order", "asked_order_number"):
        if match := reading.words.pattern[key].search(reading.plain):
            reason = "The orders were just looked up, with their numbers: tell of them."
            yield Claim(kind="order", text=reading.quote(match.start(), match.end()), reason=reason)
