"""OpenAI's product file feed for ChatGPT: CSV, TSV or JSON Lines, a row for each item or variant."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from retrieval.importers.assembly import Claims, distinct, gtin_doubt, make_product, reduced_from, split_place
from retrieval.importers.commerce_words import (
    availability_attribute,
    read_availability,
    read_condition,
    shared_availability,
    stock_of,
)
from retrieval.importers.files import has_ending
from retrieval.importers.records import Columns, Record, read_columns, read_objects, read_records
from retrieval.importers.values import BrokenValue, read_count, read_price, read_rating, read_text
from retrieval.importers.variants import total_stock
from retrieval.schema import Money, Product, RowError, Variant

_JSON_LINES, _TABLES = (".jsonl", ".ndjson"), (".csv", ".tsv", ".txt")
# With a comma inside an address, the next one still starts with its scheme.
BETWEEN_ADDRESSES = re.compile(r"\s*[,|;]\s*(?=https?://)")


class OpenAiFeedImporter:
    """Reads the file feed's current columns and their older names. Rows with one group_id are a product's variants.

    The options are those of variant_dict, or else the columns among colour, size and the like in which the rows of a
    group differ. The group's id is the product's.
    """

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        if not has_ending(path, *_JSON_LINES) and not has_ending(path, *_TABLES):
            return False
        columns = read_columns(path)
        return any(own in columns and columns.intersection(telling) for own, telling in _data()["identify"].items())

    def extract(self, path: Path, mapping: Mapping[str, str]) -> Iterator[Product | RowError]:
        """Yield each product, and what is wrong with a row; a group keeps its other rows. Groups come last.

        `mapping` is our field → theirs. Raises `CatalogueError` for a table without a header.
        """
        columns, claims = Columns(_data()["columns"], mapping, "OpenAI's feed"), Claims()
        groups: dict[str, list[_Item]] = {}
        for found in read_objects(path) if has_ending(path, *_JSON_LINES) else read_records(path):
            if isinstance(found, RowError):
                yield found
                continue
            if has_ending(path, *_TABLES):
                columns.check(found)
            try:
                item = _read(found, columns)
                claims.claim(item.variant.id, columns.name(found, "id"))
            except BrokenValue as error:
                yield found.error(error)
                continue
            if doubt := gtin_doubt(item.variant.gtin):
                yield found.note(columns.name(found, "gtin"), doubt)
            if item.group:
                groups.setdefault(item.group, []).append(item)
            else:
                yield from _finished(item, item.variant.id, [])
        for group, items in groups.items():
            if group not in {item.variant.id for item in items}:
                try:
                    claims.claim(group, "group_id")
                except BrokenValue as error:
                    yield items[0].record.error(error)
                    continue
            yield from _finished(items[0], group, items)


class _Item(NamedTuple):
    """One row: the variant that it is, and what it says of the product."""

    record: Record
    group: str | None
    variant: Variant
    title: str
    group_title: str | None
    fields: dict[str, Any]
    attributes: dict[str, str]
    availability: str | None


def _read(record: Record, columns: Columns) -> _Item:
    own_id, title = columns.needed(record, "id"), columns.needed(record, "title")
    options, price = _options(record, columns), _price(record, columns, "price")
    sale_price = _price(record, columns, "sale_price")
    availability = read_availability(columns.text(record, "availability"))
    department, category = split_place(columns.text(record, "category"))
    variant = Variant(
        id=own_id,
        title=title,
        options=options,
        price=sale_price if reduced_from(price, sale_price) else price,
        list_price=reduced_from(price, sale_price),
        stock=stock_of(availability, read_count(columns.value(record, "stock"), columns.name(record, "stock"))),
        image=columns.text(record, "image"),
        link=columns.text(record, "link"),
        mpn=columns.text(record, "mpn"),
        gtin=columns.text(record, "gtin"),
    )
    fields = {
        "description": columns.text(record, "description"),
        "language": columns.text(record, "language"),
        "brand": columns.text(record, "brand"),
        "department": department,
        "category": category,
        "rating": read_rating(columns.value(record, "rating"), columns.name(record, "rating")),
        "rating_count": read_count(columns.value(record, "rating_count"), columns.name(record, "rating_count")),
        "condition": read_condition(columns.text(record, "condition")),
        "image": variant.image,
        "more_images": _addresses(record, columns),
        "link": variant.link,
    }
    group = columns.text(record, "group")
    grouped = group if group and (group != own_id or options) and not _alone(record, columns) else None
    group_title, attributes = columns.text(record, "group_title"), dict(_attributes(record, columns))
    return _Item(record, grouped, variant, title, group_title, fields, attributes, availability)


def _alone(record: Record, columns: Columns) -> bool:
    return (columns.text(record, "has_variations") or "").casefold() in ("false", "no")


def _finished(first: _Item, own_id: str, items: Sequence[_Item]) -> Iterator[Product | RowError]:
    try:
        yield _grouped(own_id, items) if items else _single(first)
    except BrokenValue as error:
        yield first.record.error(error)


def _single(item: _Item) -> Product:
    own = {name: getattr(item.variant, name) for name in ("id", "price", "list_price", "stock", "mpn", "gtin")}
    attributes = {
        **item.variant.options,
        **item.attributes,
        **availability_attribute(item.availability, item.variant.stock),
    }
    return make_product(title=item.title, attributes=attributes, **own, **item.fields)


def _grouped(own_id: str, items: Sequence[_Item]) -> Product:
    first = items[0]
    varying = [] if any(item.variant.options for item in items) else _varying(items)
    named = {name.casefold() for item in items for name in (*item.variant.options, *varying)}
    title = first.group_title or _common_title([item.title for item in items])
    return make_product(
        id=own_id,
        title=title,
        variants=tuple(_variant(item, first, title, varying) for item in items),
        attributes={
            **{name: text for name, text in first.attributes.items() if name not in named},
            **availability_attribute(
                shared_availability(item.availability for item in items), total_stock([item.variant for item in items])
            ),
        },
        **first.fields,
    )


def _variant(item: _Item, first: _Item, product_title: str, varying: Sequence[str]) -> Variant:
    """Return the row's variant, without the link and the picture that it shares with the product."""
    options = item.variant.options or {name: item.attributes[name] for name in varying if name in item.attributes}
    return item.variant.model_copy(
        update={
            "title": (" / ".join(options.values()) if item.title == product_title else "") or item.title,
            "options": options,
            "link": None if item.variant.link == first.variant.link else item.variant.link,
            "image": None if item.variant.image == first.variant.image else item.variant.image,
        }
    )


def _varying(items: Sequence[_Item]) -> list[str]:
    names = dict.fromkeys(name for item in items for name in item.attributes)
    return [name for name in names if len({item.attributes.get(name) for item in items}) > 1]


def _common_title(titles: Sequence[str]) -> str:
    """Return the words that all titles begin with, else the first title."""
    words = [title.split() for title in titles]
    count = 0
    while all(len(found) > count for found in words) and len({found[count] for found in words}) == 1:
        count += 1
    return titles[0] if len(set(titles)) == 1 else " ".join(words[0][:count]).rstrip(" -–—|,/:(") or titles[0]


def _options(record: Record, columns: Columns) -> dict[str, str]:
    found, column = columns.value(record, "options"), columns.name(record, "options")
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            raise BrokenValue(column, 'is not a JSON object such as {"color": "black"}.') from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BrokenValue(column, 'is not a JSON object such as {"color": "black"}.')
    return {name: text for name, value in found.items() if (text := read_text(value, column))}


def _price(record: Record, columns: Columns, field: str) -> Money | None:
    currency, name = columns.value(record, "currency"), columns.name(record, "currency")
    return read_price(columns.value(record, field), currency, columns.name(record, field), name)


def _addresses(record: Record, columns: Columns) -> tuple[str, ...]:
    found, column = columns.value(record, "more_images"), columns.name(record, "more_images")
    if isinstance(found, str) and found.lstrip().startswith("["):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            raise BrokenValue(column, "is neither a list of addresses nor a JSON list.") from None
    parts = found if isinstance(found, list) else BETWEEN_ADDRESSES.split(read_text(found, column) or "")
    return distinct([text for part in parts if (text := read_text(part, column))])


def _attributes(record: Record, columns: Columns) -> Iterator[tuple[str, str]]:
    names = _data()["attributes"]
    for field in (*names["plain"], *names["lengths"], "weight"):
        if text := columns.text(record, field):
            unit = "weight_unit" if field == "weight" else "dimensions_unit" if field in names["lengths"] else None
            sign = (columns.text(record, unit) or "") if unit else ""
            yield field, f"{text} {sign}" if sign and not text.endswith(sign) else text


@cache
def _data() -> dict[str, dict[str, list[str]]]:
    text = resources.files("retrieval.importers").joinpath("openai_feed.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
