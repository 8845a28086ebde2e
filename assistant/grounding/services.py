"""What the shop is said to offer: free shipping, discounts, warranties. Only a policy, order or product proves it."""

import re
from collections.abc import Iterator

from assistant.grounding.negation import is_negated
from assistant.grounding.order_facts import order_lines
from assistant.grounding.product_facts import corpus, list_prices, product_attributes, reviews_of
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold

_FREE = re.compile(r"(?<![a-z])free(?![a-z])|no charge|at no cost|免费|包邮|免邮|免运费")
_CONDITION = re.compile(r"(?<![a-z])(?:over|above|if|from|more than|minimum|only|at least)(?![a-z])|满|超过|以上|仅")
_TOPIC_OF = {"free_shipping": "shipping", "free_returns": "returns", "free_exchanges": "exchanges"}
# A code, a coupon and the like need a policy; that something is reduced its list price tells.
_CODES = (
    "promo",
    "coupon",
    "优惠券",
    "满减",
    "学生",
    "student",
    "flash",
    "black",
    "limited",
    "限时",
    "秒杀",
    "清仓",
    "clearance",
    "half",
    "半价",
)
_ON_ACCOUNT = frozenset({"gift card", "gift cards", "礼品卡"})
# What the customer sends back costs nothing, where the return says so.
_SENT_BACK_FREE = frozenset({"free_returns", "free_exchanges", "free_extra"})
_OFFERS = frozenset({"sale", "discount", "bonus"})


def ungrounded_services(reading: Reading) -> Iterator[Claim]:
    """Yield what is offered without a policy that says so."""
    if reading.hedged or reading.language == "other":
        return
    places = _places(reading)
    for concept, pattern in reading.words.services.items():
        match = pattern.search(reading.stated)
        if match and not _holds(reading, concept, match, places):
            text = reading.quote(match.start(), match.end())
            reason = f"No policy says '{text}'. Look it up with search_policies or leave it out."
            yield Claim(kind="service", text=text, reason=reason)


def _places(reading: Reading) -> list[str]:
    facts = reading.facts
    products = reading.scope(0).products or tuple(facts.products.values())
    orders = reading.order_scope(0) if reading.about_order else tuple(facts.orders.values())
    order_text = "\n".join(fold(line) for order in orders for line in order_lines(order))
    reviews = [reviews_of(product) for product in products] if reading.reports else []
    return [facts.policy_text, facts.held_text, order_text, *reviews, *(corpus(product) for product in products)]


def _holds(reading: Reading, concept: str, match: re.Match[str], places: list[str]) -> bool:
    facts, pattern = reading.facts, reading.words.services[concept]
    free = concept in _TOPIC_OF or concept == "free_extra"
    if concept == "final_sale" and facts.passages:
        return True  # yes and no are compared rule by rule
    if (not free or concept == "free_extra") and any(pattern.search(place) for place in places):
        return True
    if concept in ("sale", "discount") and not match.group().startswith(_CODES):
        return any(list_prices(product) for product in reading.scope(match.start()).products) or denied_offer(
            reading, match
        )
    if facts.account_text and (fold(match.group()) in _ON_ACCOUNT or fold(match.group()) in facts.account_text):
        return True
    if concept in _SENT_BACK_FREE and facts.requested and not any(facts.fees):
        return True
    denied = is_negated(reading.stated, match.start(), reading.words)
    if concept == "international" and reading.rules_out and reading.words.has("negation", reading.stated):
        return True  # 'outside the US we don't ship', where a policy says 'only'
    if concept == "free_extra" and _is_included(reading, match):
        return True
    if denied and (concept in _OFFERS or not facts.passages):
        return True
    if free:
        return _is_free(reading, _TOPIC_OF.get(concept), places)
    if concept == "full_refund" and facts.cancellations:
        return True
    return reading.echoes(match.group())


def _is_included(reading: Reading, match: re.Match[str]) -> bool:
    """'还送琴包': what comes along stands in the product's own texts as something that it comes with."""
    following = re.match(r"[\u3400-\u9fff]{2}", reading.folded[match.end() :])
    return following is not None and any(
        following.group() in fold(value)
        for product in reading.scope(match.start()).products
        for name, value in product_attributes(product)
        if fold(name) in {"附件", "配件", "included", "包含", "随附"}
    )


def denied_offer(reading: Reading, match: re.Match[str]) -> bool:
    """Tell whether an offer is denied, or asked for by the customer and given back."""
    return is_negated(reading.stated, match.start(), reading.words) or reading.echoes(match.group())


def _is_free(reading: Reading, topic: str | None, places: list[str]) -> bool:
    """A policy's sentence about the subject says 'free', or the order's shipping did cost nothing."""
    orders = reading.order_scope(0) if reading.about_order and topic == "shipping" else ()
    if topic is None and "shipping" in reading.topics and reading.about_order:
        orders = reading.order_scope(0)
    if any(not order.shipping.amount for order in orders):
        return True
    subjects = [reading.words.topics[name] for name in ([topic] if topic else reading.topics or reading.words.topics)]
    always = reading.words.has("always", reading.stated)
    parts = (part for place in places for part in re.split(r"[.!?](?=\s|$)|[。！？\n]", place))
    if topic == "shipping":  # 'return shipping is free' says nothing of the way there
        parts = (part for part in parts if not reading.words.topics["returns"].search(part))
    return any(
        _FREE.search(part)
        and not (always and _CONDITION.search(part))
        and any(subject.search(part) for subject in subjects)
        for part in parts
    )
