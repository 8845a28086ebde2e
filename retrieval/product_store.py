"""The truth about products: what the shop sells, at what price, and how many there are."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, Connection, Engine, bindparam, delete, func, insert, select, update

from retrieval import product_tables as tables
from retrieval.arrivals import note_arrivals
from retrieval.errors import ProductNotFound
from retrieval.offers import Offer, Place, read_offers, read_owners, write_offers
from retrieval.product_conditions import conditions
from retrieval.schema import Filters, Money, Product

Item = TypeVar("Item")

_BATCH = 500
_GENERATION = "generation"

# Until a product has some ratings of its own it is taken to be an ordinary one: one five-star review is no proof.
_PRIOR_RATING, _PRIOR_COUNT = 3.8, 10


class ProductFacts(NamedTuple):
    """What a recommender wants to know of a product. The price is for comparing only, never for showing."""

    id: str
    category: str | None
    brand: str | None
    price: float | None
    arrived: float | None = None
    """Seconds since 1970; None for what was in the shop from its first import on."""


class ProductStore:
    """Products in SQL. Makes its tables where they are missing. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        tables.metadata.create_all(engine)

    def put(self, products: Iterable[Product]) -> None:
        """Add products, or replace those with the same id, all or none."""
        with self._engine.begin() as connection:
            position = connection.scalar(select(func.coalesce(func.max(tables.products.c.position), 0))) or 0
            for batch in _in_batches(products):
                latest = {product.id: product for product in batch}
                _delete(connection, list(latest))
                _insert(connection, list(latest.values()), range(position + 1, position + 1 + len(latest)))
                position += len(latest)

    def apply(
        self,
        products: Sequence[Product],
        removed: Iterable[str],
        order: Sequence[str],
        generation: str,
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        """Write these products, take out the removed, and set the index, all or none.

        `order` are the ids of all products afterwards, as they come in the catalogue.
        """
        places = {product_id: place for place, product_id in enumerate(order)}
        with self._engine.begin() as connection:
            held = set(connection.scalars(select(tables.products.c.id)))
            note_arrivals(connection, held, [product.id for product in products])
            for gone in _in_batches(removed):
                _delete(connection, gone)
            done = 0
            for batch in _in_batches(products):
                _delete(connection, [product.id for product in batch if product.id in held])
                _insert(connection, batch, [places[product.id] for product in batch])
                done += len(batch)
                progress(done)
            _move(connection, places)
            _set_generation(connection, generation)

    def set_generation(self, generation: str) -> None:
        """Say which index belongs to the products."""
        with self._engine.begin() as connection:
            _set_generation(connection, generation)

    def generation(self) -> str | None:
        """Return the name of the index that belongs to the products, None where none was built."""
        with self._engine.connect() as connection:
            return connection.scalar(select(tables.state.c.value).where(tables.state.c.key == _GENERATION))

    def get(self, product_id: str) -> Product:
        """Return a product. Raises `ProductNotFound`."""
        product = self.find(product_id)
        if product is None:
            raise ProductNotFound(_missing(Place(product_id)))
        return product

    def find(self, product_id: str) -> Product | None:
        """Return a product, None where no product has this id."""
        return next(iter(self.get_many([product_id])), None)

    def get_many(self, product_ids: Sequence[str]) -> list[Product]:
        """Return the products in the order of their ids; ids that are not there are left out."""
        found: dict[str, Product] = {}
        with self._snapshot() as connection:
            for batch in _in_batches(dict.fromkeys(product_ids)):
                found.update((product.id, product) for product in _read(connection, batch))
        return [found[product_id] for product_id in product_ids if product_id in found]

    def all(self) -> Iterator[Product]:
        """Yield every product, in the order in which they came."""
        with self._engine.connect() as connection:
            ids = list(connection.scalars(select(tables.products.c.id).order_by(tables.products.c.position)))
        for batch in _in_batches(ids):
            yield from self.get_many(batch)

    def admitted_ids(self, filters: Filters, among: Sequence[str] | None = None) -> set[str]:
        """Return exactly the ids of the products that `filters.admit` admits, of all or of those given."""
        wanted = select(tables.products.c.id).where(*conditions(filters))
        with self._engine.connect() as connection:
            if among is None:
                return set(connection.scalars(wanted))
            admitted: set[str] = set()
            for batch in _in_batches(among):
                admitted.update(connection.scalars(wanted.where(tables.products.c.id.in_(batch))))
            return admitted

    def best_rated(self, filters: Filters, k: int) -> list[tuple[str, float]]:
        """Return at most k admitted products as (id, rating from 0 to 5), best first.

        Ratings are drawn towards an ordinary one where few customers gave them.
        """
        columns = tables.products.c
        count = func.coalesce(columns.rating_count, 1) * 1.0
        rating = func.coalesce((columns.rating * count + _PRIOR_RATING * _PRIOR_COUNT) / (count + _PRIOR_COUNT), 0.0)
        best = select(columns.id, rating).where(*conditions(filters)).order_by(rating.desc(), columns.position).limit(k)
        with self._engine.connect() as connection:
            return [(identifier, score) for identifier, score in connection.execute(best)]

    def ids_called(self, names: Sequence[str]) -> dict[str, list[str]]:
        """Return name → ids for those of the folded names that are a title or short name, in any language."""
        called: dict[str, list[str]] = {}
        wanted = select(tables.names.c.name_key, tables.names.c.product_id).order_by(tables.names.c.product_id)
        with self._engine.connect() as connection:
            for batch in _in_batches(names):
                for name, product_id in connection.execute(wanted.where(tables.names.c.name_key.in_(batch))):
                    called.setdefault(name, []).append(product_id)
        return called

    def ids_without_case(self, product_ids: Sequence[str]) -> list[str]:
        """Return the ids that are equal to one of those given but for case."""
        keys = [product_id.casefold() for product_id in product_ids]
        with self._engine.connect() as connection:
            return list(connection.scalars(select(tables.products.c.id).where(tables.products.c.id_key.in_(keys))))

    def facts(self) -> list[ProductFacts]:
        """Return the little that is known of every product without reading it, in the order in which they came."""
        columns, arrivals = tables.products.c, tables.arrivals
        wanted = (
            select(columns.id, columns.category, columns.brand, columns.price, arrivals.c.at)
            .join_from(tables.products, arrivals, arrivals.c.product_id == columns.id, isouter=True)
            .order_by(columns.position)
        )
        with self._engine.connect() as connection:
            return [
                ProductFacts(identifier, category, brand, None if price is None else float(price), arrived)
                for identifier, category, brand, price, arrived in connection.execute(wanted)
            ]

    def count(self) -> int:
        """Return how many products there are."""
        with self._engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(tables.products)) or 0

    def categories(self) -> list[str]:
        """Return the names of the categories, sorted."""
        return self._distinct(tables.products.c.category)

    def brands(self) -> list[str]:
        """Return the names of the brands, sorted."""
        return self._distinct(tables.products.c.brand)

    def departments(self) -> list[str]:
        """Return the names of the departments, sorted."""
        return self._distinct(tables.products.c.department)

    def set_price_and_stock(
        self, product_id: str, price: Money | None, stock: int | None, variant_id: str | None = None
    ) -> None:
        """Set what a product, or one of its variants, costs and how many there are; None is unknown.

        A variant's change carries over to its product: the lowest price, the sum of the stock. Raises
        `ProductNotFound`, and `ValueError` for a negative stock.
        """
        if stock is not None and stock < 0:
            raise ValueError(f"The stock of {product_id} cannot be {stock}.")
        place = Place(product_id, variant_id)
        with self._engine.begin() as connection:
            if place not in read_offers(connection, [product_id]):
                raise ProductNotFound(_missing(place))
            write_offers(connection, {place: Offer(price, stock)})

    def offers(self, product_ids: Sequence[str]) -> dict[Place, Offer]:
        """Return what these products and all their variants cost and how many there are."""
        with self._engine.connect() as connection:
            return read_offers(connection, product_ids)

    def owners_of_variants(self, variant_ids: Sequence[str]) -> dict[str, list[str]]:
        """Return variant id → ids of the products that have such a variant."""
        with self._engine.connect() as connection:
            return read_owners(connection, variant_ids)

    def set_offers(self, offers: Mapping[Place, Offer]) -> None:
        """Set many prices and stocks as `set_price_and_stock` does, all or none; places that are gone are left out."""
        with self._engine.begin() as connection:
            write_offers(connection, offers)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """Connect for several reads of one state: between two of them an import may change a product's variants."""
        with self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def _distinct(self, column: Column[Any]) -> list[str]:
        with self._engine.connect() as connection:
            return sorted(connection.scalars(select(column).where(column.is_not(None)).distinct()), key=str.casefold)


def _in_batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _insert(connection: Connection, batch: Sequence[Product], positions: Sequence[int]) -> None:
    rows = [tables.product_row(product, position) for product, position in zip(batch, positions, strict=True)]
    connection.execute(insert(tables.products), rows)
    for table, make_rows in (
        (tables.variants, tables.variant_rows),
        (tables.attributes, tables.attribute_rows),
        (tables.names, tables.name_rows),
    ):
        if details := [row for product in batch for row in make_rows(product)]:
            connection.execute(insert(table), details)


def _delete(connection: Connection, product_ids: Sequence[str] | None = None) -> None:
    """Delete these products, or all; the rows that hang on them go first, for databases that don't cascade."""
    for table in (tables.variants, tables.attributes, tables.names):
        connection.execute(
            delete(table) if product_ids is None else delete(table).where(table.c.product_id.in_(product_ids))
        )
    column = tables.products.c.id
    connection.execute(
        delete(tables.products) if product_ids is None else delete(tables.products).where(column.in_(product_ids))
    )


def _move(connection: Connection, places: Mapping[str, int]) -> None:
    columns = tables.products.c
    held = connection.execute(select(columns.id, columns.position))
    moved = [{"moved": found, "place": places[found]} for found, place in held if places.get(found, place) != place]
    if moved:
        this = columns.id == bindparam("moved")
        connection.execute(update(tables.products).where(this).values(position=bindparam("place")), moved)


def _read(connection: Connection, product_ids: Sequence[str]) -> Iterator[Product]:
    variants: dict[str, list[Any]] = {}
    for row in connection.execute(select(tables.variants).where(tables.variants.c.product_id.in_(product_ids))):
        variants.setdefault(row.product_id, []).append(row)
    for row in connection.execute(select(tables.products).where(tables.products.c.id.in_(product_ids))):
        yield tables.read_product(row, variants.get(row.id, []))


def _set_generation(connection: Connection, generation: str) -> None:
    connection.execute(delete(tables.state).where(tables.state.c.key == _GENERATION))
    connection.execute(insert(tables.state).values(key=_GENERATION, value=generation))


def _missing(place: Place) -> str:
    if place.variant_id is None:
        return f"No product has the id '{place.product_id}'."
    return f"The product '{place.product_id}' has no variant '{place.variant_id}'."
