"""The Agentic Commerce Protocol's product feed: products.jsonl."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from retrieval.errors import CatalogueError
from retrieval.exporters.files import open_output
from retrieval.importers.assembly import join_place
from retrieval.minor_units import to_minor_units
from retrieval.schema import Money, Product, Variant


class AcpExporter:
    """Writes products.jsonl of the 2026-04-17 feed specification; a product without variants is its only variant.

    The format has no place for: brand, SKU, part number, how many are in stock (only whether), ratings, reviews,
    attributes other than the availability, short names, languages, a department without a category, and a
    product's own bar code beside its variants'. A product without a link or a picture comes back with its first
    variant's.
    """

    suffix = ".jsonl"

    def write(self, products: Iterable[Product], path: Path) -> None:
        """Write a product a line. Raises `CatalogueError` for a price with a fraction of the smallest unit."""
        with open_output(path) as file:
            for product in products:
                file.write(json.dumps(product_object(product), ensure_ascii=False) + "\n")


def product_object(product: Product) -> dict[str, Any]:
    """Return a product as the protocol's `Product`. Raises `CatalogueError`."""
    texts = product.text(product.language)
    images = [image for image in (product.image, *product.more_images) if image]
    try:
        variants = [_variant(product, variant) for variant in product.variants] or [_only_variant(product)]
    except ValueError as error:
        raise CatalogueError(f"The product '{product.id}' cannot be written: {error}") from error
    return _filled(
        {
            "id": product.id,
            "title": texts.title,
            "description": {"plain": texts.description} if texts.description else None,
            "url": product.link,
            "media": _media(images),
            "variants": variants,
        }
    )


def _only_variant(product: Product) -> dict[str, Any]:
    return _filled({"id": product.id, "title": product.title, **_sale(product, product)})


def _variant(product: Product, variant: Variant) -> dict[str, Any]:
    return _filled(
        {
            "id": variant.id,
            "title": variant.title,
            "url": variant.link,
            **_sale(product, variant),
            "variant_options": [{"name": name, "value": text} for name, text in variant.options.items()],
            "media": _media([variant.image] if variant.image else []),
        }
    )


def _sale(product: Product, sold: Product | Variant) -> dict[str, Any]:
    return {
        "barcodes": [{"type": "GTIN", "value": sold.gtin}] if sold.gtin else None,
        "price": _money(sold.price),
        "list_price": _money(sold.list_price),
        "availability": _availability(product, sold.stock),
        "categories": [{"value": join_place(product), "taxonomy": "merchant"}] if product.category else None,
        "condition": [product.condition] if product.condition else None,
    }


def _availability(product: Product, stock: int | None) -> dict[str, Any] | None:
    if stock == 0:
        return {"available": False, "status": "out_of_stock"}
    said = product.attributes.get("availability")
    if said in ("preorder", "backorder"):
        return {"available": True, "status": said}
    return None if stock is None and said != "in_stock" else {"available": True, "status": "in_stock"}


def _money(price: Money | None) -> dict[str, Any] | None:
    return None if price is None else {"amount": to_minor_units(price), "currency": price.currency}


def _media(images: list[str]) -> list[dict[str, str]]:
    return [{"type": "image", "url": image} for image in images]


def _filled(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if value not in (None, [])}
