"""Counts and ratings, and every number that no other check has read."""

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.grounding.count_kinds import kind_of_count
from assistant.grounding.counted_options import of_kind, options_hold
from assistant.grounding.counted_orders import (
    OF_THEM,
    cards_hold,
    order_items_hold,
    orders_hold,
    pieces_by_noun,
    pieces_hold,
)
from assistant.grounding.counted_products import rating_holds, reviews_hold, stock_holds, variants_hold
from assistant.grounding.numbers import Quantity, values
from assistant.grounding.product_facts import corpus, product_values
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold

# 'All fit into your 160': the customer's own limit.
_YOURS = re.compile(r"(?<![a-z])your\s*$|[您你]的?\s*$")
# '4.8 against 4.5': the second number is that of another one.
_CONTRASTED = re.compile(r"(?<![a-z])(?:against|versus|vs\.?|compared (?:to|with)|than)\s*(?:the )?$|(?:对|比)\s*$")
_BOUGHT = re.compile(r"(?:买|订|拍)(?:了|的)?\s*$")


def ungrounded_counts(reading: Reading) -> Iterator[Claim]:
    """Yield the counts and ratings that don't follow from the results."""
    for quantity in reading.quantities:
        if (quantity.unit and quantity.unit.name not in ("person", "piece")) or quantity.currency:
            continue
        if not _holds(reading, quantity):
            text = reading.quote(quantity.start, min(len(reading.text), _end_of_noun(reading, quantity)))
            yield Claim(kind="count", text=text, reason=f"No tool result bears out the number in '{text}'.")


def _holds(reading: Reading, quantity: Quantity) -> bool:
    if (held := pieces_by_noun(reading, quantity)) is not None:
        return held
    if (held := cards_hold(reading, quantity)) is not None:
        return held
    kind = kind_of_count(reading, quantity)
    if kind == "rating":
        return rating_holds(reading, quantity)
    if kind in ("skip", "scale") or _is_a_reasons(reading, quantity):
        return True
    if kind in ("pieces", "other") and reading.about_order and _in_a_title(reading, quantity):
        return True
    if quantity.value == of_kind(reading, quantity):
        return True
    if kind == "pieces" and reading.facts.latest_orders and reading.plain[quantity.end :].startswith("单"):
        return orders_hold(reading, quantity)
    if kind == "other" and not _with_its_noun(reading, quantity):
        return False
    if reading.facts.tickets and quantity.value in values(reading.facts.said_text + reading.facts.customer_text):
        return True  # 'two of the plates are broken' is what the ticket says
    if quantity.unit:
        return kind != "reviews" or reviews_hold(reading, quantity)
    checks = {
        "stock": stock_holds,
        "reviews": reviews_hold,
        "variants": variants_hold,
        "orders": orders_hold,
        "options": options_hold,
        "pieces": pieces_hold,
    }
    if _BOUGHT.search(reading.plain[: quantity.start]) and reading.about_order and kind != "orders":
        before = [mention for mention in reading.mentions if mention.end <= quantity.start]
        ids = {before[-1].product.id} if before else set()
        lines = [ln for o in reading.order_scope(quantity.start) for ln in o.lines if ln.product_id in ids]
        if lines:
            return any(line.quantity == quantity.value for line in lines)
    if kind in ("options", "pieces", "other") and _is_operand(reading, quantity):
        return True
    check = checks.get(kind)
    if check is None:
        return _number_is_known(reading, quantity)
    if check(reading, quantity) or (kind == "options" and _we_have(reading, quantity)):
        return True
    return kind in ("options", "stock") and order_items_hold(reading, quantity)


def _is_a_reasons(reading: Reading, quantity: Quantity) -> bool:
    """'Bought by 9 customers', '您在9月买过': the reason of a product that is spoken of says it."""
    following = reading.plain[quantity.start :]
    if re.match(r"\d+月", following):
        return quantity.value in reading.facts.reason_months
    if not re.match(
        r"\d+\s*(?:位|名|个|of our |other )?\s*(?:customers?|people|shoppers|buyers|顾客|买家|用户|人)", following
    ):
        return False
    ids = {product.id for product in reading.scope(quantity.start).products}
    return any(reason.count == quantity.value for reason in reading.facts.reasons_of(ids))


def _we_have(reading: Reading, quantity: Quantity) -> bool:
    """'We've got 23 of them': the stock of the one product spoken of."""
    said = re.search(r"(?<![a-z])(?:have|'ve|got)\s*$", reading.plain[: quantity.start]) is not None
    return said and len(reading.scope(quantity.start).products) == 1 and stock_holds(reading, quantity)


def _in_a_title(reading: Reading, quantity: Quantity) -> bool:
    """'一套6件的瓷盘': the number and what it counts stand in the title of what was ordered."""
    phrase = reading.folded[quantity.start : quantity.end + 1].strip()
    lines = (line for order in reading.order_scope(quantity.start) for line in order.lines)
    return quantity.digits and any(phrase in fold(line.title) for line in lines)


def _with_its_noun(reading: Reading, quantity: Quantity) -> bool:
    """'4.5 tog': where the texts have a number before that very word, it is one of theirs."""
    match = re.match(r"[\s-]?([a-z]{3,}|[㐀-鿿]{2})", reading.plain[quantity.end :])
    if match is None or not quantity.digits or match.group(1) in reading.words.sets["stop"]:
        return True
    texts = "\n".join(corpus(product) for product in reading.scope(quantity.start).products)
    known = re.findall(rf"(\d+(?:\.\d+)?)[\s-]?{re.escape(match.group(1))}", texts)
    return not known or any(Decimal(number) == quantity.value for number in known)


def _is_operand(reading: Reading, quantity: Quantity) -> bool:
    """'Six mugs come to $75': a number of the calculation whose value is told."""
    facts = reading.facts
    told = any(other.value in facts.calculated for other in reading.quantities)
    return told and quantity.value in facts.operands


def _end_of_noun(reading: Reading, quantity: Quantity) -> int:
    match = re.compile(r"[\s-]*[^\s,.;!?|()。,]+(?:\s+[a-z]+)?").match(reading.plain, quantity.end)
    return match.end() if match else quantity.end


def _counts_a_part(reading: Reading, quantity: Quantity) -> bool:
    """'three USB-C ports': what follows stands in the product's own texts, so the number has to as well."""
    following = re.match(r"\s*([a-z][a-z-]{3,}|[㐀-鿿]{3})", reading.plain[quantity.end :])
    if following is None:
        return False
    word = following.group(1)[2:] if following.group(1) > "㐀" else following.group(1).rstrip("s")
    return (
        any(word in corpus(product) for product in reading.scope(quantity.start).products)
        and word not in reading.words.sets["stop"]
    )


def _number_is_known(reading: Reading, quantity: Quantity) -> bool:
    """The last resort: the number must stand somewhere in what the sentence is about."""
    if reading.about_order and reading.mentions and not order_items_hold(reading, quantity):
        following = next((m for m in reading.mentions if m.start >= quantity.end), None)
        if following and OF_THEM.fullmatch(reading.folded[quantity.end : following.start]):
            return False
    if not quantity.digits and quantity.value <= 3 and not _counts_a_part(reading, quantity):
        return True
    if reading.asks and not reading.mentions:
        return True
    facts = reading.facts
    before = reading.plain[: quantity.start]
    if quantity.value in facts.customer_values and _YOURS.search(before):
        return True
    if _CONTRASTED.search(before) and any(quantity.value in product_values(product) for product in facts.shown):
        return True
    if quantity.value in values(facts.account_text):
        return True
    scope = reading.scope(quantity.start)
    if any(quantity.value in product_values(product) for product in scope.products):
        return True
    if reading.about_order and (order_items_hold(reading, quantity) or quantity.value in values(facts.order_text)):
        return True
    if quantity.value in facts.calculated or (not reading.mentions and quantity.value in values(facts.policy_text)):
        return True
    if reading.topics and quantity.value in values(facts.policy_text):
        return True
    return not scope.named and quantity.value in facts.customer_values and reading.echo
