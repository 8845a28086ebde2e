"""OpenAI's product file feed for ChatGPT: a row for each item or variant."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from retrieval.errors import CatalogueError
from retrieval.exporters.files import open_output
from retrieval.importers.assembly import join_place
from retrieval.importers.openai_feed import BETWEEN_ADDRESSES
from retrieval.schema import Money, Product, Variant

_TEXTS = ("material", "color", "size", "size_system", "gender", "age_group", "dimensions")
_LENGTHS = ("length", "width", "height")
_COLUMNS = [
    *(
        "item_id",
        "title",
        "description",
        "url",
        "brand",
        "image_url",
        "price",
        "sale_price",
        "availability",
        "group_id",
    ),
    *("listing_has_variations", "variant_dict", "gtin", "mpn", "condition", "product_category", *_TEXTS, *_LENGTHS),
    *("dimensions_unit", "weight", "item_weight_unit", "additional_image_urls", "seller_name", "store_country"),
    *("review_count", "star_rating", "target_countries", "is_eligible_search", "is_eligible_checkout"),
]
_MEASURE = re.compile(r"(?P<amount>[0-9]+([.,][0-9]+)?) ?(?P<unit>[^\s0-9]+)")
_LONGEST_ID = 100


class OpenAiFeedExporter:
    """Writes the file feed as CSV, or as TSV or JSON Lines to a file with that ending.

    The seller's name and the countries are the shop's, so they are given here; the format wants them in every row.
    It has no place for: how many are in stock (only whether), SKUs, reviews, attributes other than material, colour,
    size, gender, age group, measures and weight, short names, languages, a department without a category, a
    product's own number beside its variants', and a variant's title other than its options. A product's link and
    picture are its first variant's where that has its own. What a product lacks, such as a brand or a price, is an
    empty cell, though the format wants it.
    """

    suffix = ".csv"

    def __init__(self, seller_name: str = "", store_country: str = "", target_countries: tuple[str, ...] = ()) -> None:
        self._seller = {
            "seller_name": seller_name,
            "store_country": store_country,
            "target_countries": ",".join(target_countries),
            "is_eligible_search": "true",
            "is_eligible_checkout": "false",
        }

    def write(self, products: Iterable[Product], path: Path) -> None:
        """Write the products. Raises `CatalogueError` for an id that is used twice or has over 100 characters."""
        rows = ({**row, **self._seller} for row in _checked(row for product in products for row in _rows(product)))
        ending = path.name.lower().removesuffix(".gz")
        with open_output(path) as file:
            if ending.endswith((".jsonl", ".ndjson")):
                file.writelines(json.dumps(_typed(row), ensure_ascii=False) + "\n" for row in rows)
                return
            writer = csv.DictWriter(file, _COLUMNS, restval="", delimiter="\t" if ending.endswith(".tsv") else ",")
            writer.writeheader()
            writer.writerows(rows)


def _checked(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    seen: set[str] = set()
    for row in rows:
        own_id = row["item_id"]
        if own_id in seen:
            raise CatalogueError(f"Two items have the id '{own_id}'; in OpenAI's feed each variant's is its own.")
        if len(own_id) > _LONGEST_ID:
            raise CatalogueError(f"The id '{own_id}' is longer than the {_LONGEST_ID} characters of OpenAI's feed.")
        seen.add(own_id)
        yield row


def _rows(product: Product) -> Iterator[dict[str, str]]:
    if not product.variants:
        yield {**_shared(product), **_measures(product.attributes), **_sale(product, product)}
        return
    for variant in product.variants:
        options = {name.casefold(): text for name, text in variant.options.items()}
        own = {
            "group_id": product.id,
            "listing_has_variations": "true",
            "variant_dict": json.dumps(variant.options, ensure_ascii=False) if variant.options else "",
        }
        measures = _measures({**product.attributes, **options})
        yield {**_shared(product), **measures, **_sale(product, variant), **own}


def _shared(product: Product) -> dict[str, str]:
    texts = product.text(product.language)
    return {
        "title": texts.title,
        "description": texts.description,
        "brand": product.brand or "",
        "condition": product.condition or "",
        "product_category": join_place(product) if product.category else "",
        "additional_image_urls": ", ".join(product.more_images),
        "review_count": "" if product.rating_count is None else str(product.rating_count),
        "star_rating": "" if product.rating is None else str(product.rating),
    }


def _sale(product: Product, sold: Product | Variant) -> dict[str, str]:
    return {
        "item_id": sold.id,
        "url": sold.link or product.link or "",
        "image_url": sold.image or product.image or "",
        "price": _price(sold.list_price or sold.price),
        "sale_price": _price(sold.price) if sold.list_price else "",
        "availability": _availability(product, sold.stock),
        "gtin": sold.gtin or "",
        "mpn": sold.mpn or "",
    }


def _measures(attributes: dict[str, str]) -> dict[str, str]:
    found = {name: attributes[name] for name in _TEXTS if name in attributes}
    lengths = {name: attributes[name] for name in _LENGTHS if name in attributes}
    parts = {name: _MEASURE.fullmatch(text) for name, text in lengths.items()}
    units = {part["unit"] if part else "" for part in parts.values()}
    if len(units) == 1 and "" not in units:
        found |= {name: part["amount"] for name, part in parts.items() if part} | {"dimensions_unit": units.pop()}
    else:
        found |= lengths
    weight = attributes.get("weight", "")
    part = _MEASURE.fullmatch(weight)
    return {**found, **({"weight": part["amount"], "item_weight_unit": part["unit"]} if part else {"weight": weight})}


def _availability(product: Product, stock: int | None) -> str:
    if stock == 0:
        return "out_of_stock"
    said = product.attributes.get("availability", "")
    later = {"preorder": "pre_order", "backorder": "backorder"}.get(said)
    return later or ("unknown" if stock is None and said != "in_stock" else "in_stock")


def _price(price: Money | None) -> str:
    return "" if price is None else f"{price.amount:f} {price.currency}"


def _typed(row: dict[str, str]) -> dict[str, Any]:
    """Return a row as JSON Lines has it: objects, lists and truth values for their texts, nothing for the empty."""
    typed: dict[str, Any] = {name: text for name, text in row.items() if text}
    for name, text in typed.items():
        if text in ("true", "false") or name == "variant_dict":
            typed[name] = json.loads(text)
        elif name == "additional_image_urls":
            typed[name] = BETWEEN_ADDRESSES.split(text)
        elif name == "target_countries":
            typed[name] = text.split(",")
    return typed
