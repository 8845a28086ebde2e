"""What products can be compared by, and the words for it: 'the cheapest', 'cheaper', 'best rated', 'heavier'."""

import re
from collections.abc import Callable
from decimal import Decimal

from assistant.grounding.numbers import measures
from assistant.grounding.product_facts import product_attributes
from retrieval.schema import Product

Measure = Callable[[Product], Decimal | None]


def price_of(product: Product) -> Decimal | None:
    """Return the price's amount."""
    return product.price.amount if product.price else None


def weight_of(product: Product) -> Decimal | None:
    """Return the weight among the structured attributes, in grams."""
    for name, value in product_attributes(product):
        if re.search(r"weight|重量", name.lower()):
            found = [base for dimension, base in measures(value) if dimension == "weight"]
            if found:
                return found[0]
    return None


def _rating(product: Product) -> Decimal | None:
    return None if product.rating is None else Decimal(str(product.rating))


def _reviews(product: Product) -> Decimal | None:
    return None if product.rating_count is None else Decimal(product.rating_count)


def _stock(product: Product) -> Decimal | None:
    return None if product.stock is None else Decimal(product.stock)


SUPERLATIVES: tuple[tuple[str, Measure, int], ...] = (
    ("cheapest", price_of, -1),
    ("dearest", price_of, 1),
    ("best_rated", _rating, 1),
    ("worst_rated", _rating, -1),
    ("most_reviewed", _reviews, 1),
    ("lightest", weight_of, -1),
    ("heaviest", weight_of, 1),
    ("most_stock", _stock, 1),
)
"""Keys of words.toml, by what they rank, and -1 where the least leads."""
COMPARISONS: tuple[tuple[str, Measure, int], ...] = (
    ("cheaper", price_of, -1),
    ("dearer", price_of, 1),
    ("better_rated", _rating, 1),
    ("worse_rated", _rating, -1),
    ("more_reviewed", _reviews, 1),
    ("lighter", weight_of, -1),
    ("heavier", weight_of, 1),
)
"""The same of one product beside another."""
