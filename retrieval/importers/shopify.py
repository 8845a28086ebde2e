"""Shopify's product CSV, with its headers of old and new."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from retrieval.errors import CatalogueError
from retrieval.importers.assembly import (
    Claims,
    distinct,
    gtin_doubt,
    make_product,
    make_slug,
    reduced_from,
    split_place,
)
from retrieval.importers.commerce_words import read_condition
from retrieval.importers.files import has_ending
from retrieval.importers.records import Columns, Record, read_columns, read_records
from retrieval.importers.shopify_cells import is_no, is_yes, metafields, read_stock
from retrieval.importers.values import BrokenValue, read_count, read_number, read_price, read_rating
from retrieval.schema import Money, Product, RowError, Variant

_FORMAT = "Shopify's product CSV"


class ShopifyImporter:
    """Reads Shopify's product CSV: rows with one handle are the variants and further pictures of one product.

    The file names no currency, so the mapping must: currency → '=USD'. A link can be given as link →
    '=https://shop.example/products/{handle}'. The handle is the product's id; a variant's is its SKU, or else made
    from handle and options. Drafts, archived and unpublished products are left out and named.
    """

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        if not has_ending(path, ".csv", ".tsv"):
            return False
        columns, telling = read_columns(path), _tables()["identify"]
        return "Title" in columns and all(columns.intersection(names) for names in telling.values())

    def extract(self, path: Path, mapping: Mapping[str, str]) -> Iterator[Product | RowError]:
        """Yield each product, and what is wrong with a row; a product keeps its other variants.

        `mapping` is our field → theirs. Raises `CatalogueError` without a header or a currency.
        """
        columns = Columns(_tables()["columns"], mapping, _FORMAT)
        claims = Claims()
        for found in _groups(path, columns, mapping):
            if isinstance(found, RowError):
                yield found
            else:
                yield from _Group(columns, *found).read(claims)


def _groups(path: Path, columns: Columns, mapping: Mapping[str, str]) -> Iterator[tuple[str, list[Record]] | RowError]:
    """Yield each handle with its rows, which stand together."""
    handle, rows = "", list[Record]()
    for found in read_records(path):
        if isinstance(found, RowError):
            yield found
            continue
        if not rows and not handle:
            columns.check(found)
            _check_currency(found, columns, mapping)
        try:
            own = columns.text(found, "id") or make_slug(columns.needed(found, "title"))
        except BrokenValue:
            yield found.error(BrokenValue(columns.name(found, "id"), "the handle is missing. Add it or drop the row."))
            continue
        if rows and own != handle:
            yield handle, rows
            rows = []
        handle = own
        rows.append(found)
    if rows:
        yield handle, rows


def _check_currency(record: Record, columns: Columns, mapping: Mapping[str, str]) -> None:
    if "currency" not in mapping and columns.name(record, "currency") not in record.cells:
        raise CatalogueError(
            f"{record.file} is {_FORMAT}, which names no currency. Say which its prices are in: --map currency==USD"
        )


class _Option(NamedTuple):
    name: str
    value: str


class _Group:
    """The rows of one handle."""

    def __init__(self, columns: Columns, handle: str, rows: Sequence[Record]) -> None:
        self._columns, self._handle, self._rows, self._first = columns, handle, rows, rows[0]

    def read(self, claims: Claims) -> Iterator[Product | RowError]:
        """Yield the product, if one is left, and what is wrong with its rows."""
        try:
            claims.claim(self._handle, self._columns.name(self._first, "id"))
            self._check_for_sale()
            title = self._columns.needed(self._first, "title")
        except BrokenValue as error:
            yield self._first.error(error)
            return
        variants: list[Variant] = []
        for row in self._rows:
            if row is not self._first and not self._is_variant(row):
                continue
            try:
                variants.append(self._variant(row, variants))
            except BrokenValue as error:
                yield row.error(error)
                continue
            if doubt := self._doubt(variants[-1].gtin):
                yield row.note(self._columns.name(row, "gtin"), doubt)
        if variants:
            try:
                yield self._product(title, variants)
            except BrokenValue as error:
                yield self._first.error(error)

    def _check_for_sale(self) -> None:
        status = (self._text("status") or "active").casefold()
        if status in ("draft", "archived"):
            raise BrokenValue(self._name("status"), f"'{self._handle}' is {status}, so it is not for sale: left out.")
        if is_no(self._text("published")):
            raise BrokenValue(self._name("published"), f"'{self._handle}' is not published: left out.")

    def _is_variant(self, row: Record) -> bool:
        """Tell a variant's row from one that only adds a picture."""
        return any(self._columns.value(row, field) is not None for field in ("option1_value", "sku", "price"))

    def _variant(self, row: Record, earlier: Sequence[Variant]) -> Variant:
        options = dict(self._options(row))
        price = self._price(row, "price")
        sku = _unquoted(self._columns.text(row, "sku"))
        if any(variant.options == options for variant in earlier):
            named = " / ".join(options.values()) or "without options"
            column = self._columns.name(row, "option1_value")
            raise BrokenValue(column, f"the variant '{named}' is already used by an earlier row.")
        taken = {variant.id for variant in earlier}
        own_id = sku if sku and sku not in taken else "-".join([self._handle, *map(make_slug, options.values())])
        if own_id in taken:
            raise BrokenValue(self._columns.name(row, "sku"), f"the variant id '{own_id}' is already used.")
        return Variant(
            id=own_id,
            title=" / ".join(options.values()) or self._handle,
            options=options,
            price=price,
            list_price=reduced_from(self._price(row, "list_price"), price),
            stock=read_stock(self._columns, row),
            image=self._columns.text(row, "variant_image"),
            sku=sku,
            mpn=self._columns.text(row, "mpn"),
            gtin=_unquoted(self._columns.text(row, "gtin")),
        )

    def _options(self, row: Record) -> Iterator[_Option]:
        """Yield the options of a row; their names stand in the product's first row."""
        for place in ("option1", "option2", "option3"):
            value = self._columns.text(row, f"{place}_value")
            name = self._columns.text(self._first, f"{place}_name") or self._columns.text(row, f"{place}_name")
            if (name, value) == ("Title", "Default Title"):
                return
            if value and not name:
                raise BrokenValue(self._columns.name(row, f"{place}_name"), f"the option '{value}' has no name.")
            if name and not value:
                column = self._columns.name(row, f"{place}_value")
                raise BrokenValue(column, f"the variant has no value for '{name}'. Add it or drop the row.")
            if name and value:
                yield _Option(name, value)

    def _price(self, row: Record, field: str) -> Money | None:
        columns = self._columns
        currency = columns.value(row, "currency") or columns.value(self._first, "currency")
        return read_price(columns.value(row, field), currency, columns.name(row, field), columns.name(row, "currency"))

    def _product(self, title: str, variants: Sequence[Variant]) -> Product:
        department, category = self._place()
        attributes = dict(self._attributes())
        rating = read_rating(attributes.pop("rating", None), "rating")
        rating_count = read_count(attributes.pop("rating_count", None), "rating_count")
        images = self._images()
        return make_product(
            id=self._handle,
            title=title,
            description=self._text("description"),
            language=self._text("language"),
            brand=self._text("brand"),
            department=department,
            category=category,
            rating=rating,
            rating_count=rating_count,
            condition=read_condition(self._text("condition")),
            image=images[0] if images else next((variant.image for variant in variants if variant.image), None),
            more_images=images[1:],
            link=(self._text("link") or "").replace("{handle}", self._handle) or None,
            **self._sold_as(variants, attributes),
        )

    def _sold_as(self, variants: Sequence[Variant], attributes: dict[str, str]) -> dict[str, Any]:
        """Return variants and what they decide; a product without options is its own and only variant."""
        if variants[0].options:
            return {"variants": tuple(variants), "attributes": attributes}
        only = variants[0]
        kept = {name: getattr(only, name) for name in ("price", "list_price", "stock", "mpn", "gtin")}
        return {**kept, "attributes": {**attributes, **({"SKU": only.sku} if only.sku else {})}}

    def _place(self) -> tuple[str | None, str | None]:
        department, category = split_place(self._text("taxonomy"))
        above, own = split_place(self._text("category"))
        return above or department, own or category

    def _attributes(self) -> Iterator[tuple[str, str]]:
        yield from metafields(self._first)
        for field in ("tags", "gender", "age_group"):
            if text := self._text(field):
                yield field, text
        grams = {self._columns.text(row, "weight") for row in self._rows if self._is_variant(row)}
        weight = read_number(grams.pop(), self._name("weight")) if len(grams) == 1 else None
        if weight:
            yield "weight", f"{weight.normalize():f} g"
        if any(is_yes(self._columns.text(row, "oversell")) for row in self._rows):
            yield "continue selling when out of stock", "yes"

    def _images(self) -> tuple[str, ...]:
        found: list[tuple[int, str]] = []
        for row in self._rows:
            position = self._columns.text(row, "image_position") or ""
            if image := self._columns.text(row, "image"):
                found.append((int(position) if re.fullmatch("[0-9]{1,9}", position) else 10**9, image))
        return distinct([image for _, image in sorted(found, key=lambda entry: entry[0])])

    def _doubt(self, gtin: str | None) -> str | None:
        # A barcode may be any number of the shop's own; only what looks like a GTIN can be a wrong one.
        return gtin_doubt(gtin) if re.fullmatch(r"[0-9]{12,14}|[0-9]{8}|[0-9.,]+[eE]\+?[0-9]+", gtin or "") else None

    def _text(self, field: str) -> str | None:
        return self._columns.text(self._first, field)

    def _name(self, field: str) -> str:
        return self._columns.name(self._first, field)


def _unquoted(text: str | None) -> str | None:
    """Take the apostrophe away that keeps a spreadsheet from turning a code into a number."""
    return (text or "").removeprefix("'") or None


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    text = resources.files("retrieval.importers").joinpath("shopify.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
