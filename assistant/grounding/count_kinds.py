"""What a bare number counts: stars, reviews, what is in stock, products, orders, pieces of an order."""

import re

from assistant.grounding.amounts import is_price_without_sign
from assistant.grounding.numbers import Quantity
from assistant.grounding.reading import Reading
from assistant.grounding.sizes import is_size

_WINDOW = 36
_OUT_OF = re.compile(r"\s*(?:stars?\s*)?(?:/|out of)\s*(?:5|five)(?![\d.])")
_STARS = re.compile(r"[\s-]*(?:stars?(?![a-z])|★|⭐|颗?星|分(?![钟之]))")
RATED_AGAINST = re.compile(r"\d\s*(?:against|versus|vs\.?|to|and|,|compared (?:to|with))\s*$|(?:比|对|和|、|,)\s*$")
_THE_OTHERS = re.compile(r"(?:others?|another|remaining|其他|其它|另外?|剩下的?)\s*$")
_ENUMERATION = re.compile(r"(?:option|step|no\.?|number|#|第|item|top|question)\s*$")
_AFTER_ORDINAL = re.compile(r"(?:st|nd|rd|th)(?![a-z])")
_FOUND = re.compile(r"(?:found|there are|there's|we have|we carry|我找到了?|找到了?|我们有|一共有|共有)\s*$")
_NOT_A_COUNT = re.compile(r"^(?:one|a|two|both)$|^[一两]$")
_POINTING = re.compile(r"(?:these|those|the|other|both|this|that|these last|这|那|另|前|后|哪|每|任|首|某)\s*$")


def kind_of_count(reading: Reading, quantity: Quantity) -> str:
    """Return what a bare number counts, such as 'rating', 'stock', 'reviews' or 'options'; 'skip' for no count."""
    words, plain = reading.words, reading.plain
    before, after = (
        plain[max(0, quantity.start - _WINDOW) : quantity.start],
        plain[quantity.end : quantity.end + _WINDOW],
    )
    if _is_scale(before, quantity):
        return "scale"
    starred = _STARS.match(after)
    if _OUT_OF.match(after) or starred:
        return "rating"
    if _AFTER_ORDINAL.match(after) or _ENUMERATION.search(before) or is_size(reading, quantity):
        return "skip"
    if is_price_without_sign(reading, quantity) or re.match(r"\s*[:：]\s*\d\d|\s*[ap]\.?m\b", after):
        return "skip" if is_price_without_sign(reading, quantity) else "other"
    if _POINTING.search(before) and not quantity.digits and quantity.value <= 10:
        return "skip"
    if _THE_OTHERS.search(before) and after[:1] in ("种", "款", "个"):
        return "variants" if len(reading.scope(quantity.start).products) == 1 else "skip"
    if quantity.unit is None and plain[quantity.start : quantity.end] == "一":
        return "skip"
    if before.endswith("all ") and reading.facts.shown:
        return "options"
    if reading.asks and not quantity.digits:
        return "skip"
    some_left = re.search(r"(?<![a-z])(?:left|remaining)(?![a-z])", after) is not None
    if (re.match(r"\s+of (?:the|these|those|them)(?![a-z])", after) and not some_left) or re.search(
        r"(?:里|中|当中)有\s*$", before
    ):
        return "options"
    if any(0 <= mention.start - quantity.end <= 2 for mention in reading.mentions) and reading.about_order:
        return "pieces"
    near = re.split(r"[,.;!?|()。、]|(?<![a-z])(?:and|for|with|from)(?![a-z])", after)[0]
    if RATED_AGAINST.search(before) and words.has("rating", plain) and quantity.value <= 5:
        return "rating"
    if (
        re.search(
            r"(?:rated|rating(?:\s+(?:is|of|at))*|scores?|averag\w+|stars?:?|评分(?:为|是|高达|达|达到)?|评价)\s*[:：]?\s*$",
            before,
        )
        and quantity.value <= 5
    ):
        return "rating"
    if words.pattern["review_noun"].match(near.lstrip()) or words.has("review_noun", " ".join(near.split()[:3])):
        return "reviews"
    if quantity.unit and quantity.unit.name == "person" and words.has("rating", plain):
        return "reviews"  # 'rated by 300 people'
    if _counts_stock(reading, before, near):
        return "stock"
    if not quantity.digits and _NOT_A_COUNT.match(plain[quantity.start : quantity.end]) and quantity.value == 1:
        return "skip"
    first = near if reading.language == "zh" else " ".join(near.split()[:4])
    for key, kind in (("variant_noun", "variants"), ("order_noun", "orders")):
        match = words.pattern[key].search(first)
        if match and (reading.language != "zh" or match.start() <= 1):
            return kind
    if words.has("option_noun", first) and (
        reading.language != "zh" or words.pattern["option_noun"].match(first.lstrip())
    ):
        return "options"
    if reading.about_order and words.has("order_item_noun", first):
        return "pieces"
    return "options" if _FOUND.search(before) else "other"


def _counts_stock(reading: Reading, before: str, near: str) -> bool:
    words = reading.words
    if reading.language == "zh":
        tail, head = before[-8:], near[:8]
        return words.has("stock_count", tail) or (words.has("piece_noun", head[:2]) and words.has("stock_count", head))
    match = words.pattern["stock_count"].search(near)
    if match and len(near[: match.start()].split()) <= 3:
        return True
    return (
        re.search(r"(?:stock|stock is|in stock|availability|left)\s*(?:is|at|of|:|level|count)?\s*:?\s*$", before)
        is not None
    )


def _is_scale(before: str, quantity: Quantity) -> bool:
    return quantity.value == 5 and re.search(r"(?:/|out of|满分)\s*$", before) is not None
