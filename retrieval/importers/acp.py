"""The Agentic Commerce Protocol's product feed: products.jsonl, one product with its variants a line."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from retrieval.importers.assembly import Claims, distinct, gtin_doubt, make_product, reduced_from, split_place
from retrieval.importers.commerce_words import (
    availability_attribute,
    read_availability,
    read_condition,
    shared_availability,
    stock_of,
)
from retrieval.importers.files import has_ending
from retrieval.importers.html_text import html_to_text
from retrieval.importers.records import Columns, Record, first_object, read_objects
from retrieval.importers.values import BrokenValue, read_text
from retrieval.importers.variants import total_stock
from retrieval.minor_units import from_minor_units
from retrieval.schema import Money, Product, RowError, Variant

_GTINS = {"gtin", "upc", "upca", "ean", "isbn", "jan"}
# The shop's own words say more to its customers than a shared taxonomy does.
_TAXONOMIES = ["merchant", "shopify", "google_product_category"]
# Fields that ACP has neither for products nor for variants, and our flat rows have.
_OURS = {"texts", "currency", "options", "stock", "sku", "image_link", "brand", "category"}


class AcpImporter:
    """Reads products.jsonl of the 2026-04-17 feed specification. Amounts are whole minor units of the currency.

    The only variant of a product, when it has no options and the product's own id, is the product itself. The mapping
    takes a language as a value: language → '=de'.
    """

    def identify(self, path: Path) -> bool:
        """Tell whether this importer reads the file."""
        if not has_ending(path, ".jsonl", ".ndjson"):
            return False
        found = first_object(path)
        variants = found.get("variants")
        # A product in our own form has variants as well, and texts; a flat row with variants has a price and the like.
        ours = not _OURS.isdisjoint(found)
        return "id" in found and not ours and isinstance(variants, list) and _is_variant(variants[:1])

    def extract(self, path: Path, mapping: Mapping[str, str]) -> Iterator[Product | RowError]:
        """Yield each line's product, or what is wrong with the line; a product keeps its other variants.

        Raises `CatalogueError` for a mapping of anything but the language.
        """
        Columns({"language": ()}, mapping, "the ACP feed")
        language = mapping.get("language", "=").removeprefix("=") or None
        claims = Claims()
        for found in read_objects(path):
            if isinstance(found, RowError):
                yield found
                continue
            try:
                yield from _Line(found, language).read(claims)
            except BrokenValue as error:
                yield found.error(error)


class _Line:
    """One product of the feed."""

    def __init__(self, record: Record, language: str | None) -> None:
        self._record, self._node, self._language = record, record.cells, language

    def read(self, claims: Claims) -> Iterator[Product | RowError]:
        own_id = _needed(self._node, "id", "id")
        claims.claim(own_id, "id")
        nodes = _objects(self._node.get("variants"), "variants")
        if not nodes:
            raise BrokenValue("variants", "there is no variant. A product needs at least one.")
        variants: list[Variant] = []
        good: list[Mapping[str, Any]] = []
        for place, node in enumerate(nodes):
            try:
                variants.append(_variant(node, f"variants[{place}]", {variant.id for variant in variants}))
                good.append(node)
            except BrokenValue as error:
                yield self._record.error(error)
                continue
            if doubt := gtin_doubt(variants[-1].gtin):
                yield self._record.note(f"variants[{place}].barcodes", doubt)
        if variants:
            yield self._product(own_id, good, variants)

    def _product(self, own_id: str, nodes: list[Mapping[str, Any]], variants: list[Variant]) -> Product:
        first, images = nodes[0], _images(self._node, "media")
        department, category = _place(nodes)
        fields: dict[str, Any] = {"variants": tuple(variants)}
        if len(variants) == 1 and variants[0].id == own_id and not variants[0].options:
            only = variants[0]
            fields = {name: getattr(only, name) for name in ("price", "list_price", "stock", "mpn", "gtin")}
            images = images or _images(first, "variants[0].media")
        images = images or tuple(variant.image for variant in variants[:1] if variant.image)
        return make_product(
            id=own_id,
            title=read_text(self._node.get("title"), "title") or variants[0].title,
            description=_description(self._node, "description") or _description(first, "variants[0].description"),
            language=self._language,
            department=department,
            category=category,
            attributes=availability_attribute(
                shared_availability(_availability(node, "variants") for node in nodes), total_stock(variants)
            ),
            image=images[0] if images else None,
            more_images=images[1:],
            link=read_text(self._node.get("url"), "url") or variants[0].link,
            condition=_condition(first),
            **fields,
        )


def _variant(node: Mapping[str, Any], place: str, taken: set[str]) -> Variant:
    own_id = _needed(node, "id", f"{place}.id")
    if own_id in taken:
        raise BrokenValue(f"{place}.id", f"the variant id '{own_id}' is already used by an earlier variant.")
    price = _money(node.get("price"), f"{place}.price")
    options = _objects(node.get("variant_options"), f"{place}.variant_options")
    images = _images(node, f"{place}.media")
    return Variant(
        id=own_id,
        title=_needed(node, "title", f"{place}.title"),
        options={
            _needed(option, "name", f"{place}.variant_options"): _needed(option, "value", f"{place}.variant_options")
            for option in options
        },
        price=price,
        list_price=reduced_from(_money(node.get("list_price"), f"{place}.list_price"), price),
        stock=stock_of(_availability(node, place)),
        image=images[0] if images else None,
        link=read_text(node.get("url"), f"{place}.url"),
        **_codes(node, place),
    )


def _money(value: Any, column: str) -> Money | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BrokenValue(column, "is not an amount with a currency.")
    amount, currency = value.get("amount"), value.get("currency")
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise BrokenValue(f"{column}.amount", f"'{amount}' is not a whole number of minor units (19.99 is 1999).")
    if not isinstance(currency, str) or not (currency.isascii() and currency.isalpha() and len(currency) == 3):
        raise BrokenValue(f"{column}.currency", f"'{currency}' is not a currency code of three letters, such as USD.")
    _check(amount, column)
    return from_minor_units(amount, currency.upper())


def _check(amount: int, column: str) -> None:
    if amount < 0:
        raise BrokenValue(f"{column}.amount", f"{amount} is below zero. Fix it or drop the row.")
    if amount > 10**15:
        raise BrokenValue(f"{column}.amount", f"{amount} is too large.")


def _codes(node: Mapping[str, Any], place: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in _objects(node.get("barcodes"), f"{place}.barcodes"):
        kind = _needed(code, "type", f"{place}.barcodes").casefold()
        field = "gtin" if re.sub("[^a-z]", "", kind) in _GTINS else kind if kind in ("sku", "mpn") else None
        if field:
            found.setdefault(field, _needed(code, "value", f"{place}.barcodes"))
    return found


def _availability(node: Mapping[str, Any], place: str) -> str | None:
    found = node.get("availability")
    if found is None:
        return None
    if not isinstance(found, dict):
        raise BrokenValue(f"{place}.availability", "is not an object with 'available' and 'status'.")
    status = read_availability(read_text(found.get("status"), f"{place}.availability.status"))
    return "out_of_stock" if found.get("available") is False and status in (None, "in_stock") else status


def _description(node: Mapping[str, Any], column: str) -> str | None:
    found = node.get("description")
    if not isinstance(found, dict):
        return read_text(found, column)
    texts = {kind: read_text(found.get(kind), f"{column}.{kind}") for kind in ("plain", "html", "markdown")}
    return texts["plain"] or html_to_text(texts["html"] or "") or texts["markdown"]


def _place(nodes: list[Mapping[str, Any]]) -> tuple[str | None, str | None]:
    found: dict[str, str] = {}
    for node in nodes:
        for category in _objects(node.get("categories"), "categories"):
            taxonomy = read_text(category.get("taxonomy"), "categories") or "merchant"
            found.setdefault(taxonomy, _needed(category, "value", "categories"))
    best = next((name for name in _TAXONOMIES if name in found), next(iter(found), None))
    return split_place(found[best] if best else None)


def _images(node: Mapping[str, Any], column: str) -> tuple[str, ...]:
    media = _objects(node.get("media"), column)
    pictures = [item for item in media if str(item.get("type", "image")).casefold() == "image"]
    return distinct([_needed(item, "url", column) for item in pictures])


def _condition(node: Mapping[str, Any]) -> str | None:
    found = node.get("condition")
    texts = found if isinstance(found, list) else [found]
    return next((word for text in texts if isinstance(text, str) and (word := read_condition(text))), None)


def _objects(value: Any, column: str) -> list[Mapping[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BrokenValue(column, "is not a list of objects.")
    return value


def _needed(node: Mapping[str, Any], key: str, column: str) -> str:
    text = read_text(node.get(key), column)
    if text is None:
        raise BrokenValue(column, f"the {key} is missing. Add it or drop the row.")
    return text


def _is_variant(first: list[Any]) -> bool:
    if not first:
        return True
    return isinstance(first[0], dict) and not {"id", "title"}.isdisjoint(first[0]) and _OURS.isdisjoint(first[0])
