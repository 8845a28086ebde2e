"""Prices and stock alone: a file of them goes straight into the product store, and no index is touched."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from retrieval.importers.values import BrokenValue, read_price
from retrieval.offers import Offer, Place
from retrieval.product_store import ProductStore
from retrieval.schema import RowError, Value
from retrieval.stock_file import StockRow, read_stock


class StockReport(Value):
    """What a file of prices and stock did. `changed` and `unchanged` count its good rows; nothing was done at all
    where `applied` is false.
    """

    rows: int
    changed: int
    unchanged: int
    errors: tuple[RowError, ...]
    applied: bool


def update_stock(
    shop: ProductStore, path: Path, mapping: Mapping[str, str] | None = None, strict: bool = False
) -> StockReport:
    """Set prices and stock as a CSV, TSV or JSONL file says, in one transaction; running searches see them at once.

    Each row needs an id and may have a variant_id, a price, a currency and a stock; an empty field leaves what is
    there, and a price without a currency keeps the product's. An id that is a variant's alone will do. Bad rows are
    reported and left out, or with `strict` stop everything. Raises `CatalogueError` where the file as a whole cannot
    be read.
    """
    rows, errors = read_stock(path, mapping or {})
    changes, changed, unchanged = _Changes(shop, path, mapping or {}).make(rows, errors)
    errors.sort(key=lambda error: error.row)
    applied = not (strict and errors)
    if applied:
        shop.set_offers(changes)
    return StockReport(
        rows=changed + unchanged + len(errors),
        changed=changed,
        unchanged=unchanged,
        errors=tuple(errors),
        applied=applied,
    )


class _Changes:
    """Turns rows into offers, against what the shop holds."""

    def __init__(self, shop: ProductStore, path: Path, mapping: Mapping[str, str]) -> None:
        self._shop = shop
        self._file = path.name
        self._column = {name: mapping.get(name, name) for name in ("id", "variant_id", "price", "currency")}

    def make(self, rows: Sequence[StockRow], errors: list[RowError]) -> tuple[dict[Place, Offer], int, int]:
        """Return the offers that differ from those held, and how many rows do and don't; bad rows go to `errors`."""
        owners = self._shop.owners_of_variants([row.variant_id or row.id for row in rows])
        ids = dict.fromkeys([*(row.id for row in rows), *(owner for found in owners.values() for owner in found)])
        held = self._shop.offers(list(ids))
        count: dict[str, int] = {}
        for place in held:
            count[place.product_id] = count.get(place.product_id, 0) + 1
        changes: dict[Place, Offer] = {}
        seen: dict[Place, int] = {}
        for row in rows:
            try:
                place = self._place(row, held, owners, count)
                if place in seen:
                    raise BrokenValue(self._column["id"], f"'{row.id}' is already given in row {seen[place]}.")
                offer = self._offer(row, held[place])
            except BrokenValue as error:
                errors.append(RowError(file=self._file, row=row.row, column=error.column, message=error.message))
                continue
            seen[place] = row.row
            if offer != held[place]:
                changes[place] = offer
        return changes, len(changes), len(seen) - len(changes)

    def _place(
        self, row: StockRow, held: Mapping[Place, Offer], owners: Mapping[str, list[str]], count: Mapping[str, int]
    ) -> Place:
        if row.variant_id is not None:
            return self._variant(row, held)
        if Place(row.id) in held:
            if count[row.id] > 1:
                raise BrokenValue(
                    self._column["variant_id"], f"the product '{row.id}' has variants. Say which one the row is for."
                )
            return Place(row.id)
        found = owners.get(row.id, [])
        if len(found) == 1:
            return Place(found[0], row.id)
        if found:
            raise BrokenValue(self._column["id"], f"'{row.id}' is a variant of {' and '.join(found)}. Say of which.")
        raise BrokenValue(self._column["id"], f"no product has the id '{row.id}'.")

    def _variant(self, row: StockRow, held: Mapping[Place, Offer]) -> Place:
        if Place(row.id) not in held:
            raise BrokenValue(self._column["id"], f"no product has the id '{row.id}'.")
        place = Place(row.id, row.variant_id)
        if place not in held:
            raise BrokenValue(self._column["variant_id"], f"the product '{row.id}' has no variant '{row.variant_id}'.")
        return place

    def _offer(self, row: StockRow, held: Offer) -> Offer:
        stock = held.stock if row.stock is None else row.stock
        if row.price is None:
            return Offer(held.price, stock)
        column, currency_column = self._column["price"], self._column["currency"]
        try:
            price = read_price(row.price, row.currency, column, currency_column)
        except BrokenValue as error:
            if error.column != currency_column or row.currency or held.price is None:
                raise
            price = read_price(row.price, held.price.currency, column, currency_column)
        return Offer(price, stock)
