"""Sizes, weights, capacities, percentages and lengths of time: from the product named or the policy spoken of."""

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.grounding.arithmetic import follows
from assistant.grounding.bounds import age_holds, agrees, is_customers, is_excluded
from assistant.grounding.comparing import comparison
from assistant.grounding.facts import corpus, product_attributes, product_measures
from assistant.grounding.numbers import Quantity, measures, values
from assistant.grounding.policies import spoken_of
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold
from assistant.grounding.variants import sizes_of
from retrieval.schema import Product

_TIMES = frozenset({"days", "workdays", "months", "hours"})
_VAGUE_DAYS = re.compile(
    r"(?:within|in|after|for|takes?|about|over|than) (?:a|an) (?P<unit>day|week|month|year"
    r"|hour|couple of days|few days|couple of weeks|few weeks)(?![a-z])"
    r"|(?:几|数)(?:天|日|个工作日|周|个月)(?:内|后|之内)"
    r"|(?P<vague>half an hour|half a day|an hour and a half|a few (?:hours|minutes|months)|a couple of (?:hours|months)"
    r"|(?:within )?(?:minutes|seconds|hours|days|weeks)(?= (?:of|after))"
    r"|半个?(?:小时|钟头|天|月|年)|[一两三四五六七八]两?[二两三四五六七八九](?:天|个?小时|个?月|周)|几个?(?:小时|分钟))"
)
# 'The refund arrives at once': a time as much as 'within two days' is.
_MOVES = re.compile(
    r"(?<![a-z])(?:refund|money|arriv|ship|dispatch|deliver"
    r"|account|reach|get it|receive|reply|answer|call|contact|in touch)"
    r"|到账|退款|退回|发货|寄|送达|送到|到货|回复|联系|回电|处理好|解决"
)
_SIZE_LETTER = r"(?:[2-5]?x{0,3}[sl]|m|one size)"
_SIZES = re.compile(
    rf"(?:(?<![a-z])(?:sizes?|eu|uk|us)(?![a-z])(?:\s+(?:are|is|of|from|in|eu|us|uk|range from"
    rf"|options?))*\s*:?\s*|(?:尺码|尺寸)(?:为|是|有|包括|从|:)?\s*)"
    rf"(?P<list>(?:\d{{1,3}}(?:\.\d)?|{_SIZE_LETTER})(?![\w\"%])(?:(?:\s*(?:,|/|-|~|、|和|到|至"
    rf"|或)\s*(?:and |or )?|\s+(?:and|or|to|through)\s+)(?:\d{{1,3}}(?:\.\d)?|{_SIZE_LETTER})(?![\w\"]))*)"
    rf"|(?P<chinese>(?:\d{{2}}(?:\.5)?|{_SIZE_LETTER})(?:\s*[、,到至~-]\s*(?:\d{{2}}(?:\.5)?"
    rf"|{_SIZE_LETTER}))*)\s*(?:码|号(?!订单|店|线))"
    r"|(?<![a-z])(?:in an?|the)\s+(?P<bare>3[4-9]|4\d)(?![\w.%\"-]|\s+(?:option|product|item"
    r"|day|inch|cm|l\b|piece|pair|review|order|left|in stock|hour|month|year|customer))"
)
_AGE = re.compile(r"(?<![a-z])(?:ages?|aged)\s+(?:is\s+|of\s+|from\s+)?(?P<age>\d{1,2})(?!\d)")
_MEASURED = re.compile(
    r"\s*(?:\.\d|[\d×x*]|\"|″|''|%|°|(?:[mc]?m|m?l|k?g|mg|w|v|[gtm]b|ft|oz|lbs?|hz)\b|inch|英寸|寸|厘米|毫米|米|升|毫升|克|千克|公斤|\()"
)
_YOURS = re.compile(r"(?<![a-z])your [a-z ]{0,12}$|您(?:家|的)?[^,。;]{0,8}$")
_CHILD = re.compile(r"(?:大?的)?(?:孩子|宝宝|小孩|小朋友|女儿|儿子)| (?:child|kid|son|daughter|dog|cat)")
_VALUE = re.compile(rf"\d{{1,3}}(?:\.\d)?|{_SIZE_LETTER}")


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
        yield from _vague_times(reading)
        yield from _at_once(reading)
        yield from _ages(reading)


def ungrounded_sizes(reading: Reading) -> Iterator[Claim]:
    """Yield the sizes that the product isn't made in, or is said not to be made in though it is."""
    if reading.asks:
        return
    for match in _SIZES.finditer(reading.stated):
        if reading.echoes(match.group().strip()) and not reading.mentions:
            continue
        if _MEASURED.match(reading.stated, match.end()) or match.group().strip() in reading.facts.order_text:
            continue
        sizes = _VALUE.findall(match["list"] or match["chinese"] or match["bare"])
        for value in sizes:
            if not _size_fits(reading, match, value):
                text = reading.quote(match.start(), match.end())
                yield Claim(
                    kind="size",
                    text=text,
                    reason=f"No tool result bears out size {value.upper()} as said of this product.",
                )


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


def is_size(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number is a size, checked as such."""
    return any(match.start() <= quantity.start < match.end() for match in _SIZES.finditer(reading.plain))


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


def _vague_times(reading: Reading) -> Iterator[Claim]:
    for match in _VAGUE_DAYS.finditer(reading.stated):
        places = [reading.facts.policy_text, *(corpus(product) for product in reading.scope(match.start()).products)]
        unit = match["unit"] or match.group()
        if match["vague"] and unit in reading.facts.customer_text and reading.echo:
            continue
        said = any(unit in place for place in places)
        exact = {
            "day": ("days", 1),
            "week": ("days", 7),
            "month": ("months", 1),
            "year": ("months", 12),
            "hour": ("hours", 60),
        }.get(unit)
        if exact and any((exact[0], Decimal(exact[1])) in measures(place) for place in places):
            continue
        if not said or exact:
            text = reading.quote(match.start(), match.end())
            yield Claim(
                kind="duration", text=text, reason=f"No tool result says '{text}'. Give the time from a result or none."
            )


def _at_once(reading: Reading) -> Iterator[Claim]:
    if not _MOVES.search(reading.stated) or (
        reading.facts.cancellations and reading.words.has("deed_cancel", reading.stated)
    ):
        return
    for match in reading.words.pattern["at_once"].finditer(reading.stated):
        left, right = reading.clause(match.start(), match.end())
        if match.group() in reading.facts.policy_text or not _MOVES.search(reading.folded[left:right]):
            continue
        text = reading.quote(match.start(), match.end())
        yield Claim(
            kind="duration", text=text, reason=f"No tool result says '{text}'. Give the time from a result or none."
        )
        return


def _size_fits(reading: Reading, match: re.Match[str], value: str) -> bool:
    scope = reading.scope(match.start())
    if reading.about_order and _ordered_in(reading, match.start(), value):
        return True
    denied = (
        reading.negated(match.start(), reading.stated)
        or reading.not_found
        or reading.words.has("stock_out", reading.stated)
    )
    made = [value in sizes_of(product) for product in scope.products]
    if not made:
        return reading.not_found
    if denied:
        return True
    return all(made) if scope.need == "all" else any(made)


def _ordered_in(reading: Reading, position: int, value: str) -> bool:
    options = (
        fold(o) for order in reading.order_scope(position) for line in order.lines for o in line.options.values()
    )
    return value in options
