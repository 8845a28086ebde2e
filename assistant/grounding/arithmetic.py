"""Numbers that follow from known ones: a difference, a sum, so many times one piece. Exactly right, or not at all."""

import re
from collections.abc import Iterable
from decimal import Decimal

from assistant.grounding.comparing import same_currency
from assistant.grounding.numbers import Quantity, amounts
from assistant.grounding.order_facts import order_amounts
from assistant.grounding.product_facts import list_prices, prices, product_measures
from assistant.grounding.reading import Reading
from retrieval.schema import Product

# 'with three you'd have 12 kg', 'in total', '一共': the number is what something comes to.
_MAKES = re.compile(
    r"(?<![a-z])(?:you'd have|you have|you get|you'd get|that's|that is|that makes|makes?|come[s]? to|would be|will be|"
    r"so [a-z]+ (?:are|cost|make|would)|altogether|together|in all|in total|total)(?![a-z])"
    r"|一共|总共|合计|共|加起来|就是|就有|正好|等于"
)
# 'You're $40 short', '还差60元', 'it comes to $265 in all': what is missing, and what things come to together.
_MISSING = re.compile(
    r"(?<![a-z])(?:short|missing|need|another|more|extra|away|save[sd]?|saving|less|cheaper|dearer|instead)(?![a-z])"
    r"|差|再|补|省|多付|少付"
)
_TOGETHER = re.compile(
    r"(?<![a-z])(?:in all|all in|altogether|together|total|comes? to|came to|add up|with|including|both)(?![a-z])"
    r"|一共|总共|总计|合计|加起来|连|含|总额"
)
_ROUNDING = Decimal("0.005")


def follows(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether an amount or a measure is computed right from what the results and the customer say."""
    if quantity.unit is None and quantity.currency is None:
        return False
    left, right = reading.clause(quantity.start, quantity.end)
    clause = reading.folded[left:right]
    if _is_difference(reading, clause) and _differs(reading, quantity):
        return True
    if not reading.facts.products and quantity.currency and _beyond_limit(reading, quantity):
        return True
    if quantity.currency and _of_held(reading, quantity):
        return True
    return (quantity.currency is not None or _MAKES.search(reading.folded) is not None) and _is_product(
        reading, quantity
    )


def _of_held(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether an amount is the difference or the sum of two that orders, carts, deliveries and policies hold."""
    missing, together = (pattern.search(reading.folded) for pattern in (_MISSING, _TOGETHER))
    if not missing and not together:
        return False
    facts, held = reading.facts, reading.facts.held_amounts
    currencies = facts.held_currencies | {order.total.currency for order in facts.orders.values()}
    if not any(same_currency(quantity, currency) for currency in currencies):
        return False
    known = held | {
        amount for order in facts.orders.values() for role in order_amounts(order).values() for amount in role
    }
    known |= {amount for amount, _ in amounts(facts.policy_text)} if held else set()
    if together and quantity.value == sum(order.total.amount for order in facts.latest_orders):
        return True
    if together and any(a + b == quantity.value for a in held for b in held if min(a, b) > 0):
        return True
    return missing is not None and any(a - b == quantity.value for a in known for b in known if a > b > 0)


def _is_difference(reading: Reading, clause: str) -> bool:
    words = reading.words
    return any(words.has(key, clause) for key in ("difference", "than", "more_by", "against_limit"))


def _differs(reading: Reading, quantity: Quantity) -> bool:
    """Between two of the products named (or one and what else is shown), or against what the customer will spend."""
    subjects = _subjects(reading)
    own = [_known(product, quantity) for product in subjects]
    others = list(own)
    if len(subjects) < 2:
        others += [_known(product, quantity) for product in reading.facts.shown]
    if quantity.currency and any(reading.words.has(key, reading.folded) for key in ("budget", "against_limit")):
        spending = reading.facts.customer_values | reading.facts.limits
        own = own or [_known(product, quantity) for product in reading.facts.shown]
        own.append(frozenset(reading.facts.closest_prices))
        others.append(spending)
    return any(
        quantity.value > 0 and _equal(abs(a - b), quantity)
        for mine in own
        for other in others
        for a in mine
        for b in other
    )


def _beyond_limit(reading: Reading, quantity: Quantity) -> bool:
    """By how much the closest price lies beyond what the customer will spend."""
    limits = reading.facts.limits | reading.facts.customer_values
    return any(closest - limit == quantity.value for closest in reading.facts.closest_prices for limit in limits)


def _subjects(reading: Reading) -> list[Product]:
    named = {mention.product.id: mention.product for mention in reading.mentions}
    if not named:
        named = {product.id: product for product in reading.scope(0).products}
        if len(named) > 1 and not reading.focus.product_ids:
            return []
    for focused in reading.focus.product_ids:
        if len(named) < 2 and focused in reading.facts.products:
            named[focused] = reading.facts.products[focused]
    return list(named.values())


def _known(product: Product, quantity: Quantity) -> frozenset[Decimal]:
    if quantity.currency:
        return frozenset(prices(product) | list_prices(product))
    assert quantity.unit is not None
    return frozenset(base for dimension, base in product_measures(product) if dimension == quantity.unit.dimension)


def _is_product(reading: Reading, quantity: Quantity) -> bool:
    """'Each bag holds 4 kg, so with three you'd have 12 kg': one piece times a number that is told."""
    told = {other.value for other in reading.quantities if other is not quantity and not other.currency}
    counts = {value for value in told if value == int(value) and 1 < value <= 100}
    if re.search(r"(?<![a-z])(?:both|pair|couple)(?![a-z])|各买一|两", reading.folded):
        counts.add(Decimal(2))
    pieces = _pieces(reading, quantity)
    return any(_equal(piece * count, quantity) for piece in pieces for count in counts)


def _pieces(reading: Reading, quantity: Quantity) -> Iterable[Decimal]:
    told = [other for other in reading.quantities if other.start < quantity.start]
    if quantity.currency:
        lines = {line.price.amount for order in reading.facts.orders.values() for line in order.lines}
        return lines | {price for product in reading.scope(quantity.start).products for price in prices(product)}
    dimension = quantity.unit.dimension if quantity.unit else ""
    return {other.base for other in told if other.unit and other.unit.dimension == dimension} | {
        base for product in reading.scope(quantity.start).products for base in _known(product, quantity)
    }


def _equal(value: Decimal, quantity: Quantity) -> bool:
    stated = quantity.base
    return value == stated if quantity.currency else abs(value - stated) <= abs(stated) * _ROUNDING
