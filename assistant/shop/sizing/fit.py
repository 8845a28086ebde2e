"""How a product's sizes turned out, from what customers exchanged: claimed only where there is enough of it."""

from collections.abc import Iterable, Sequence
from typing import Literal

from assistant.schema import Value

FEWEST = 4
"""Exchanges for another size from which something may be said."""
_SHARE_OF_SOLD = 0.05
"""Share of the pieces sold that must have been exchanged: of a thousand, five say nothing."""
_ONE_WAY = 0.6
"""Share of the exchanges that must have gone the same way."""


class Fit(Value):
    """How it turned out; `share` is the percentage of the exchanges that went the way of it."""

    way: Literal["small", "large", "true"]
    exchanges: int
    share: int


def fit_of(sizes: Sequence[str], swaps: Iterable[tuple[str, str]], sold: int) -> Fit | None:
    """Return how the sizes turned out, None where too little is known.

    `swaps` are exchanges as (size before, size after), `sizes` the product's from small to large, `sold` its pieces.
    """
    places = {size: place for place, size in enumerate(sizes)}
    steps = [places[after] - places[before] for before, after in swaps if before in places and after in places]
    larger, smaller = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    exchanges = larger + smaller
    if exchanges < FEWEST or exchanges < _SHARE_OF_SOLD * sold:
        return None
    most = max(larger, smaller)
    if most < _ONE_WAY * exchanges:
        return Fit(way="true", exchanges=exchanges, share=round(100 * most / exchanges))
    return Fit(way="small" if larger > smaller else "large", exchanges=exchanges, share=round(100 * most / exchanges))
