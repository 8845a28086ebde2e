"""Sizes, weights, capacities, percentages and lengths of time: from the product named or the policy spoken of."""

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.grounding.arithmetic import follows
from assistant.grounding.bounds import age_holds, agrees, is_customers, is_excluded
from assistant.grounding.comparing import comparison
from assistant.grounding.numbers import Quantity, measures, values
from assistant.grounding.policies import spoken_of
from assistant.grounding.product_facts import product_attributes, product_measures
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold
from retrieval.schema import Product

_TIMES = frozenset({"days", "workdays", "months", "hours"})
_AGE = re.compile(r"(?<![a-z])(?:ages?|aged)\s+(?:is\s+|of\s+|from\s+)?(?P<age>\d{1,2})(?!\d)")
_YOURS = re.compile(r"(?<![a-z])your [a-z ]{0,12}$|您(?:家|的)?[^,。;]{0,8}$")
_CHILD = re.compile(r"(?:大?的)?(?:孩子|宝宝|小孩|小朋友|女儿|儿子)| (?:child|kid|son|daughter|dog|cat)")


def ungrounded_measures(reading: Reading) -> Iterator[Claim]:
    """Yield the measures and lengths of time that no product, policy or order of the sentence bears out."""
    for quantity in reading.quantities:
        if quantity.unit and not _is_known(reading, quantity):
            text = reading.quote(quantity.start, quantity.end)
            kind = "duration" if quantity.unit.dimension in _TIMES else "measure"
            yield Claim(
                kind=kind, text=text, reason=f"No tool result says '{text}' about this. Leave it out or look it up."
            )
    if not reading.hedged:
        yield from _ages(reading)


def age_is_known(product: Product, age: Decimal) -> bool:
    """Tell whether a structured attribute about age names this number."""
    named = (value for name, value in product_attributes(product) if re.search(r"age|年龄", fold(name)))
    return any(age in values(value) for value in named)


def _ages(reading: Reading) -> Iterator[Claim]:
    for match in _AGE.finditer(reading.stated):
        scope = reading.scope(match.start())
        if not any(age_is_known(product, Decimal(match["age"])) for product in scope.products):
            text = reading.quote(match.start(), match.end())
            yield Claim(
                kind="safety", text=text, reason=f"No attribute gives '{text}'. Leave the age out or ask a human."
            )


def _is_known(reading: Reading, quantity: Quantity) -> bool:
    unit = quantity.unit
    assert unit is not None
    if reading.plain[quantity.start : quantity.end] in ("一天", "一日", "一层", "一年") and not re.match(
        r"[以之]?[内后]|质保|保修", reading.plain[quantity.end :]
    ):
        return True
    wanted = (unit.dimension, quantity.base)
    if unit.name == "cup" and (
        "cup" in reading.facts.order_text or any("cup" in fold(p.title) for p in reading.scope(0).products)
    ):
        return True  # cups to drink from
    if unit.dimension == "part" and reading.about_order:
        lines = (line for order in reading.order_scope(quantity.start) for line in order.lines)
        if any(line.quantity == quantity.value for line in lines):
            return True
    if unit.name == "person" and re.search(r"(?<![a-z])(?:rat|review)|评价|评论|打分|评分", reading.plain):
        return True  # a count of reviews
    if reading.words.has("too_big", reading.plain[quantity.end :]) and is_excluded(reading, quantity):
        return True
    if _is_of_pair(reading, quantity):
        return True
    if age_holds(reading, quantity) and "warranty" not in reading.topics:
        return True
    if is_customers(reading, quantity) and not reading.asks:
        agreed = agrees(reading, quantity)
        if agreed is not None:
            return agreed
        if not reading.scope(quantity.start).products:
            return True  # nothing at hand that it could be said of
        if not reading.words.has("suited", reading.stated) and (
            _YOURS.search(reading.folded[: quantity.start]) or _CHILD.match(reading.folded, quantity.end)
        ):
            return True  # 'your 12 kg dog'
    if reading.asks and not reading.mentions:
        return True
    if follows(reading, quantity):
        return True
    if reading.echo and any(_close(wanted, measure) for measure in measures(reading.facts.customer_text)):
        return True
    if any(_close(wanted, measure) for part in spoken_of(reading, quantity.start) for measure in measures(part)):
        return True
    scope = reading.scope(quantity.start)
    about = comparison(reading, quantity) == "about"
    fits = [any(_close(wanted, measure, about) for measure in product_measures(product)) for product in scope.products]
    if fits and (all(fits) if scope.need == "all" and scope.named else any(fits)):
        return True
    return reading.about_order and any(_close(wanted, m) for m in measures(reading.facts.order_text))


def _is_of_pair(reading: Reading, quantity: Quantity) -> bool:
    """'It's heavier than the Ridge Shell, 410 g against 335 g': one is the named product's, the other another's."""
    assert quantity.unit is not None
    dimension = quantity.unit.dimension
    pair = [q for q in reading.quantities if q.unit and q.unit.dimension == dimension]
    named = {mention.product.id for mention in reading.mentions}
    if len(pair) != 2 or len(named) != 1 or not reading.words.has("than", reading.folded):
        return False
    others = [p for p in reading.facts.shown if p.id not in named]
    return any(_close((dimension, quantity.base), measure) for p in others for measure in product_measures(p))


def _close(wanted: tuple[str, Decimal], held: tuple[str, Decimal], about: bool = False) -> bool:
    if {wanted[0], held[0]} == {"days", "hours"}:
        wanted, held = (_in_hours(wanted), _in_hours(held))
    dimensions = {wanted[0], held[0]}
    if len(dimensions) > 1 and dimensions != {"days", "workdays"}:
        return False
    # Half a percent is what a conversion loses; 'about' may round as far as 5 %.
    return abs(wanted[1] - held[1]) <= abs(held[1]) * (Decimal("0.05") if about else Decimal("0.005"))


def _in_hours(measure: tuple[str, Decimal]) -> tuple[str, Decimal]:
    """Two days are 48 hours; hours are counted in minutes."""
    dimension, base = measure
    return ("hours", base * 24 * 60) if dimension == "days" else measure
