"""Limits that an attribute sets: 'ages 8 and up' holds for a 9-year-old, 'up to 25 kg' for a dog of 12 kg."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from assistant.grounding.numbers import Quantity, measures, quantities
from assistant.grounding.product_facts import product_attributes
from assistant.grounding.reading import Reading
from assistant.grounding.text import fold
from retrieval.schema import Product

_AGE = re.compile(r"(?<![a-z])ages?(?![a-z])|年龄|月龄|[岁]")
_FROM = re.compile(
    r"\+|(?<![a-z])(?:and (?:up|over|older|above)|or (?:older|over|more)"
    r"|from|at least|min(?:imum)?|onwards?|over)(?![a-z])"
    r"|以上|起|至少|最小|最低"
)
_TO = re.compile(
    r"(?<![a-z])(?:up to|max(?:imum)?|at most|under|below|no more than|or (?:less|under|younger))(?![a-z])"
    r"|以下|以内|最多|不超过|最大|最高|上限|承重|限重"
)
_MONTHS = 12


@dataclass(frozen=True)
class Bound:
    """A dimension's least and greatest value, in its base; ages are in months."""

    dimension: str
    least: Decimal | None
    greatest: Decimal | None

    def admits(self, value: Decimal) -> bool:
        """Tell whether a value is inside."""
        return (self.least is None or value >= self.least) and (self.greatest is None or value <= self.greatest)


def bounds_of(product: Product) -> Iterator[Bound]:
    """Yield the limits that the product's structured attributes set."""
    for name, value in product_attributes(product):
        is_age = _AGE.search(fold(name)) is not None
        found = [q for q in quantities(fold(value)) if q.unit or is_age]
        if not found:
            continue
        text = f"{fold(name)} {fold(value)}"
        dimension = "age" if is_age else found[0].unit.dimension if found[0].unit else ""
        numbers = [_in_base(q, is_age=is_age) for q in found[:2]]
        if len(numbers) == 2 and found[0].edge:
            yield Bound(dimension, numbers[0], numbers[1])
        elif _FROM.search(text):
            yield Bound(dimension, numbers[0], None)
        elif _TO.search(text):
            yield Bound(dimension, None, numbers[0])


def is_customers(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether the customer named this measure."""
    assert quantity.unit is not None
    told = measures(reading.facts.customer_text)
    if (quantity.unit.dimension, quantity.base) in told:
        return True
    return _is_age(quantity) and ("age", _in_base(quantity, is_age=True)) in {
        ("age", base * (_MONTHS if dimension == "age" else 1))
        for dimension, base in told
        if dimension in ("age", "months")
    }


def agrees(reading: Reading, quantity: Quantity) -> bool | None:
    """Tell whether the limits say of the customer's measure what the sentence says; None: there are none.

    'It suits your 9-year-old' needs a limit that admits 9 years; 'too small for your 30 kg dog' one that doesn't.
    """
    assert quantity.unit is not None
    is_age = _is_age(quantity)
    dimension = "age" if is_age else quantity.unit.dimension
    value = _in_base(quantity, is_age=is_age)
    limits = [b for p in reading.scope(quantity.start).products for b in bounds_of(p) if b.dimension == dimension]
    if not limits:
        return None
    admitted = all(bound.admits(value) for bound in limits)
    return admitted != (reading.words.has("unsuited", reading.folded) or _is_denied(reading))


def is_excluded(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a limit of the products spoken of leaves a measure out: '15英寸放不下'."""
    assert quantity.unit is not None
    limits = [
        bound
        for product in reading.scope(quantity.start).products
        for bound in bounds_of(product)
        if bound.dimension == quantity.unit.dimension
    ]
    return bool(limits) and not any(bound.admits(quantity.base) for bound in limits)


def age_holds(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number of years or months is an age that an attribute names: 'from 12 years on'."""
    if not _is_age(quantity):
        return False
    value = _in_base(quantity, is_age=True)
    found = (
        bound for p in reading.scope(quantity.start).products for bound in bounds_of(p) if bound.dimension == "age"
    )
    return any(value in (bound.least, bound.greatest) for bound in found)


def _is_age(quantity: Quantity) -> bool:
    return quantity.unit is not None and quantity.unit.dimension in ("age", "months")


def _in_base(quantity: Quantity, *, is_age: bool) -> Decimal:
    in_years = is_age and (quantity.unit is None or quantity.unit.dimension == "age")
    return quantity.value * _MONTHS if in_years else quantity.base


def _is_denied(reading: Reading) -> bool:
    for match in reading.words.pattern["suited"].finditer(reading.stated):
        if reading.negated(match.start(), reading.stated):
            return True
    return False
