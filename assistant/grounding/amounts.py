"""Amounts of money: a price belongs to the product named, a total to the order named, a budget to the customer."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from assistant.grounding.arithmetic import follows
from assistant.grounding.facts import currency_of, list_prices, order_amounts, prices, text_amounts
from assistant.grounding.numbers import Quantity, amounts
from assistant.grounding.policies import spoken_of
from assistant.grounding.reading import Reading, Scope
from assistant.grounding.schema import Claim
from assistant.grounding.variants import variants_named
from retrieval.schema import Product, Variant

_DOLLARS = frozenset({"USD", "CAD", "AUD"})
_BARE_PRICE = re.compile(
    r"(?:price[sd]?|costs?|sells for|retails (?:at|for)|价格|售价|定价|原价|现价|只需|仅需|仅售|卖)\s*(?:is|are|at"
    r"|of|for|just|only|为|是|:|：)*\s*$"
)
_DENIED = re.compile(
    r"(?<![a-z])(?:neither|none|not|doesn't|don't|isn't|aren't|never|nothing)(?![a-z])[^,;.]*$|(?:不会|没有?)[^,;。]{0,6}$"
)
_EACH_ITS_OWN = re.compile(r"respectively|分别")
_NOUN = re.compile(r"^\s*(?:(?:star|point|review|rating|dollar|piece|pair)s?|out of 5|/\s*5|颗?星|分|条评[价论])?\s*")
# '4.90 美元的运费', '$4.90 for shipping': what follows says what the amount is.
_OWNED_BY = re.compile(
    r"\s*(?:(?:was|is|were|are|goes|went)\s+)?(?:的|of (?:that|this|it|which) (?:(?:is|was)|(?:went|goes) (?:to|on)) "
    r"|(?:in|for|of)\s+)?(?:the )?(?:shipping|postage|delivery|refund|运费|邮费|快递费|配送费|退款)"
)
_PLUS_SHIPPING = re.compile(
    r"(?:加上?|连同?|含|算上)(?:[^,。;]{0,6})运费[^,。;]{0,4}$|(?:plus|with|including) shipping[^,;.]*$"
)
_PER_PIECE = re.compile(r"\s*(?:each|apiece|a piece|per (?:piece|item|pair)|一[个件只条双瓶把]|每[个件只条双瓶把])")
_BELOW, _ABOVE, _ABOUT, _EXACT = "below", "above", "about", "exact"


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


def comparison(reading: Reading, quantity: Quantity) -> str:
    """Return how a number is meant: 'below', 'above', 'about' or 'exact'."""
    before = reading.plain[max(0, quantity.start - 22) : quantity.start].rstrip(" $€£¥约")
    raw = reading.plain[max(0, quantity.start - 3) : quantity.start]
    after = _NOUN.sub("", reading.plain[quantity.end : quantity.end + 26])
    words = reading.words
    for kind, keys in ((_BELOW, ("below", "at_most")), (_ABOVE, ("above", "at_least")), (_ABOUT, ("approximate",))):
        for key in keys:
            ends = [match.end() for match in words.pattern[key].finditer(before)]
            if ends and len(before) - ends[-1] <= 5 and not (kind == _ABOVE and quantity.edge == "low"):
                turned = key in ("below", "above") and _DENIED.search(reading.plain[: quantity.start])
                return {_BELOW: _ABOVE, _ABOVE: _BELOW}[kind] if turned else kind
            if words.pattern[key].match(after) and _follows_its_number(key, after):
                return kind
    if "~" in raw or "约" in raw:
        return _ABOUT
    return _EXACT


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


def _is_money(reading: Reading, quantity: Quantity) -> bool:
    return quantity.currency is not None or is_price_without_sign(reading, quantity)


def _is_grounded(reading: Reading, quantity: Quantity, found: list[Quantity]) -> bool:
    scope = _scope(reading, quantity)
    relation = comparison(reading, quantity)
    if _is_budget(reading, quantity, relation, scope):
        return True
    if _is_of_calculation(reading, quantity):
        return True
    if _is_sum(reading, quantity):
        if quantity.value in reading.facts.calculated or _fits_orders(reading, quantity, "total"):
            return True
        return follows(reading, quantity)
    if follows(reading, quantity):
        return True
    if reading.about_order and _fits_orders(reading, quantity, _role(reading, quantity)):
        return True
    if _fits_policy(reading, quantity):
        return True
    if (
        quantity.value in reading.facts.closest_prices
        and _is_closest(reading, quantity)
        and not scope.named
        and relation != _BELOW
    ):
        return True
    if not scope.named and quantity.value in reading.facts.calculated:
        return True
    return _fits_products(reading, quantity, scope, relation, found)


def _is_closest(reading: Reading, quantity: Quantity) -> bool:
    return any(_same_currency(quantity, currency) for currency in reading.facts.closest_currencies)


def _is_of_calculation(reading: Reading, quantity: Quantity) -> bool:
    """'Six at $12.50 make $75': the terms and the value of one calculation, told together."""
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
    if quantity.value in known and not scope.named:
        if not reading.stated[quantity.start : quantity.end].strip():
            return True  # a condition: 'with $100 or so, there should be something'
        if not scope.products and relation == _BELOW and reading.negated(quantity.start):
            return True
    if _is_offered(reading, quantity) and not scope.named:
        return True
    if quantity.value not in known:
        return reading.asks and not scope.named and relation in (_BELOW, _ABOVE, _ABOUT)
    if reading.echo or reading.asks:
        return not scope.named or reading.words.has("budget", reading.folded) or reading.asks
    if scope.named:
        return False
    left, right = reading.clause(quantity.start, quantity.end)
    subject = any(reading.words.has(key, reading.folded) for key in ("many", "all_of", "one"))
    return reading.words.has("budget", reading.folded[left:right]) or (relation == _BELOW and not subject)


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


def _role(reading: Reading, quantity: Quantity) -> str | None:
    owned = _OWNED_BY.match(reading.folded, quantity.end)
    if owned:
        return next(key for key in ("refund", "shipping_cost", "total") if reading.words.has(key, owned.group()))
    keys = ("total", "shipping_cost", "refund")
    if _PLUS_SHIPPING.search(reading.folded[: quantity.start]):
        return "total"
    left, right = reading.clause(quantity.start, quantity.end)
    clause = reading.folded[left:right]
    near = [key for key in keys if reading.words.has(key, clause)]
    if not near and reading.words.has("shipping_cost", reading.folded):
        # '围巾260元,没收运费': the other clause speaks of the shipping, and this one of something else.
        return "total" if reading.words.has("total", reading.folded) else None
    return reading.nearest(keys, quantity.start, quantity.end)


def _fits_orders(reading: Reading, quantity: Quantity, role: str | None) -> bool:
    group = {mention.product.id for mention in reading.group_at(quantity.start)}
    for order in reading.order_scope(quantity.start):
        if not _same_currency(quantity, order.total.currency):
            continue
        held = order_amounts(order)
        if role == "refund":
            refunds = {result.refund.amount for result in reading.facts.cancellations if result.order.id == order.id}
            allowed = refunds or held["total"]
        elif role == "shipping_cost":
            allowed = held["shipping"] | (held["total"] if reading.words.has("total", reading.folded) else set())
        elif role == "total" and _PLUS_SHIPPING.search(reading.folded[: quantity.start]):
            allowed = held["total"]
        elif role == "total":
            counted = any(not other.currency and not other.unit for other in reading.quantities)
            lines_meant = (
                counted
                or group
                or re.search(
                    r"paid|付|(?:before|without|excluding)(?: the)? shipping|不含运费|不算运费", reading.folded
                )
            )
            whole = (
                not lines_meant
                or re.search(r"[那这]一?单|订单|(?:this|that|the|your) order", reading.folded)
                or re.search(r"total|总|includ|含运费", reading.folded)
            )
            allowed = held["total"] | (set() if whole else held["line"])
        elif group:
            lines = [line for line in order.lines if line.product_id in group]
            each = _PER_PIECE.match(reading.folded, quantity.end) is not None
            allowed = {line.price.amount * n for line in lines for n in ((1,) if each else (1, line.quantity))} | (
                held["total"] if not lines else set()
            )
        else:
            allowed = held["total"] | held["line"] | held["shipping"]
        if quantity.value in allowed:
            return True
    return False


def _fits_policy(reading: Reading, quantity: Quantity) -> bool:
    return any(
        quantity.value == amount and _same_currency(quantity, currency)
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
        relation == _ABOVE
        and reading.words.has("lowest_of", reading.folded)
        and not (scope.named and len(scope.products) == 1)
    ):
        lowest = min((min(prices(product)) for product in scope.products if prices(product)), default=None)
        return lowest == quantity.value
    fits = (_price_fits(reading, product, quantity, relation) for product in scope.products)
    bound = relation in (_BELOW, _ABOVE)
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
    if not _same_currency(quantity, currency_of(product)):
        return False
    if quantity.value in list_prices(product) and _is_former(reading, quantity):
        return True
    known = prices(product, _variants(reading, product, quantity))
    if relation == _BELOW:
        strict = not reading.words.has("at_most", reading.folded)
        return any(price < quantity.value or (price == quantity.value and not strict) for price in known)
    if relation == _ABOVE:
        return any(price >= quantity.value for price in known) and (
            quantity.value in known or not reading.words.has("lowest_of", reading.folded)
        )
    if relation == _ABOUT:
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


def _same_currency(quantity: Quantity, currency: str | None) -> bool:
    if quantity.currency is None or currency is None:
        return True
    return (
        quantity.currency == currency
        or {quantity.currency, currency} <= _DOLLARS
        or {quantity.currency, currency} == {"CNY", "JPY"}
    )


def _reason(reading: Reading, quantity: Quantity, text: str) -> str:
    products: Iterable[Product] = _scope(reading, quantity).products[:4]
    known = [f"{product.short_name} costs {product.price}" for product in products if product.price]
    if _is_sum(reading, quantity):
        return f"No tool result holds the sum {text}. Use calculate for sums."
    return f"No tool result holds {text} for this. " + ("; ".join(known) + "." if known else "Leave the amount out.")
