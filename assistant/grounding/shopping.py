"""What is said of the cart, of a delivery and of a size: borne out by the newest answer about it, or contradicted."""

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.grounding.dates import find_days
from assistant.grounding.negation import is_negated
from assistant.grounding.numbers import values
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold
from assistant.schema import Cart, CartShown, DeliveryEstimated, DeliveryOption, SizeAdvised

_CART = re.compile(
    r"(?<![a-z])(?:carts?|basket|checkout|check out|coupon|code|discount|subtotal|total|comes to|off)(?![a-z])"
    r"|购物车|合计|总共|一共|总计|优惠|结账|小计|折扣|已减"
)
_SUBTOTAL = re.compile(
    r"(?<![a-z])(?:subtotal|before (?:the )?(?:discount|coupon|code)|without the)(?![a-z])|小计|折扣前|优惠前"
)
_DISCOUNT = re.compile(r"(?<![a-z])(?:discount|off|saves?|saving|less|reduc)|减|优惠|折扣|省")
_TOTAL = re.compile(r"(?<![a-z])(?:total|comes to|altogether|in all|to pay|sum)(?![a-z])|合计|总共|一共|总计|总价|应付")
_REDUCTION = re.compile(r"(?<![a-z])discount(?![a-z])|折扣")
_DELIVERY = re.compile(
    r"(?<![a-z])(?:deliver|shipping|ship|postage|arriv|express|next-day)"
    r"|运费|配送|送达|快递|寄到|次日达|包邮|免邮"
)
_FREE = re.compile(r"(?<![a-z])free(?![a-z])|免费|免运费|包邮|免邮")
_FROM = re.compile(r"(?<![a-z])(?:spend|from|over|above|orders of|at least|or more)(?![a-z])|满|以上|超过")
_EMPTY = re.compile(
    r"(?<![a-z])(?:cart|basket) (?:is|looks|was) (?:still |now |currently )?empty|nothing in your (?:cart|basket)"
    r"|购物车(?:里|目前|现在)?(?:还)?(?:是空|没有(?:任何)?(?:商品|东西))"
)
_NUMBER = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|[一二两三四五六七八九十]+)"
_HOLDS = re.compile(
    rf"(?<![a-z]){_NUMBER}\s+(?:different\s+)?(?:items?|things?|products?|pieces?|articles?)"
    rf"(?=[^.]{{0,20}}(?:cart|basket))|(?<=购物车)[^,。]{{0,8}}?{_NUMBER}\s*[件个种款样]"
)
_COUNTED = re.compile(rf"(?<![a-z\d]){_NUMBER}\s*(?:×|x|件|个|双|条|本|of the|of)?\s*$")
_TAKE = re.compile(
    r"(?<![a-z])(?:take|recommend|go for|go with|suggest|order|choose|pick|advise|get)(?: (?:the|a|an))?"
    r"[^.,;]{0,12}?size (?P<en>\w+(?:\.\d)?)|(?:建议|推荐)[^,。]{0,8}?(?P<zh>[a-z\d]+(?:\.\d)?)\s*码"
)
_OVERRULED = frozenset({"amount", "count", "date", "service", "unsupported", "measure", "size"})


def is_borne_out(reading: Reading, claim: Claim) -> bool:
    """Tell whether the cart, the delivery or the size advice says what another check found no evidence for."""
    if claim.kind not in _OVERRULED:
        return False
    where = reading.folded.find(fold(claim.text))
    left, right = reading.clause(max(0, where), max(0, where) + len(claim.text))
    clause, named = reading.folded[left:right], set(values(fold(claim.text)))
    if claim.kind == "amount":
        return bool(named) and named <= _amounts(reading, clause)
    if claim.kind in ("count", "measure"):
        return bool(named) and named <= _counts(reading, clause)
    if claim.kind == "date":
        return _fits_days(reading, clause, claim.text)
    if claim.kind == "service":
        return _is_offered(reading, clause, fold(claim.text))
    if claim.kind == "size":
        return _is_made(reading, fold(claim.text))
    return claim.kind == "unsupported" and fold(claim.text) in _words(reading)


def ungrounded_shopping(reading: Reading) -> Iterator[Claim]:
    """Yield what contradicts the cart, or the size that was advised."""
    cart = reading.facts.cart
    if cart is not None and not reading.hedged:
        yield from _of_cart(reading, cart)
    delivery = reading.facts.delivery
    for option in delivery.options if delivery is not None and not reading.hedged else ():
        named, free = reading.stated.find(fold(option.name)), _FREE.search(reading.stated)
        if named >= 0 and free and option.cost.amount > 0 and not _FROM.search(reading.stated):
            left, right = reading.clause(named, named + len(option.name))
            if left <= free.start() < right and not is_negated(reading.stated, free.start(), reading.words):
                text = reading.quote(*free.span())
                yield Claim(kind="delivery", text=text, reason=f"{option.name} delivery costs {option.cost}.")
    advised = reading.facts.sizing
    if advised is not None and advised.size is not None and not reading.asks:
        for match in _TAKE.finditer(reading.folded):
            if (match["en"] or match["zh"]) != fold(advised.size):
                text = reading.quote(*match.span())
                yield Claim(kind="advice", text=text, reason=f"The size that was advised is {advised.size}.")


def _of_cart(reading: Reading, cart: Cart) -> Iterator[Claim]:
    pieces, things = cart.pieces, len(cart.lines)
    empty = _EMPTY.search(reading.stated)
    if empty and cart.lines and not is_negated(reading.stated, empty.start(), reading.words):
        yield Claim(kind="count", text=reading.quote(*empty.span()), reason=f"The cart holds {pieces} pieces.")
    for match in _HOLDS.finditer(reading.stated):
        if set(values(match.group())) - {Decimal(pieces), Decimal(things)}:
            text = reading.quote(*match.span())
            yield Claim(kind="count", text=text, reason=f"The cart holds {pieces} pieces of {things} things.")
    if not _CART.search(reading.folded):
        return
    yield from _of_sums(reading)
    for mention in reading.mentions:
        held = {Decimal(line.quantity) for line in cart.lines if line.product_id == mention.product.id}
        count = _COUNTED.search(reading.folded[: mention.start])
        if held and count and set(values(count.group())) - held:
            text = reading.quote(count.start(), mention.end)
            yield Claim(kind="count", text=text, reason=f"In the cart are {min(held)} of it.")


def _of_sums(reading: Reading) -> Iterator[Claim]:
    """Yield the sums that the cart has, told as another of its sums: the discount as the total."""
    # Of the cart that was just shown: an older one's total may be compared with an order's.
    if not isinstance(reading.facts.evidence.results[-1], CartShown):
        return
    for quantity in reading.quantities:
        left, right = reading.clause(quantity.start, quantity.end)
        clause = reading.folded[left:right]
        told = _TOTAL.search(clause) or _SUBTOTAL.search(clause) or _REDUCTION.search(clause)
        if quantity.currency and told and quantity.value not in _amounts(reading, clause):
            text = reading.quote(quantity.start, quantity.end)
            yield Claim(kind="sum", text=text, reason=f"The cart's {told.group()} isn't {text}.")


def _amounts(reading: Reading, clause: str) -> set[Decimal]:
    """Return what an amount in a clause may be, by what the clause says it is."""
    found: set[Decimal] = set()
    cart, delivery = reading.facts.cart, reading.facts.delivery
    if delivery is not None and _DELIVERY.search(reading.folded):
        for option in _meant_options(delivery, clause):
            found |= {option.free_from.amount} if option.free_from and _FROM.search(clause) else set()
            found.add(option.cost.amount)
    if cart is None:
        return found
    lines = {line.price.amount for line in cart.lines if line.price}
    lines |= {line.price.amount * line.quantity for line in cart.lines if line.price}
    minimum = reading.facts.coupon_minimum
    if minimum is not None and _FROM.search(clause):
        found.add(minimum.amount)
    if _SUBTOTAL.search(clause):
        return found | ({cart.subtotal.amount} if cart.subtotal else set())
    if _TOTAL.search(clause) or (reading.about_cart and not _DISCOUNT.search(clause)):
        found |= {cart.total.amount} if cart.total else set()
        return found if _TOTAL.search(clause) else found | lines
    if _DISCOUNT.search(clause):
        return found | ({cart.discount.amount} if cart.discount else set())
    return found | lines if reading.mentions else found


def _counts(reading: Reading, clause: str) -> set[Decimal]:
    found: set[Decimal] = set()
    cart, sizing = reading.facts.cart, reading.facts.sizing
    if cart is not None and (reading.about_cart or _TOTAL.search(clause)):
        named = {mention.product.id for mention in reading.mentions}
        # 'Three of the kettles' counts those, and not all that is in it.
        found |= {Decimal(line.quantity) for line in cart.lines if line.product_id in named} or {
            Decimal(cart.pieces),
            Decimal(len(cart.lines)),
        }
    if sizing is not None:
        found |= set(values(" ".join((*sizing.guide, *sizing.guide.values(), sizing.usual_size or ""))))
        found |= {Decimal(sizing.exchanges)} | ({Decimal(sizing.share)} if sizing.share is not None else set())
    if reading.facts.delivery is not None:
        found |= set(values(fold(reading.facts.delivery.postcode)))
    return found


def _fits_days(reading: Reading, clause: str, text: str) -> bool:
    delivery = reading.facts.delivery
    if delivery is None:
        return False
    known = {day for option in _meant_options(delivery, clause) for day in (option.earliest, option.latest)}
    named = find_days(fold(text))
    return bool(named) and all(any(day.fits(each) for each in known) for day in named)


def _meant_options(delivery: DeliveryEstimated, clause: str) -> tuple[DeliveryOption, ...]:
    """Return the ways that a clause names, else all of them."""
    return tuple(option for option in delivery.options if fold(option.name) in clause) or delivery.options


def _is_free(reading: Reading, clause: str) -> bool:
    delivery = reading.facts.delivery
    if delivery is None:
        return False
    options = _meant_options(delivery, clause)
    named = set(values(clause))
    from_values = {option.free_from.amount for option in options if option.free_from}
    return any(option.cost.amount == 0 for option in options) or bool(_FROM.search(clause) and named & from_values)


def _is_offered(reading: Reading, clause: str, text: str) -> bool:
    """Tell whether a way to deliver, free delivery or a discount is what the results say."""
    if _FREE.search(text):
        return _is_free(reading, clause)
    delivery, cart = reading.facts.delivery, reading.facts.cart
    if delivery is not None and any(fold(option.name) in text for option in delivery.options):
        return True
    return cart is not None and cart.discount is not None and _DISCOUNT.search(text) is not None


def _is_made(reading: Reading, text: str) -> bool:
    sizing = reading.facts.sizing
    if sizing is None or reading.negated(max(0, reading.folded.find(text)), reading.stated):
        return False
    said = set(re.findall(r"[a-z]+|\d+(?:\.\d)?", text)) - {"size", "sizes", "eu"}
    return bool(said) and said <= {fold(size) for size in sizing.sizes}


def _words(reading: Reading) -> set[str]:
    facts = reading.facts
    texts = [line.title for line in facts.cart.lines] if facts.cart else []
    texts += ["cart", "checkout", "coupon", "code", "discount", "购物车", "优惠码"] if facts.cart else []
    texts += [option.name for option in facts.delivery.options] if facts.delivery else []
    texts += ["delivery", "postcode", "express", "邮编", "配送"] if facts.delivery else []
    sizing: SizeAdvised | None = facts.sizing
    texts += [*sizing.guide.values(), "exchanges exchanged larger smaller guide foot chest waist"] if sizing else []
    return {word for text in texts for word in re.findall(r"[a-z]+|[\u3400-\u9fff]+", fold(text))}
