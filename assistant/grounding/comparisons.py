"""'Lighter than the other one': which two products a sentence compares, and whether it is so."""

import re

from assistant.grounding.leading import Measure
from assistant.grounding.reading import Reading
from retrieval.schema import Product


def compares_wrongly(reading: Reading, match: re.Match[str], measure: Measure, sign: int) -> bool:
    """Tell whether two products are compared, and the first doesn't exceed the second so."""
    pair = _pair(reading, match)
    if pair is None:
        return False
    left, right = measure(pair[0]), measure(pair[1])
    return left is None or right is None or sign * (left - right) <= 0


def _pair(reading: Reading, match: re.Match[str]) -> tuple[Product, Product] | None:
    """Return the product said to be more so, and the one it is compared with."""
    mentions = reading.mentions
    focused = [reading.facts.products[i] for i in reading.focus.product_ids if i in reading.facts.products]
    than = next((m for m in reading.words.pattern["than"].finditer(reading.folded)), None)
    if reading.language == "zh":
        after = [m.product for m in mentions if than and than.end() <= m.start < max(match.start(), match.end())]
        before = [m.product for m in mentions if not than or m.end <= than.start()]
    elif than and than.start() >= match.end() and than.start() - match.end() <= 3:
        after = [m.product for m in mentions if m.start >= than.end()]
        before = [m.product for m in mentions if m.end <= match.start()]
    else:
        return _of_two(reading, match)
    if reading.language == "zh" and not than:
        return _of_two(reading, match)
    if before and after:
        return before[-1], after[0]
    if after and len(focused) == 1:
        return focused[0], after[0]
    return None


def _of_two(reading: Reading, match: re.Match[str]) -> tuple[Product, Product] | None:
    """'Of the two, the Lite is brighter': the other one isn't named."""
    shown = reading.facts.shown
    group = reading.group_at(match.start())
    if len(shown) != 2 or len({mention.product.id for mention in group}) != 1 or group[0].product not in shown:
        return None
    return group[0].product, next(product for product in shown if product.id != group[0].product.id)
