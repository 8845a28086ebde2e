"""What is known of one product: its texts, attributes, numbers and prices, in the shape the checks compare with."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from assistant.grounding.numbers import amounts, measures, values
from assistant.grounding.text import fold
from assistant.schema import (
    CartLine,
    DeliveryEstimated,
    OrderLine,
    ProductDetails,
    ProductsCompared,
    ProductsFound,
    ProductsRecommended,
    SizeAdvised,
    ToolResult,
)
from retrieval.schema import Product, ProductTexts, Variant

Listing = ProductsFound | ProductsCompared | ProductsRecommended
"""A list of products that is shown."""


def from_order_line(line: OrderLine) -> Product:
    """Return what an order says of a product that nothing else is known of."""
    texts = ProductTexts(title=line.title, short_name=re.split(r"\s*[,，(（|]\s*|\s+-\s+", line.title)[0] or line.title)
    return Product(id=line.product_id, texts={"en": texts}, attributes=line.options)


def from_cart_line(line: CartLine) -> Product:
    """Return what a cart says of a product that nothing else is known of."""
    texts = ProductTexts(title=line.title, short_name=line.title)
    return Product(id=line.product_id, texts={"en": texts}, attributes=line.options, price=line.price)


def products_of(result: ToolResult) -> Iterable[Product]:
    """Return the products that a result holds."""
    if isinstance(result, ProductsRecommended):
        return (*result.because, *result.products)
    if isinstance(result, Listing):
        return result.products
    if isinstance(result, DeliveryEstimated):
        return (result.product,) if result.product else ()
    return (result.product,) if isinstance(result, ProductDetails | SizeAdvised) else ()


def product_texts(product: Product) -> Iterator[str]:
    """Yield every text of a product that may bear out a claim; reviews are opinions and are left out."""
    for texts in product.texts.values():
        yield texts.title
        yield texts.short_name
        yield texts.description
    yield from (text for text in (product.brand, product.category, product.department) if text)
    for name, value in product_attributes(product):
        yield f"{name}: {value}"
    for variant in product.variants:
        yield variant.title


def product_attributes(product: Product) -> Iterator[tuple[str, str]]:
    """Yield the structured attributes in every language, and what the variants differ in."""
    yield from product.attributes.items()
    for texts in product.texts.values():
        yield from texts.attributes.items()
    for variant in product.variants:
        yield from variant.options.items()
        for options in variant.options_in.values():
            yield from options.items()


def corpus(product: Product) -> str:
    """Return all of a product's texts, folded, one a line."""
    return "\n".join(fold(text) for text in product_texts(product))


def reviews_of(product: Product) -> str:
    """Return what customers wrote of a product, folded."""
    return "\n".join(fold(review.text) for review in product.reviews)


def product_measures(product: Product) -> set[tuple[str, Decimal]]:
    """Return every measure that the product's texts name."""
    return {measure for text in product_texts(product) for measure in measures(text)}


def product_values(product: Product) -> set[Decimal]:
    """Return every number of a product: in its texts and in its fields."""
    found = {value for text in product_texts(product) for value in values(text)}
    found.update(price for price in prices(product))
    found.update(Decimal(number) for number in (product.stock, product.rating_count) if number is not None)
    found.update(Decimal(variant.stock) for variant in product.variants if variant.stock is not None)
    if product.rating is not None:
        found.add(Decimal(str(product.rating)))
    return found


def prices(product: Product, variants: tuple[Variant, ...] = ()) -> set[Decimal]:
    """Return what the product costs, or only these variants of it."""
    chosen = {variant.price.amount for variant in variants if variant.price}
    if chosen:
        return chosen
    every = {variant.price.amount for variant in product.variants if variant.price}
    return every | ({product.price.amount} if product.price else set())


def list_prices(product: Product) -> set[Decimal]:
    """Return what the product and its variants cost before a reduction."""
    prices = [product.list_price, *(variant.list_price for variant in product.variants)]
    return {price.amount for price in prices if price}


def currency_of(product: Product) -> str | None:
    """Return the currency of the product's prices, if it has one."""
    if product.price:
        return product.price.currency
    return next((variant.price.currency for variant in product.variants if variant.price), None)


def text_amounts(product: Product) -> set[Decimal]:
    """Return the amounts of money in a product's texts, such as a gift card's value."""
    return {amount for text in product_texts(product) for amount, _ in amounts(text)}
