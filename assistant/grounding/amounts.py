"""Amounts of money: a price belongs to the product named, a total to the order named, a budget to the customer."""

import re
from collections.abc import Iterable, Iterator

from assistant.grounding.arithmetic import follows
from assistant.grounding.comparing import ABOUT, ABOVE, BELOW, comparison, rounds_to, same_currency
from assistant.grounding.numbers import Quantity, amounts
from assistant.grounding.ordered_amounts import fits_orders, role_of
from assistant.grounding.policies import spoken_of
from assistant.grounding.product_facts import currency_of, list_prices, prices, text_amounts
from assistant.grounding.reading import Reading, Scope
from assistant.grounding.schema import Claim
from assistant.grounding.settled_amounts import is_settled
from assistant.grounding.variants import variants_named
from retrieval.schema import Product, Variant

_BARE_PRICE = re.compile(
    r"(?:price[sd]?|costs?|sells for|retails (?:at|for)|价格|售价|定价|原价|现价|只需|仅需|仅售|卖)\s*(?:is|are|at"
    r"|of|for|just|only|为|是|:|：)*\s*$"
)
_BALANCE = re.compile(r"(?<![a-z])(?:gift cards?|balance|left|remaining)(?![a-z])|礼品卡|余额|剩")
_IF = re.compile(r"(?<![a-z])(?:if|when|suppose)(?![a-z])|如果|若是|要是|假如|比如")
_EACH_ITS_OWN = re.compile(r"respectively|分别")


def ungrounded_amounts(reading: Reading) -> Iterator[Claim]:
    """Yield the amounts that are no price, total, fee or budget of what the sentence is about."""
    found = [quantity for quantity in reading.quantities if _is_money(reading, quantity)]
    for quantity in found:
        if not _is_grounded(reading, quantity, found):
            text = reading.quote(quantity.start, quantity.end)
            yield Claim(kind="amount", text=text, reason=_reason(reading, quantity, text))


def is_price_without_sign(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a bare number is a price: 'costs 120'."""
    if quantity.unit or quantity.currency or not quantity.digits:
        return False
    before = reading.plain[max(0, quantity.start - 24) : quantity.start]
    return _BARE_PRICE.search(before) is not None


def _is_money(reading: Reading, quantity: Quantity) -> bool:
    return quantity.currency is not None or is_price_without_sign(reading, quantity)


def _is_grounded(reading: Reading, quantity: Quantity, found: list[Quantity]) -> bool:
    scope = _scope(reading, quantity)
    relation = comparison(reading, quantity)
    if _is_budget(reading, quantity, relation, scope):
        return True
    if _is_of_calculation(reading, quantity) or is_settled(reading, quantity):
        return True
    if _is_sum(reading, quantity):
        if quantity.value in reading.facts.calculated or fits_orders(reading, quantity, "total"):
            return True
        return follows(reading, quantity)
    if follows(reading, quantity):
        return True
    alone = not reading.facts.products
    if quantity.value in reading.facts.balances and (alone or _BALANCE.search(reading.folded)):
        return True
    if reading.about_order and fits_orders(reading, quantity, role_of(reading, quantity)):
        return True
    if _fits_policy(reading, quantity):
        return True
    if (
        quantity.value in reading.facts.closest_prices
        and _is_closest(reading, quantity)
        and not scope.named
        and relation != BELOW
    ):
        return True
    if not scope.named and quantity.value in reading.facts.calculated:
        return True
    return _fits_products(reading, quantity, scope, relation, found)


def _is_closest(reading: Reading, quantity: Quantity) -> bool:
    return any(same_currency(quantity, currency) for currency in reading.facts.closest_currencies)


def _is_of_calculation(reading: Reading, quantity: Quantity) -> bool:
    """'Six at $12.50 make $75': the terms and the value of one calculation, told together."""
    if quantity.value in reading.facts.subtotals:
        return True
    facts, told = reading.facts, {other.value for other in reading.quantities if other is not quantity}
    if quantity.value in facts.calculated:
        return bool(told & facts.operands)
    return quantity.value in facts.operands and bool(told & facts.calculated)


def _scope(reading: Reading, quantity: Quantity) -> Scope:
    """A superlative picks its product: 'the cheapest costs $39' speaks of that one."""
    scope = reading.scope(quantity.start)
    if scope.named or not scope.products:
        return scope
    priced = [product for product in scope.products if prices(product)]
    picks = (("cheapest", min), ("dearest", max))
    for key, pick in picks:
        if priced and reading.words.has(key, reading.plain):
            wanted = pick(min(prices(product)) for product in priced)
            return Scope(tuple(p for p in priced if wanted in prices(p)), "any", named=True)
    return scope


def _is_budget(reading: Reading, quantity: Quantity, relation: str, scope: Scope) -> bool:
    known = reading.facts.customer_values | reading.facts.limits
    supposed = (
        _IF.search(reading.folded[: quantity.start]) and not reading.stated[quantity.start : quantity.end].strip()
    )
    if supposed and reading.facts.passages and not scope.named:
        return True  # 'if you order for $80, …': an example, of which the policy's rule is told
    if quantity.value in known and not scope.named:
        if not reading.stated[quantity.start : quantity.end].strip():
            return True  # a condition: 'with $100 or so, there should be something'
        if not scope.products and relation == BELOW and reading.negated(quantity.start):
            return True
    if _is_offered(reading, quantity) and not scope.named:
        return True
    if quantity.value not in known:
        return reading.asks and not scope.named and relation in (BELOW, ABOVE, ABOUT)
    if reading.echo or reading.asks:
        return not scope.named or reading.words.has("budget", reading.folded) or reading.asks
    if scope.named:
        return False
    left, right = reading.clause(quantity.start, quantity.end)
    subject = any(reading.words.has(key, reading.folded) for key in ("many", "all_of", "one"))
    return reading.words.has("budget", reading.folded[left:right]) or (relation == BELOW and not subject)


def _is_offered(reading: Reading, quantity: Quantity) -> bool:
    """'Shall I go up to $30?' offers a search; it says of no product that it costs that."""
    if reading.stated[quantity.start : quantity.end].strip():
        return False
    words = reading.words
    if words.has("budget", reading.folded) and words.has("condition", reading.folded):
        return True
    return words.has("offer", reading.folded) and words.has("offered_deed", reading.folded)


def _is_sum(reading: Reading, quantity: Quantity) -> bool:
    left, right = reading.clause(quantity.start, quantity.end)
    clause = reading.plain[left:right]
    if not reading.words.has("sum", clause) or reading.about_order:
        return False
    # 'both cost $89' and '$89 each' are prices, not sums.
    return not reading.words.has("per_piece", clause) and not _fits_policy(reading, quantity)


def _fits_policy(reading: Reading, quantity: Quantity) -> bool:
    return any(
        quantity.value == amount and same_currency(quantity, currency)
        for part in spoken_of(reading, quantity.start)
        for amount, currency in amounts(part)
    )


def _fits_products(reading: Reading, quantity: Quantity, scope: Scope, relation: str, found: list[Quantity]) -> bool:
    if not scope.products:
        return False
    if quantity.edge and not any(quantity.value in list_prices(product) for product in scope.products):
        return _fits_range(quantity, scope)
    inside = [other for other in found if reading.group_at(other.start) == reading.group_at(quantity.start)]
    if scope.named and len(scope.products) == len(inside) > 1:
        scope = Scope((scope.products[inside.index(quantity)],), "all", named=True)
    if (
        relation == ABOVE
        and reading.words.has("lowest_of", reading.folded)
        and not (scope.named and len(scope.products) == 1)
    ):
        lowest = min((min(prices(product)) for product in scope.products if prices(product)), default=None)
        return lowest == quantity.value
    fits = (_price_fits(reading, product, quantity, relation) for product in scope.products)
    bound = relation in (BELOW, ABOVE)
    some = reading.some
    if _EACH_ITS_OWN.search(reading.folded) and not scope.named:
        return any(fits)
    if scope.need == "all" or (bound and not some and not reading.words.has("one", reading.folded)):
        return all(fits)
    return any(fits)


def _fits_range(quantity: Quantity, scope: Scope) -> bool:
    every = [price for product in scope.products for price in prices(product)]
    if not every:
        return False
    return quantity.value == (min(every) if quantity.edge == "low" else max(every))


def _price_fits(reading: Reading, product: Product, quantity: Quantity, relation: str) -> bool:
    if not same_currency(quantity, currency_of(product)):
        return False
    if quantity.value in list_prices(product) and _is_former(reading, quantity):
        return True
    known = prices(product, _variants(reading, product, quantity))
    if relation == BELOW:
        strict = not reading.words.has("at_most", reading.folded)
        return any(price < quantity.value or (price == quantity.value and not strict) for price in known)
    if relation == ABOVE:
        return any(price >= quantity.value for price in known) and (
            quantity.value in known or not reading.words.has("lowest_of", reading.folded)
        )
    if relation == ABOUT:
        return any(rounds_to(price, quantity.value) for price in known)
    return quantity.value in known or quantity.value in text_amounts(product)


def _is_former(reading: Reading, quantity: Quantity) -> bool:
    """'Down from $199', '原价458元': what it cost before."""
    left, _ = reading.clause(quantity.start, quantity.end)
    return reading.words.has("former", reading.folded[left : quantity.end + 12])


def _variants(reading: Reading, product: Product, quantity: Quantity) -> tuple[Variant, ...]:
    """The variants of the amount's own clause; of the whole sentence if there is but one amount."""
    near = variants_named(reading, product, *reading.clause(quantity.start, quantity.end))
    alone = sum(_is_money(reading, other) for other in reading.quantities) == 1
    return near or (variants_named(reading, product) if alone else ())


def _reason(reading: Reading, quantity: Quantity, text: str) -> str:
    products: Iterable[Product] = _scope(reading, quantity).products[:4]
    known = [f"{product.short_name} costs {product.price}" for product in products if product.price]
    if _is_sum(reading, quantity):
        return f"No tool result holds the sum {text}. Use calculate for sums."
    return f"No tool result holds {text} for this. " + ("; ".join(known) + "." if known else "Leave the amount out.")
