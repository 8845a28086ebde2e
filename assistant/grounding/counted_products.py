"""Counts and ratings of a product: its stars, reviews, stock and variants."""

from decimal import ROUND_HALF_UP, Decimal

from assistant.grounding.comparing import comparison
from assistant.grounding.count_kinds import RATED_AGAINST
from assistant.grounding.numbers import Quantity
from assistant.grounding.reading import Reading
from assistant.grounding.variants import variants_named
from retrieval.schema import Product


def rating_holds(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number of stars is the product's rating."""
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
            and RATED_AGAINST.search(reading.plain[: quantity.start]) is not None
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


def reviews_hold(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number counts the product's reviews."""
    scope = reading.scope(quantity.start)
    relation = comparison(reading, quantity)
    fits = [p.rating_count is not None and _fits(p.rating_count, quantity, relation) for p in scope.products]
    fits = fits or [False]
    return all(fits) if scope.need == "all" else any(fits)


def stock_holds(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number is the stock of the product, or of the variant that is named."""
    scope = reading.scope(quantity.start)
    relation = comparison(reading, quantity)
    fits = []
    picked = [product for product in scope.products if variants_named(reading, product)]
    for product in picked or scope.products:
        chosen = variants_named(reading, product)
        stocks: list[int | None] = [variant.stock for variant in chosen if variant.stock is not None] or [product.stock]
        fits.append(any(stock is not None and _fits(stock, quantity, relation) for stock in stocks))
    return bool(fits) and (all(fits) if scope.need == "all" and scope.named else any(fits))


def variants_hold(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether a number counts the variants of the product."""
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
