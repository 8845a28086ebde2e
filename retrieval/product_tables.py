"""The SQL tables of the product store, and how a product becomes rows and comes back."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    TypeDecorator,
)

from retrieval.schema import Money, Product, Variant
from retrieval.words import plain_words

MICROS = Decimal(1_000_000)
LARGEST_AMOUNT = Decimal(10) ** 12


class ExactAmount(TypeDecorator[Decimal]):
    """A decimal amount kept as whole millionths, since SQLite would keep it as a float."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Return millionths. Raises `ValueError` for an amount that would be rounded."""
        if value is None:
            return None
        if abs(value) > LARGEST_AMOUNT or (value * MICROS) % 1:
            raise ValueError(f"The amount {value} has more than six decimals or is too large to keep exactly.")
        return int(value * MICROS)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Return the amount with two decimals, or more where it has more."""
        if value is None:
            return None
        return Decimal(value // 10_000).scaleb(-2) if value % 10_000 == 0 else (Decimal(value) / MICROS).normalize()


metadata = MetaData()

products = Table(
    "products",
    metadata,
    Column("id", String, primary_key=True),
    Column("id_key", String, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("brand", String),
    Column("brand_key", String, index=True),
    Column("department", String),
    Column("department_key", String, index=True),
    Column("category", String),
    Column("category_key", String, index=True),
    Column("price", ExactAmount),
    Column("currency", String(3)),
    Column("stock", Integer),
    Column("rating", Float(53)),
    Column("rating_count", Integer),
    Column("document", Text, nullable=False),
)

variants = Table(
    "product_variants",
    metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("variant_id", String, primary_key=True),
    Column("price", ExactAmount),
    Column("currency", String(3)),
    Column("stock", Integer),
)

attributes = Table(
    "product_attributes",
    metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("name_key", String, primary_key=True),
    Column("value_key", String, primary_key=True),
    Index("product_attributes_by_value", "name_key", "value_key"),
)

names = Table(
    "product_names",
    metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("name_key", String, primary_key=True, index=True),
)

# When a product came into a shop that was there already; those of a shop's first import aren't new in it.
arrivals = Table(
    "arrivals",
    metadata,
    Column("product_id", String, primary_key=True),
    Column("at", Float, nullable=False),
)
# What belongs to the catalogue as a whole, such as the index that fits these products.
state = Table(
    "catalogue_state", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False)
)


def product_row(product: Product, position: int) -> dict[str, Any]:
    """Return the row of `products`. Price and stock in the document are ignored when it is read back."""
    return {
        "id": product.id,
        "id_key": product.id.casefold(),
        "position": position,
        "brand": product.brand,
        "brand_key": key(product.brand),
        "department": product.department,
        "department_key": key(product.department),
        "category": product.category,
        "category_key": key(product.category),
        **price_and_stock(product.price, product.stock),
        "rating": product.rating,
        "rating_count": product.rating_count,
        "document": product.model_dump_json(exclude_defaults=True),
    }


def variant_rows(product: Product) -> list[dict[str, Any]]:
    """Return a row for each variant."""
    return [
        {"product_id": product.id, "variant_id": variant.id, **price_and_stock(variant.price, variant.stock)}
        for variant in product.variants
    ]


def attribute_rows(product: Product) -> list[dict[str, Any]]:
    """Return a row for each attribute, in every language, and for each option of a variant."""
    tables = [product.attributes, *(texts.attributes for texts in product.texts.values())]
    tables += [variant.options for variant in product.variants]
    pairs = {(name.casefold(), value.casefold()) for table in tables for name, value in table.items()}
    return [{"product_id": product.id, "name_key": name, "value_key": value} for name, value in sorted(pairs)]


def name_rows(product: Product) -> list[dict[str, Any]]:
    """Return a row for each title and short name, in every language."""
    called = {name_key(name) for texts in product.texts.values() for name in (texts.title, texts.short_name)}
    return [{"product_id": product.id, "name_key": found} for found in sorted(called - {""})]


def price_and_stock(price: Money | None, stock: int | None) -> dict[str, Any]:
    """Return the three columns that hold the truth about price and stock."""
    return {
        "price": price.amount if price else None,
        "currency": price.currency if price else None,
        "stock": stock,
    }


def read_product(row: Row[Any], variant_rows: Iterable[Row[Any]]) -> Product:
    """Return the product of a row, its price and stock taken from the columns."""
    product = Product.model_validate_json(row.document)
    truth: dict[str, object] = {"price": money(row), "stock": row.stock}
    if product.variants:
        truth["variants"] = _with_truth(product.variants, {found.variant_id: found for found in variant_rows})
    return product.model_copy(update=truth)


def _with_truth(variants: Sequence[Variant], rows: dict[str, Row[Any]]) -> tuple[Variant, ...]:
    return tuple(
        variant.model_copy(update={"price": money(rows[variant.id]), "stock": rows[variant.id].stock})
        for variant in variants
    )


def money(row: Row[Any]) -> Money | None:
    """Return the price in a row of products or variants."""
    return None if row.price is None else Money(amount=row.price, currency=row.currency)


def key(text: str | None) -> str | None:
    """Return what `Filters.admit` compares: the text without case."""
    return None if text is None else text.casefold()


def name_key(name: str) -> str:
    """Return a name as folded words, so that a query holding it can be told."""
    return " ".join(plain_words(name))


def at_least(limit: Decimal) -> Decimal:
    """Return the smallest amount that the table can hold and that is not below the limit."""
    return _kept(limit, ROUND_CEILING)


def at_most(limit: Decimal) -> Decimal:
    """Return the largest amount that the table can hold and that is not above the limit."""
    return _kept(limit, ROUND_FLOOR)


def _kept(limit: Decimal, rounding: str) -> Decimal:
    if limit > LARGEST_AMOUNT:
        return LARGEST_AMOUNT
    return limit.quantize(1 / MICROS, rounding=rounding)
