"""What products and variants cost and how many there are: read and set for many at once, without the rest of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, select, update

from retrieval import product_tables as tables
from retrieval.schema import Money

_BATCH = 500


class Place(NamedTuple):
    """What an offer is of: a product, or one of its variants."""

    product_id: str
    variant_id: str | None = None


class Offer(NamedTuple):
    """What it costs and how many there are; None is unknown."""

    price: Money | None
    stock: int | None


def read_offers(connection: Connection, product_ids: Sequence[str]) -> dict[Place, Offer]:
    """Return the offers of these products and of all their variants; ids that are not there are left out."""
    products, variants = tables.products, tables.variants
    found: dict[Place, Offer] = {}
    for batch in _batches(product_ids):
        for row in connection.execute(_columns(products, products.c.id).where(products.c.id.in_(batch))):
            found[Place(row.id)] = Offer(tables.money(row), row.stock)
        wanted = _columns(variants, variants.c.product_id, variants.c.variant_id)
        for row in connection.execute(wanted.where(variants.c.product_id.in_(batch))):
            found[Place(row.product_id, row.variant_id)] = Offer(tables.money(row), row.stock)
    return found


def read_owners(connection: Connection, variant_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return variant id → ids of the products that have such a variant."""
    columns = tables.variants.c
    owners: dict[str, list[str]] = {}
    for batch in _batches(variant_ids):
        wanted = select(columns.variant_id, columns.product_id).where(columns.variant_id.in_(batch))
        for variant_id, product_id in connection.execute(wanted):
            owners.setdefault(variant_id, []).append(product_id)
    return owners


def write_offers(connection: Connection, offers: Mapping[Place, Offer]) -> None:
    """Set these offers. A variant's carries over to its product: the lowest price, the sum of the stock."""
    variants = {place: offer for place, offer in offers.items() if place.variant_id is not None}
    _write(connection, tables.variants, variants)
    _write(connection, tables.products, {place: offers[place] for place in offers.keys() - variants.keys()})
    owners = list(dict.fromkeys(place.product_id for place in variants))
    _write(connection, tables.products, _over_variants(read_offers(connection, owners)))


def over_variants(offers: Iterable[Offer]) -> Offer:
    """Return the lowest price and the sum of the stock; unknown where no variant tells."""
    listed = list(offers)
    prices = [offer.price for offer in listed if offer.price is not None]
    stocks = [offer.stock for offer in listed if offer.stock is not None]
    return Offer(min(prices, key=lambda price: price.amount, default=None), sum(stocks) if stocks else None)


def _over_variants(held: Mapping[Place, Offer]) -> dict[Place, Offer]:
    by_product: dict[str, list[Offer]] = {}
    for place, offer in held.items():
        if place.variant_id is not None:
            by_product.setdefault(place.product_id, []).append(offer)
    return {Place(product_id): over_variants(offers) for product_id, offers in by_product.items()}


def _write(connection: Connection, table: Table, offers: Mapping[Place, Offer]) -> None:
    if not offers:
        return
    # Names of their own, since SQLAlchemy keeps those of the columns to itself.
    change = update(table)
    if table is tables.variants:
        change = change.where(table.c.product_id == bindparam("its_product"))
        change = change.where(table.c.variant_id == bindparam("its_variant"))
    else:
        change = change.where(table.c.id == bindparam("its_product"))
    change = change.values({name: bindparam(f"its_{name}") for name in ("price", "currency", "stock")})
    connection.execute(change, [_parameters(place, offer) for place, offer in offers.items()])


def _parameters(place: Place, offer: Offer) -> dict[str, Any]:
    truth = tables.price_and_stock(offer.price, offer.stock)
    row = {"its_product": place.product_id, **{f"its_{name}": value for name, value in truth.items()}}
    return row if place.variant_id is None else {**row, "its_variant": place.variant_id}


def _columns(table: Table, *names: Any) -> Any:
    return select(*names, table.c.price, table.c.currency, table.c.stock)


def _batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
