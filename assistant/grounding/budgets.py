"""'It fits your budget', '超出了您的预算': the price beside what the customer wants to spend, with no number said."""

from collections.abc import Iterator
from decimal import Decimal

from assistant.grounding.numbers import amounts
from assistant.grounding.product_facts import prices
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim


def ungrounded_budgets(reading: Reading) -> Iterator[Claim]:
    """Yield a word on the customer's budget that the price belies."""
    limit = _limit(reading)
    if limit is None or reading.asks or reading.hedged or not reading.words.has("budget", reading.stated):
        return
    for key, is_over in (("over_budget", True), ("in_budget", False)):
        match = reading.words.pattern[key].search(reading.stated)
        if match is None:
            continue
        scope = reading.scope(match.start())
        known = [prices(product) for product in scope.products if prices(product)]
        if not known or reading.not_found:
            return
        turned = reading.negated(match.start(), reading.stated)
        fits = [any((price > limit) == (is_over != turned) for price in held) for held in known]
        if not (all(fits) if scope.named or scope.need == "all" else any(fits)):
            text = reading.quote(match.start(), match.end())
            yield Claim(kind="amount", text=text, reason=f"The prices belie '{text}': the customer's limit is {limit}.")
        return


def _limit(reading: Reading) -> Decimal | None:
    """The highest amount that the customer named last, or the limit of the latest search."""
    for text in reversed(reading.facts.evidence.customer_texts):
        named = [amount for amount, _ in amounts(text)]
        if named:
            return max(named)
    return max(reading.facts.limits, default=None)
