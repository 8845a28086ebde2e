"""`Filters` as SQL: the same answer as `Filters.admit`, for all products at once."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, exists, or_

from retrieval.product_tables import at_least, at_most, attributes, key, products
from retrieval.schema import AVAILABILITY, IN_STOCK, Filters


def conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """Yield what must hold for a row of `products`. A NULL, which is an unknown, never holds."""
    columns = products.c
    yield from _price(filters)
    if filters.in_stock is not None:
        yield _some_left() if filters.in_stock else columns.stock <= 0
    if filters.min_rating is not None:
        yield columns.rating >= filters.min_rating
    for wanted, column in (
        (filters.category, columns.category_key),
        (filters.department, columns.department_key),
        (filters.brand, columns.brand_key),
    ):
        if wanted is not None:
            yield column == key(wanted)
    for name, value in filters.attributes.items():
        yield _has_attribute(name, value)


def _some_left() -> ColumnElement[bool]:
    stock = products.c.stock
    return or_(stock > 0, and_(stock.is_(None), _has_attribute(AVAILABILITY, IN_STOCK)))


def _has_attribute(name: str, value: str) -> ColumnElement[bool]:
    return exists().where(
        attributes.c.product_id == products.c.id,
        attributes.c.name_key == name.casefold(),
        attributes.c.value_key == value.casefold(),
    )


def _price(filters: Filters) -> Iterator[ColumnElement[bool]]:
    columns = products.c
    if filters.min_price is None and filters.max_price is None:
        return
    # A currency alone limits nothing; with a limit, the amounts must be of that currency.
    yield columns.price.is_not(None)
    if filters.currency is not None:
        yield columns.currency == filters.currency
    if filters.min_price is not None:
        yield columns.price >= at_least(filters.min_price)
    if filters.max_price is not None:
        yield columns.price <= at_most(filters.max_price)
