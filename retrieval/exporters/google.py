"""Google Merchant product data, as RSS 2.0 with the prefix g: or as tab-separated text."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from retrieval.exporters.files import open_output
from retrieval.importers.assembly import join_place
from retrieval.importers.google import attribute_names
from retrieval.importers.google_xml import GOOGLE
from retrieval.schema import Money, Product, Variant

_COLUMNS = (
    *("id", "item_group_id", "title", "short_title", "description", "link", "image_link", "additional_image_link"),
    *("availability", "price", "sale_price", "brand", "gtin", "mpn", "condition", "product_type"),
)
_LATER = ("preorder", "backorder")
_AVAILABILITIES = ("in_stock", *_LATER)
# XML readers make line feeds of bare carriage returns.
_RETURN = {"\r": "&#13;"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class GoogleXmlExporter:
    """Writes RSS 2.0, an item for each product or variant, all in the first product's language where they have it.

    The format has no place for: how many are in stock (only whether), SKUs, ratings, reviews, further languages,
    translated attributes, a department without a category, a list price without a price or not above it, and more
    than plain text. With variants, what the product has of its own (stock, GTIN, MPN, list price, first picture, link)
    gives way to theirs, a variant's title to its options, and an option that is the same for all is an attribute, as
    is an only variant's that is not colour, size, material or pattern. What a product lacks, such as a brand or a
    stock, is left out, though Google wants it.
    """

    suffix = ".xml"

    def write(self, products: Iterable[Product], path: Path) -> None:
        """Write the products to a file. Raises `CatalogueError` where it cannot be written."""
        language: str | None = None
        with open_output(path) as file:
            file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
            file.write(f'<rss version="2.0" xmlns:g="{GOOGLE}">\n<channel>\n<title>Products</title>\n')
            for product in products:
                if language is None:
                    language = product.language
                    file.write(f"<language>{language}</language>\n")
                for item in _items(product, language):
                    file.write(f"<item>\n{''.join(_elements(item))}</item>\n")
            file.write("</channel>\n</rss>\n")


class GoogleTsvExporter:
    """Writes tab-separated text with underscores in the names. Has no place for what the XML hasn't, nor for:

    the language, and a colon in the name of an attribute that isn't one of Google's.
    """

    suffix = ".tsv"

    def write(self, products: Iterable[Product], path: Path) -> None:
        """Write the products to a file. Raises `CatalogueError` where it cannot be written."""
        language: str | None = None
        with open_output(path) as file:
            columns = (*_COLUMNS, *attribute_names()["attributes"], "product_detail")
            table = csv.DictWriter(file, columns, delimiter="\t", lineterminator="\n")
            table.writeheader()
            for product in products:
                language = language or product.language
                table.writerows(_cells(item) for item in _items(product, language))


def _items(product: Product, language: str) -> Iterator[dict[str, Any]]:
    texts = product.text(language)
    shared = {
        "title": texts.title,
        "short_title": texts.short_name,
        "description": texts.description,
        "link": product.link,
        "image_link": product.image,
        "additional_image_link": list(product.more_images),
        "brand": product.brand,
        "condition": product.condition,
        "product_type": join_place(product) if product.category else None,
    }
    if not product.variants:
        yield _filled({**shared, "id": product.id, **_own(product, product.attributes)})
    for variant in product.variants:
        own = {
            "id": variant.id,
            "item_group_id": product.id,
            "title": _variant_title(texts.title, variant),
            "link": variant.link or product.link,
            "image_link": variant.image or product.image,
        }
        yield _filled({**shared, **own, **_own(variant, {**product.attributes, **variant.options})})


def _own(thing: Product | Variant, attributes: Mapping[str, str]) -> dict[str, Any]:
    """Return what an item says of its price, stock, numbers and attributes."""
    reduced = thing.price is not None and thing.list_price is not None
    rest = dict(attributes)
    said = rest.pop("availability") if rest.get("availability") in _AVAILABILITIES else None
    # A count says it better than words, but for what comes later.
    stated = "out_of_stock" if thing.stock == 0 else "in_stock" if thing.stock and said not in _LATER else said
    known = {name: rest.pop(name) for name in attribute_names()["attributes"] if name in rest}
    return {
        "availability": stated,
        "price": _money(thing.list_price if reduced else thing.price),
        "sale_price": _money(thing.price) if reduced else None,
        "gtin": thing.gtin,
        "mpn": thing.mpn,
        **known,
        "product_detail": list(rest.items()),
    }


def _variant_title(title: str, variant: Variant) -> str:
    return variant.title if variant.title.startswith(title) else f"{title} - {variant.title}"


def _money(price: Money | None) -> str | None:
    return f"{price.amount:f} {price.currency}" if price else None


def _filled(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value}


def _elements(item: Mapping[str, Any]) -> Iterator[str]:
    for name, value in item.items():
        if name == "product_detail":
            for attribute, text in value:
                parts = _element("attribute_name", attribute) + _element("attribute_value", text)
                yield f"<g:product_detail>\n{parts}</g:product_detail>\n"
        else:
            yield from (_element(name, text) for text in (value if isinstance(value, list) else [value]))


def _element(name: str, text: str) -> str:
    return f"<g:{name}>{escape(_NOT_XML.sub('', text), _RETURN)}</g:{name}>\n"


def _cells(item: Mapping[str, Any]) -> dict[str, str]:
    details = [f":{attribute}:{text}" for attribute, text in item.get("product_detail", ())]
    lists = {"additional_image_link": item.get("additional_image_link", ()), "product_detail": details}
    return {**item, **{name: _joined(texts) for name, texts in lists.items()}}


def _joined(texts: Iterable[str]) -> str:
    """Return the texts with commas between them, as a line of CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(texts)
    return line.getvalue()
