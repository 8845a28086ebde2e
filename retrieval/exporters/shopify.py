"""Shopify's product CSV, with the headers of today."""

import csv
import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

from retrieval.errors import CatalogueError
from retrieval.exporters.files import open_output
from retrieval.importers.assembly import join_place
from retrieval.importers.shopify_cells import RATING, RATING_COUNT
from retrieval.schema import Money, Product, Variant

_COLUMNS = [
    *("Title", "URL handle", "Description", "Vendor", "Type", "Tags", "Published on online store", "Status", "SKU"),
    *("Barcode", "Option1 name", "Option1 value", "Option2 name", "Option2 value", "Option3 name", "Option3 value"),
    *("Price", "Compare-at price", "Inventory tracker", "Inventory quantity", "Continue selling when out of stock"),
    *("Weight value (grams)", "Product image URL", "Image position", "Variant image URL", "Google Shopping / Gender"),
    *("Google Shopping / Age group", "Google Shopping / Manufacturer part number (MPN)", "Google Shopping / Condition"),
]
_MOST_OPTIONS = 3
_OWN_COLUMNS = {
    "tags": "Tags",
    "SKU": "SKU",
    "gender": "Google Shopping / Gender",
    "age_group": "Google Shopping / Age group",
}
_OVERSELL = "continue selling when out of stock"


class ShopifyExporter:
    """Writes Shopify's product CSV: a row for each variant and each further picture. Attributes become metafields.

    The format has no place for: the currency (all products must share one), links, reviews, short names, languages,
    a department without a category, a fourth option, a variant's title other than its options and a variant's id
    other than its SKU (a variant without a SKU gets its id as one, one without options an option 'Title', and a
    missing option value is '-'). Empty lines in descriptions are lost.
    """

    suffix = ".csv"

    def write(self, products: Iterable[Product], path: Path) -> None:
        """Write the products. Raises `CatalogueError` for one with more than three options, or a second currency."""
        held = list(products)
        _check_currencies(held)
        metafields = _metafields(held)
        with open_output(path) as file:
            writer = csv.DictWriter(file, [*_COLUMNS, *metafields.values()], restval="")
            writer.writeheader()
            for product in held:
                writer.writerows(_rows(product, metafields))


def _check_currencies(products: Sequence[Product]) -> None:
    currencies = {
        price.currency: product.id
        for product in products
        for price in (product.price, *(variant.price for variant in product.variants))
        if price is not None
    }
    if len(currencies) > 1:
        raise CatalogueError(
            f"Shopify's CSV holds one currency, and these products have {', '.join(sorted(currencies))} "
            f"(such as {', '.join(currencies.values())}). Export each currency by itself."
        )


def _metafields(products: Iterable[Product]) -> dict[str, str]:
    """Return attribute → column, for the attributes that have no column of their own."""
    names = dict.fromkeys(name for product in products for name in _loose(product))
    taken: set[str] = set()
    columns = {}
    for place, name in enumerate(names):
        key = re.sub("[^a-z0-9]+", "_", name.casefold()).strip("_") or "field"
        key = key if key not in taken else f"{key}_{place}"
        taken.add(key)
        columns[name] = f"{name} (product.metafields.custom.{key})"
    return {
        **columns,
        RATING: f"Product rating (product.metafields.{RATING})",
        RATING_COUNT: f"Product rating count (product.metafields.{RATING_COUNT})",
    }


def _loose(product: Product) -> dict[str, str]:
    """Return the attributes that have no column of their own."""
    own = {*_OWN_COLUMNS, _OVERSELL} - ({"SKU"} if product.variants else set())
    if _grams(product):
        own.add("weight")
    return {name: text for name, text in product.attributes.items() if name not in own}


def _rows(product: Product, metafields: dict[str, str]) -> Iterator[dict[str, str]]:
    """Yield the product's rows: the first has its texts, the following ones the other variants and pictures."""
    pictures = [image for image in (product.image, *product.more_images) if image]
    variants = list(_variant_rows(product))
    for place, (variant, picture) in enumerate(zip_longest(variants, pictures), start=1):
        row = {"URL handle": product.id, **(variant or {})}
        if picture:
            row |= {"Product image URL": picture, "Image position": str(place)}
        yield {**row, **_head(product, metafields)} if place == 1 else row


def _head(product: Product, metafields: dict[str, str]) -> dict[str, str]:
    texts = product.text(product.language)
    own = {
        column: product.attributes[name]
        for name, column in _OWN_COLUMNS.items()
        if name in product.attributes and not (name == "SKU" and product.variants)
    }
    rating = {"value": str(product.rating), "scale_min": "0.0", "scale_max": "5.0"}
    return {
        "Title": texts.title,
        "Description": _markup(texts.description),
        "Vendor": product.brand or "",
        "Type": join_place(product),
        "Published on online store": "TRUE",
        "Status": "active",
        "Google Shopping / Condition": product.condition or "",
        **own,
        **{metafields[name]: text for name, text in _loose(product).items()},
        metafields[RATING]: "" if product.rating is None else json.dumps(rating),
        metafields[RATING_COUNT]: "" if product.rating_count is None else str(product.rating_count),
    }


def _variant_rows(product: Product) -> Iterator[dict[str, str]]:
    if not product.variants:
        only = {"Option1 name": "Title", "Option1 value": "Default Title"}
        yield {**only, **_sale(product, product)}
        return
    names = list(dict.fromkeys(name for variant in product.variants for name in variant.options)) or ["Title"]
    if len(names) > _MOST_OPTIONS:
        raise CatalogueError(
            f"The product '{product.id}' has {len(names)} options ({', '.join(names)}); Shopify's CSV holds three."
        )
    seen: set[tuple[str, ...]] = set()
    for variant in product.variants:
        own = variant.options or {"Title": variant.title}
        values = tuple(own.get(name, "-") for name in names)
        if values in seen:
            raise CatalogueError(f"The product '{product.id}' has two variants with the options {', '.join(values)}.")
        seen.add(values)
        options: dict[str, str] = {}
        for place, (name, value) in enumerate(zip(names, values, strict=True), start=1):
            options |= {f"Option{place} name": name if len(seen) == 1 else "", f"Option{place} value": value}
        yield {"SKU": variant.sku or variant.id, "Variant image URL": variant.image or "", **options} | _sale(
            product, variant
        )


def _sale(product: Product, sold: Product | Variant) -> dict[str, str]:
    return {
        "Barcode": sold.gtin or "",
        "Price": _amount(sold.price),
        "Compare-at price": _amount(sold.list_price),
        "Inventory tracker": "" if sold.stock is None else "shopify",
        "Inventory quantity": "" if sold.stock is None else str(sold.stock),
        "Continue selling when out of stock": "TRUE" if product.attributes.get(_OVERSELL) == "yes" else "FALSE",
        "Weight value (grams)": _grams(product),
        "Google Shopping / Manufacturer part number (MPN)": sold.mpn or "",
    }


def _grams(product: Product) -> str:
    found = re.fullmatch(r"([1-9][0-9]*(\.[0-9]*[1-9])?) g", product.attributes.get("weight", ""))
    return found[1] if found else ""


def _amount(price: Money | None) -> str:
    return "" if price is None else f"{Decimal(price.amount):f}"


def _markup(text: str) -> str:
    """Return the text as HTML, where it is more than plain words."""
    escaped = html.escape(text, quote=False)
    return "".join(f"<p>{line}</p>" for line in escaped.split("\n")) if "\n" in text or escaped != text else text
