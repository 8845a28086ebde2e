"""Counts and ratings, and every number that no other check has read."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from assistant.grounding.amounts import comparison, is_price_without_sign
from assistant.grounding.facts import corpus, product_values
from assistant.grounding.holding import held
from assistant.grounding.measures import is_size
from assistant.grounding.negation import is_negated
from assistant.grounding.numbers import Quantity, values
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold
from assistant.grounding.variants import variants_named
from assistant.grounding.words import key_of_form
from retrieval.schema import Product

_WINDOW = 36
_OUT_OF = re.compile(r"\s*(?:stars?\s*)?(?:/|out of)\s*(?:5|five)(?![\d.])")
_STARS = re.compile(r"[\s-]*(?:stars?(?![a-z])|★|⭐|颗?星|分(?![钟之]))")
_RATED_AGAINST = re.compile(r"\d\s*(?:against|versus|vs\.?|to|and|,|compared (?:to|with))\s*$|(?:比|对|和|、|,)\s*$")
_THE_OTHERS = re.compile(r"(?:others?|another|remaining|其他|其它|另外?|剩下的?)\s*$")
_ENUMERATION = re.compile(r"(?:option|step|no\.?|number|#|第|item|top|question)\s*$")
_AFTER_ORDINAL = re.compile(r"(?:st|nd|rd|th)(?![a-z])")
_FOUND = re.compile(r"(?:found|there are|there's|we have|we carry|我找到了?|找到了?|我们有|一共有|共有)\s*$")
# What may stand between a number and the thing it counts.
_OF_THEM = re.compile(
    r"\s*(?:pairs?|sets?|packs?|pieces?|boxes|units?|of|the|your|[个双件条只套把床台支盒包瓶张本]|\s)*"
)
_BOUGHT = re.compile(r"(?:买|订|拍)(?:了|的)?\s*$")
_NOT_A_COUNT = re.compile(r"^(?:one|a|two|both)$|^[一两]$")
_POINTING = re.compile(r"(?:these|those|the|other|both|this|that|these last|这|那|另|前|后|哪|每|任|首|某)\s*$")


def ungrounded_counts(reading: Reading) -> Iterator[Claim]:
    """Yield the counts and ratings that don't follow from the results."""
    for quantity in reading.quantities:
        if (quantity.unit and quantity.unit.name not in ("person", "piece")) or quantity.currency:
            continue
        if not _holds(reading, quantity):
            text = reading.quote(quantity.start, min(len(reading.text), _end_of_noun(reading, quantity)))
            yield Claim(kind="count", text=text, reason=f"No tool result bears out the number in '{text}'.")


def _holds(reading: Reading, quantity: Quantity) -> bool:
    kind = kind_of_count(reading, quantity)
    if kind == "rating":
        return _rating_holds(reading, quantity)
    if kind in ("skip", "scale"):
        return True
    if kind in ("pieces", "other") and reading.about_order and _in_a_title(reading, quantity):
        return True
    if quantity.value == _of_kind(reading, quantity):
        return True
    if kind == "pieces" and reading.facts.latest_orders and reading.plain[quantity.end :].startswith("单"):
        return _orders_hold(reading, quantity)
    if kind == "other" and not _with_its_noun(reading, quantity):
        return False
    if reading.facts.tickets and quantity.value in values(reading.facts.said_text + reading.facts.customer_text):
        return True  # 'two of the plates are broken' is what the ticket says
    if quantity.unit:
        return kind != "reviews" or _reviews_hold(reading, quantity)
    checks = {
        "stock": _stock_holds,
        "reviews": _reviews_hold,
        "variants": _variants_hold,
        "orders": _orders_hold,
        "options": _options_hold,
        "pieces": _pieces_hold,
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
    return kind in ("options", "stock") and _order_items_hold(reading, quantity)


def _we_have(reading: Reading, quantity: Quantity) -> bool:
    """'We've got 23 of them': the stock of the one product spoken of."""
    said = re.search(r"(?<![a-z])(?:have|'ve|got)\s*$", reading.plain[: quantity.start]) is not None
    return said and len(reading.scope(quantity.start).products) == 1 and _stock_holds(reading, quantity)


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
    if _RATED_AGAINST.search(before) and words.has("rating", plain) and quantity.value <= 5:
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


def _end_of_noun(reading: Reading, quantity: Quantity) -> int:
    match = re.compile(r"[\s-]*[^\s,.;!?|()。,]+(?:\s+[a-z]+)?").match(reading.plain, quantity.end)
    return match.end() if match else quantity.end


def _is_scale(before: str, quantity: Quantity) -> bool:
    return quantity.value == 5 and re.search(r"(?:/|out of|满分)\s*$", before) is not None


def _rating_holds(reading: Reading, quantity: Quantity) -> bool:
    relation = comparison(reading, quantity)
    scope = reading.scope(quantity.start)
    if reading.echo and quantity.value in reading.facts.customer_values:
        return True
    fits = [_rating_fits(product, quantity.value, relation) for product in scope.products]
    if len([other for other in reading.quantities if not other.unit and not other.currency]) > 1 and not any(fits):
        # '4.8 against 4.3': the second is another's.
        return (
            len(reading.facts.shown) > 1
            and any(_rating_fits(product, quantity.value, relation) for product in reading.facts.shown)
            and scope.need == "any"
        ) or (
            len({m.product.id for m in reading.mentions}) == 1
            and any(_rating_fits(product, quantity.value, relation) for product in reading.facts.shown)
            and _RATED_AGAINST.search(reading.plain[: quantity.start]) is not None
        )
    return bool(fits) and (all(fits) if scope.need == "all" else any(fits))


def _rating_fits(product: Product, stated: Decimal, relation: str) -> bool:
    if product.rating is None:
        return False
    rating = Decimal(str(product.rating))
    if relation in ("above", "below"):
        return rating >= stated if relation == "above" else rating <= stated
    if relation == "about":
        return abs(rating - stated) <= Decimal("0.25")
    one_decimal = stated == stated.quantize(Decimal("0.1")) and stated % 1 != 0
    return rating == stated or (one_decimal and rating.quantize(Decimal("0.1"), ROUND_HALF_UP) == stated)


def _fits(known: int, quantity: Quantity, relation: str) -> bool:
    if relation == "above":
        return known >= quantity.value
    if relation == "below":
        return known <= quantity.value
    return known == quantity.value or (relation == "about" and abs(known - quantity.value) <= known / Decimal(10))


def _reviews_hold(reading: Reading, quantity: Quantity) -> bool:
    scope = reading.scope(quantity.start)
    relation = comparison(reading, quantity)
    fits = [p.rating_count is not None and _fits(p.rating_count, quantity, relation) for p in scope.products]
    fits = fits or [False]
    return all(fits) if scope.need == "all" else any(fits)


def _stock_holds(reading: Reading, quantity: Quantity) -> bool:
    scope = reading.scope(quantity.start)
    relation = comparison(reading, quantity)
    fits = []
    picked = [product for product in scope.products if variants_named(reading, product)]
    for product in picked or scope.products:
        chosen = variants_named(reading, product)
        stocks: list[int | None] = [variant.stock for variant in chosen if variant.stock is not None] or [product.stock]
        fits.append(any(stock is not None and _fits(stock, quantity, relation) for stock in stocks))
    return bool(fits) and (all(fits) if scope.need == "all" and scope.named else any(fits))


def _variants_hold(reading: Reading, quantity: Quantity) -> bool:
    scope = reading.scope(quantity.start)
    for product in scope.products:
        names = {name for variant in product.variants for name in variant.options}
        if any(quantity.value == len({v.options.get(name) for v in product.variants} - {None}) for name in names):
            return True
        if quantity.value == len(product.variants):
            return True
        if quantity.value == sum(bool(variant.stock) for variant in product.variants):
            return True
    return False


def _orders_hold(reading: Reading, quantity: Quantity) -> bool:
    orders = reading.facts.latest_orders
    if quantity.value == len(orders):
        return True
    statuses = {
        order.status for order in orders if order.status in reading.folded or _status_said(reading, order.status)
    }
    return bool(statuses) and quantity.value == sum(order.status in statuses for order in orders)


def _status_said(reading: Reading, status: str) -> bool:
    return reading.words.has(f"status_{status}", reading.folded)


def _order_items_hold(reading: Reading, quantity: Quantity) -> bool:
    if not reading.about_order:
        return False
    following = next((m for m in reading.mentions if m.start >= quantity.end), None)
    between = reading.folded[quantity.end : following.start] if following else ""
    ordered = [line for order in reading.order_scope(quantity.start) for line in order.lines]
    if following and _OF_THEM.fullmatch(between):
        lines = [line for line in ordered if line.product_id == following.product.id]
        if lines:
            return any(line.quantity == quantity.value for line in lines)
    for order in reading.order_scope(quantity.start):
        counts = {
            len(order.lines),
            sum(line.quantity for line in order.lines),
            *(line.quantity for line in order.lines),
        }
        if quantity.value in counts:
            return True
    return False


def _pieces_hold(reading: Reading, quantity: Quantity) -> bool:
    group = {mention.product.id for mention in reading.mentions if 0 <= mention.start - quantity.end <= 2}
    if not group:
        return _order_items_hold(reading, quantity)
    lines = [line for order in reading.order_scope(quantity.start) for line in order.lines if line.product_id in group]
    return any(line.quantity == quantity.value for line in lines)


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


def _options_hold(reading: Reading, quantity: Quantity) -> bool:
    shown = reading.facts.shown
    relation = comparison(reading, quantity)
    if not shown and reading.facts.passages:
        return True  # 'one of the things that can't come back'
    named = len({mention.product.id for mention in reading.mentions})
    counted = _counted_by_attribute(reading, quantity)
    if counted is not None:
        return counted
    if quantity.value in (named, len(shown)) and quantity.value:
        return True
    if _counted_with_a_limit(reading, quantity):
        return True
    if relation in ("above", "below") or not reading.words.has("selection", reading.folded):
        return relation == "above" and len(shown) >= quantity.value
    return bool(shown) and quantity.value <= len(shown)


def _of_kind(reading: Reading, quantity: Quantity) -> int | None:
    """'three telescopes and a pair of binoculars', '两把溪音的琴': how many are of the kind or brand that follows."""
    after = reading.folded[quantity.end : quantity.end + 24]
    texts = [fold(f"{p.category or ''} {p.brand or ''} {p.title}") for p in reading.facts.shown]
    if reading.language == "zh":
        match = re.match(r"[个款把双件条台只支]?([㐀-鿿]{2,4}?)(?:的|牌)", after)
        return sum(match.group(1) in text for text in _all_texts(reading)) if match else None
    match = re.match(r"\s*(?:[a-z]+ )?([a-z]{4,}?)s?(?![a-z])", after)
    return sum(match.group(1) in text for text in texts) if match else None


def _all_texts(reading: Reading) -> list[str]:
    return [fold(f"{p.brand or ''} {p.category or ''}") for p in reading.facts.shown]


def _counted_by_attribute(reading: Reading, quantity: Quantity) -> bool | None:
    """'two of the four are waterproof': whether so many have it; None if nothing is counted like that."""
    after = reading.stated[quantity.end :]
    if not (
        re.match(r"\s+of (?:the|these|those|them)(?![a-z])", after)
        or re.search(r"(?:里|中)有\s*$", reading.stated[: quantity.start])
    ):
        return None
    match = reading.words.concepts.search(after)
    if match is None:
        return None
    denied = is_negated(after, match.start(), reading.words)
    concepts = reading.words.concept_of.get(key_of_form(match.group()), ())
    wanted = "no" if denied else "yes"
    having = [p for p in reading.facts.shown if any(held(p, concept, reading.words) == wanted for concept in concepts)]
    return quantity.value == len(having)


def _counted_with_a_limit(reading: Reading, quantity: Quantity) -> bool:
    """'two of them are in stock', 'three under $100': count those that are."""
    shown = reading.facts.shown
    if reading.words.has("stock_out", reading.plain):
        return quantity.value == sum(product.stock == 0 for product in shown)
    if reading.words.has("stock_in", reading.plain):
        return quantity.value == sum(bool(product.stock) for product in shown)
    limit = next((other for other in reading.quantities if other.currency), None)
    if limit is None:
        return False
    below = comparison(reading, limit) == "below"
    prices = [product.price.amount for product in shown if product.price]
    return quantity.value == sum(price <= limit.value if below else price >= limit.value for price in prices)


def _number_is_known(reading: Reading, quantity: Quantity) -> bool:
    """The last resort: the number must stand somewhere in what the sentence is about."""
    if reading.about_order and reading.mentions and not _order_items_hold(reading, quantity):
        following = next((m for m in reading.mentions if m.start >= quantity.end), None)
        if following and _OF_THEM.fullmatch(reading.folded[quantity.end : following.start]):
            return False
    if not quantity.digits and quantity.value <= 3 and not _counts_a_part(reading, quantity):
        return True
    if reading.asks and not reading.mentions:
        return True
    facts = reading.facts
    scope = reading.scope(quantity.start)
    if any(quantity.value in product_values(product) for product in scope.products):
        return True
    if reading.about_order and (_order_items_hold(reading, quantity) or quantity.value in values(facts.order_text)):
        return True
    if quantity.value in facts.calculated or (not reading.mentions and quantity.value in values(facts.policy_text)):
        return True
    if reading.topics and quantity.value in values(facts.policy_text):
        return True
    return not scope.named and quantity.value in facts.customer_values and reading.echo
