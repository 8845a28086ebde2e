"""Google Merchant product data: XML (RSS 2.0 or Atom, prefix g:) and tab-separated text."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from retrieval.importers.assembly import gtin_doubt, reduced_from
from retrieval.importers.commerce_words import availability_attribute, stock_of
from retrieval.importers.files import has_ending, open_feeds, read_start
from retrieval.importers.google_xml import read_items
from retrieval.importers.groups import Groups
from retrieval.importers.rows import FIELDS, RowReader
from retrieval.importers.tables import header_of, read_table
from retrieval.importers.values import BrokenValue, read_availability, read_price, read_text, read_texts
from retrieval.schema import Product, RowError

GOOGLE_FIELDS = {
    **{ours: theirs for ours, theirs in FIELDS.items() if ours not in ("variants", "list_price")},
    "short_name": "short_title",
    "language": "content_language",
    "category": "product_type",
    "stock": "quantity",
    "attributes": "product_detail",
}
# An item's attributes, or what is wrong with it.
Found = dict[str, Any] | BrokenValue


class GoogleXmlImporter:
    """Reads .xml, .rss and .atom files. Items with one item_group_id become the variants of one product."""

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        if not has_ending(path, ".xml", ".rss", ".atom"):
            return False
        return b"base.google.com/ns/1.0" in read_start(path)

    def extract(self, path: Path, mapping: Mapping[str, str]) -> Iterator[Product | RowError]:
        """Yield each product, or what is wrong with an item; a row is the line where the item starts.

        Groups come last. Raises `CatalogueError` for what is no well-formed XML, and for one that declares entities.
        """
        return _products(_xml_items(path), _Items(mapping))


class GoogleTsvImporter:
    """Reads .tsv and .txt files with Google's column names, with underscores or spaces. Groups as in XML."""

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        if not has_ending(path, ".tsv", ".txt"):
            return False
        columns = {_plain_name(column) for column in header_of(read_start(path))}
        return {"id", "title"} <= columns and not columns.isdisjoint(attribute_names()["identify"])

    def extract(self, path: Path, mapping: Mapping[str, str]) -> Iterator[Product | RowError]:
        """Yield each product, or what is wrong with a row, where the header is row 1. Groups come last.

        Raises `CatalogueError` without a usable header.
        """
        reader = _Items({ours: _plain_name(theirs) for ours, theirs in mapping.items()})
        return _products(_table_items(path, reader), reader)


@cache
def attribute_names() -> dict[str, list[str]]:
    """Return what `google.toml` holds: list's name → attributes."""
    text = resources.files("retrieval.importers").joinpath("google.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


class _Item(NamedTuple):
    product: Product
    group: str | None


class _Items:
    """Makes products of single items."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self.rows = RowReader(mapping, GOOGLE_FIELDS)

    def read(self, row: Mapping[str, Any]) -> _Item:
        availability = read_availability(row.get("availability"), "availability")
        row = {**row, "product_detail": _attributes(row), "product_type": _product_type(row)}
        sale = read_price(row.get("sale_price"), None, "sale_price", "sale_price")
        product = self.rows.read(row)
        stock = stock_of(availability, product.stock)
        # How many there are may be unknown; that there are some must not be lost.
        attributes = {**product.attributes, **availability_attribute(availability, stock)}
        changes: dict[str, Any] = {"stock": stock, "attributes": attributes}
        if sale:
            changes |= {"price": sale, "list_price": reduced_from(product.price, sale)}
        return _Item(product.model_copy(update=changes), read_text(row.get("item_group_id"), "item_group_id"))


def _products(found: Iterable[tuple[str, int, Found]], reader: _Items) -> Iterator[Product | RowError]:
    groups = Groups()
    for name, row, cells in found:
        try:
            if isinstance(cells, BrokenValue):
                raise cells
            item = reader.read(cells)
        except BrokenValue as error:
            yield error.at(name, row)
            continue
        if doubt := gtin_doubt(item.product.gtin):
            yield RowError(file=name, row=row, column="gtin", message=doubt, kept=True)
        if item.group is None:
            groups.take(item.product.id)
            yield item.product
        else:
            groups.add(item.group, item.product, name, row)
    yield from groups.products("item_group_id", attribute_names()["options"])


def _xml_items(path: Path) -> Iterator[tuple[str, int, Found]]:
    for name, feed in open_feeds(path):
        for line, row in read_items(feed, name, attribute_names()["repeated"]):
            yield name, line, row


def _table_items(path: Path, reader: _Items) -> Iterator[tuple[str, int, Found]]:
    for name, feed in open_feeds(path):
        columns, rows = read_table(feed, name)
        reader.rows.check_columns([_plain_name(column) for column in columns])
        for row, cells in rows:
            try:
                yield name, row, cells if isinstance(cells, BrokenValue) else _spread(cells)
            except BrokenValue as error:
                yield name, row, error


def _plain_name(column: str) -> str:
    """Return the attribute of a column such as 'item group id' or 'shipping(country:price)'."""
    if column.startswith("="):
        return column
    return column.partition("(")[0].strip().lower().removeprefix("g:").replace(" ", "_")


def _spread(cells: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {_plain_name(column): text for column, text in cells.items() if text.strip()}
    row["product_detail"] = [_detail(text) for text in read_texts(row.get("product_detail"), "product_detail")]
    for name in ("product_type", "product_highlight"):
        if '"' in row.get(name, ""):
            row[name] = read_texts(row[name], name)
    return row


def _detail(text: str) -> dict[str, str]:
    parts = [part.strip() for part in text.split(":", 2)]
    if len(parts) != 3:
        raise BrokenValue("product_detail", f"'{text}' is not section:name:value.")
    return dict(zip(("section_name", "attribute_name", "attribute_value"), parts, strict=True))


def _attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    table = {name: row[name] for name in attribute_names()["attributes"] if row.get(name)}
    details = row.get("product_detail") or []
    for detail in details if isinstance(details, list) else [details]:
        if isinstance(detail, Mapping) and detail.get("attribute_name"):
            table[detail["attribute_name"]] = detail.get("attribute_value")
    return table


def _product_type(row: Mapping[str, Any]) -> Any:
    """Return the shop's own path, else Google's where it is no bare number. Of several the first is the main one."""
    own = row.get("product_type")
    if isinstance(own, list | tuple):
        own = own[0] if own else None
    google = row.get("google_product_category")
    return own or (google if isinstance(google, str) and not google.strip().isdigit() else None)
