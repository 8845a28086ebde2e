"""'The cheapest', 'the best rated', 'lighter than': true among the products shown, or not said."""

import re
from collections.abc import Iterator

from assistant.grounding.comparisons import compares_wrongly
from assistant.grounding.holding import held
from assistant.grounding.leading import COMPARISONS, SUPERLATIVES, Measure, price_of
from assistant.grounding.numbers import measures
from assistant.grounding.product_facts import corpus, prices, product_attributes
from assistant.grounding.ranks import Rank, ranks
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.variants import variants_named
from assistant.grounding.words import key_of_form
from retrieval.schema import Product

_BETTER = re.compile(
    r"(?<![a-z])(?:better(?! (?:suited|choice|match|option|fit|pick|value))|worse|nicer|superior|more [a-z]+"
    r"|(?!better|rather|other|later|sooner|earlier|under|over|higher|lower)"
    r"[a-z]{3,}er)(?: [a-z]+){0,4} than (?!your|you|the limit|that|i|we)"
    r"|比[^,。;]{0,12}?(?:更[^便贵高低多少][^,。;]{0,3}|好用|结实|耐用|舒服|清楚|清晰|强(?!调)|出色)"
)
# '最大能放15英寸': up to, not the largest of several.
_UP_TO = re.compile(r"[能可支承容放载]|(?:负|载|尺|容)")
# Behind what is picked out comes what is said of it: 'the cheapest that's waterproof | is the Fellside'.
_SAYS = re.compile(r"(?<![a-z'])(?:is|are|costs?|comes?|would be)(?![a-z])|[,;.:]|是|为|,")
_SHOPWIDE = re.compile(
    r"[^,;.]{0,40}?(?<![a-z])(?:we|our shop|the shop) (?:sell|have|carry|stock|offer|make)s?(?![a-z])"
)
_WINDOW = 60


def ungrounded_superlatives(reading: Reading) -> Iterator[Claim]:
    """Yield the superlatives and comparisons that don't hold among the products shown."""
    if reading.hedged or reading.language == "other":
        return
    for key, measure, sign in SUPERLATIVES:
        for match in reading.words.pattern[key].finditer(reading.stated):
            if _of_the_whole_shop(reading, match) or not (
                _leads(reading, match, measure, sign) or _of_variants(reading, match, key)
            ):
                yield _claim(reading, match)
    ranked = list(ranks(reading))
    yield from _misranked(reading, ranked)
    for match in reading.words.pattern["other_superlative"].finditer(reading.stated):
        if any(rank.start < match.end() and match.start() < rank.end for rank in ranked):
            continue
        if match.group() == "最大" and _UP_TO.match(reading.stated, match.end()):
            continue
        if not _described(reading, match):
            yield _claim(reading, match)
    yield from _unmeasured(reading, ranked)
    for key, measure, sign in COMPARISONS:
        for match in reading.words.pattern[key].finditer(reading.stated):
            if compares_wrongly(reading, match, measure, sign):
                yield _claim(reading, match)
                return


def _of_the_whole_shop(reading: Reading, match: re.Match[str]) -> bool:
    """'The lightest shoe we sell', where one product is all that was looked at, and no lowest price was told."""
    said = _SHOPWIDE.match(reading.stated, match.end()) is not None
    return said and len(_rivals(reading)) < 2 and not reading.facts.closest_prices


def _unmeasured(reading: Reading, ranked: list[Rank]) -> Iterator[Claim]:
    """'Better optics than the other one': no field tells."""
    if not reading.facts.products or (reading.about_order and not reading.mentions):
        return
    taken = [(rank.start, rank.end) for rank in ranked]
    taken += [m.span() for key, _, _ in COMPARISONS for m in reading.words.pattern[key].finditer(reading.stated)]
    for match in _BETTER.finditer(reading.stated):
        if any(a < match.end() and match.start() < b for a, b in taken) or any(
            match.start() <= quantity.start <= match.end() + 12 for quantity in reading.quantities
        ):
            continue
        if not reading.negated(match.start(), reading.stated) and not _described(reading, match):
            yield _claim(reading, match)
            return


def _misranked(reading: Reading, ranked: list[Rank]) -> Iterator[Claim]:
    """Yield what doesn't lead, or doesn't exceed the other, in the attribute spoken of."""
    for rank in ranked:
        match = re.compile(re.escape(reading.stated[rank.start : rank.end])).match(reading.stated, rank.start)
        assert match is not None
        if match.group() == "最大" and _UP_TO.match(reading.stated, match.end()):
            continue
        if not rank.compares and not _has_the_value(reading, match, rank):
            yield _claim(reading, match)
            continue
        holds = not compares_wrongly(reading, match, rank.measure, rank.sign)
        if not (holds if rank.compares else _leads(reading, match, rank.measure, rank.sign)):
            yield _claim(reading, match)


def _has_the_value(reading: Reading, match: re.Match[str], rank: Rank) -> bool:
    """'The largest has 23 inches': the number behind the superlative is that of the one that leads."""
    known = [value for product in _rivals(reading) if (value := rank.measure(product)) is not None]
    said = [q for q in reading.quantities if q.unit and match.end() <= q.start <= match.end() + 16]
    dimensions = {
        dimension
        for p in _rivals(reading)
        for name, value in product_attributes(p)
        if name.lower() in rank.names
        for dimension, _ in measures(value)
    }
    said = [q for q in said if q.unit and q.unit.dimension in dimensions]
    if not known or not said or reading.mentions:
        return True
    best = max(known) if rank.sign > 0 else min(known)
    return any(abs(q.base - best) <= abs(best) / 100 for q in said)


def _of_variants(reading: Reading, match: re.Match[str], key: str) -> bool:
    """'White is the cheapest' of the versions of one product."""
    products = reading.scope(match.start()).products
    if len(products) != 1 or key not in ("cheapest", "dearest"):
        return False
    named = variants_named(reading, products[0], *reading.clause(match.start(), match.end()))
    every = prices(products[0])
    pick = min if key == "cheapest" else max
    return bool(named and every) and prices(products[0], named) == {pick(every)}


def _claim(reading: Reading, match: re.Match[str]) -> Claim:
    text = reading.quote(match.start(), match.end())
    return Claim(
        kind="superlative",
        text=text,
        reason=f"The results don't bear out '{text}' among the products shown. Leave it out.",
    )


def _leads(reading: Reading, match: re.Match[str], measure: Measure, sign: int) -> bool:
    rivals = _rivals(reading)
    if _leads_among(reading, match, measure, sign, rivals):
        return True
    # 'The cheapest you can get right now': of those that are there.
    there = tuple(product for product in rivals if product.stock != 0)
    if not reading.words.has("obtainable", reading.folded):
        there = rivals
    fitting = _picked(reading, match, there)
    return (len(fitting) < len(rivals)) and bool(fitting) and _leads_among(reading, match, measure, sign, fitting)


def _picked(reading: Reading, match: re.Match[str], rivals: tuple[Product, ...]) -> tuple[Product, ...]:
    """'The cheapest one that's waterproof': of those rivals that have what stands before the verb."""
    window = _SAYS.split(reading.folded[match.end() : match.end() + _WINDOW])[0]
    fitting = rivals
    for found in reading.words.concepts.finditer(window):
        concepts = reading.words.concept_of.get(key_of_form(found.group()), ())
        fitting = tuple(p for p in fitting if any(held(p, concept, reading.words) == "yes" for concept in concepts))
    return fitting


def _leads_among(
    reading: Reading, match: re.Match[str], measure: Measure, sign: int, rivals: tuple[Product, ...]
) -> bool:
    if len(_rivals(reading)) == 1 and measure is price_of and _is_part_named(reading, match):
        return False  # one version of a product among its versions
    known = [value for product in rivals if (value := measure(product)) is not None]
    if not known:
        # The lowest price beyond a limit that left nothing.
        return sign < 0 and any(quantity.value in reading.facts.closest_prices for quantity in reading.quantities)
    subjects = _subjects(reading, match)
    if subjects is None:
        return True
    values = [measure(product) for product in subjects]
    if any(value is None for value in values):
        return False
    best = max(known) if sign > 0 else min(known)
    if reading.words.has("one_of_the", reading.stated):
        ranked = sorted(known, reverse=sign > 0)
        limit = ranked[max(0, (len(ranked) - 1) // 2)]
        return all(value is not None and sign * value >= sign * limit for value in values)
    return all(value == best for value in values)


def _is_part_named(reading: Reading, match: re.Match[str]) -> bool:
    (product,) = _rivals(reading)
    named = variants_named(reading, product, *reading.clause(match.start(), match.end()))
    return 0 < len(named) < len(product.variants)


def _rivals(reading: Reading) -> tuple[Product, ...]:
    shown = reading.facts.shown
    if len(shown) < 2 and reading.facts.listings:
        shown = reading.facts.listings[0].products or shown
    named = [mention.product for mention in reading.mentions]
    return tuple({product.id: product for product in (*shown, *named)}.values())


def _subjects(reading: Reading, match: re.Match[str]) -> tuple[Product, ...] | None:
    """Return which products are said to lead; None if the sentence leaves that open ('the cheapest costs $39')."""
    if reading.mentions:
        after = [group for group in reading.groups if group[0].start >= match.end()]
        linked = after and re.fullmatch(r"[^,;.。]{0,40}", reading.folded[match.end() : after[0][0].start])
        before = [group for group in reading.groups if group[0].start < match.start()]
        separated = before and re.search(
            r"[,;.。]\s*(?:and|but|while)?\s*(?:the\s+)?$|(?:and|but|while)\s+(?:the\s+)?$",
            reading.folded[before[-1][-1].end : match.start()],
        )
        leads_on = not before or (after and linked and separated)
        group = after[0] if leads_on else before[-1]
        return tuple(mention.product for mention in group)
    scope = reading.scope(match.start())
    if scope.named or (reading.focus.product_ids and reading.words.has("one", reading.folded)):
        return scope.products
    return None


def _described(reading: Reading, match: re.Match[str]) -> bool:
    """A superlative that no field measures holds only if the product's own text uses it."""
    text = match.group()
    products = reading.scope(match.start()).products
    if reading.negated(match.start(), reading.stated):
        return True
    return any(text in corpus(product) for product in products) or (
        text in reading.facts.policy_text and not reading.mentions
    )
