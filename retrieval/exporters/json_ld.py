"""schema.org products as one JSON-LD file, for a shop's pages or for search engines."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from retrieval.exporters.files import open_output
from retrieval.importers.assembly import join_place
from retrieval.schema import Product, Review, Variant

_SCHEMA = "https://schema.org/"
# Only these may be named in variesBy by their address; another option is named as the shop does.
_VARYING = ("color", "size", "material", "pattern")
_CONDITIONS = {"new": "NewCondition", "refurbished": "RefurbishedCondition", "used": "UsedCondition"}
_LATER = {"preorder": "PreOrder", "backorder": "BackOrder"}
_SAID = {"in_stock": "InStock", **_LATER}


class JsonLdExporter:
    """Writes schema.org's `Product`, and `ProductGroup` for a product with variants, as one @graph.

    It has no place for: short names, texts in a second language and the name of the first, a department without a
    category, and a list price that isn't above the price.
    """

    suffix = ".jsonld"

    def write(self, products: Iterable[Product], path: Path) -> None:
        """Write the products, each on a line of its own. Nothing that a product can be is refused."""
        with open_output(path) as file:
            file.write('{"@context": "https://schema.org", "@graph": [')
            for place, product in enumerate(products):
                file.write((",\n" if place else "\n") + json.dumps(product_node(product), ensure_ascii=False))
            file.write("\n]}\n")


def product_node(product: Product) -> dict[str, Any]:
    """Return a product as a schema.org `Product` or `ProductGroup`, without @context."""
    texts = product.text(product.language)
    images = [image for image in (product.image, *product.more_images) if image]
    return _filled(
        {
            "@type": "ProductGroup" if product.variants else "Product",
            **(_group(product) if product.variants else _single(product)),
            "name": texts.title,
            "description": texts.description,
            "brand": {"@type": "Brand", "name": product.brand} if product.brand else None,
            "category": join_place(product) if product.category else None,
            "image": images,
            "url": product.link,
            "gtin": product.gtin,
            "mpn": product.mpn,
            "itemCondition": _SCHEMA + _CONDITIONS[product.condition] if product.condition else None,
            "aggregateRating": _rating(product),
            "additionalProperty": _properties(product.attributes),
            "review": [_review(review) for review in product.reviews],
        }
    )


def _single(product: Product) -> dict[str, Any]:
    return {
        "productID": product.id,
        "sku": product.attributes.get("SKU", product.id),
        "offers": _offer(product, product),
    }


def _group(product: Product) -> dict[str, Any]:
    names = dict.fromkeys(name for variant in product.variants for name in variant.options)
    return {
        "productGroupID": product.id,
        "variesBy": [_SCHEMA + name.casefold() if name.casefold() in _VARYING else name for name in names],
        "hasVariant": [_variant(product, variant) for variant in product.variants],
        "sku": product.attributes.get("SKU"),
    }


def _variant(product: Product, variant: Variant) -> dict[str, Any]:
    return _filled(
        {
            "@type": "Product",
            "productID": variant.id,
            "sku": variant.sku,
            "name": variant.title,
            "image": variant.image,
            "url": variant.link,
            "gtin": variant.gtin,
            "mpn": variant.mpn,
            **{name.casefold(): text for name, text in variant.options.items() if name.casefold() in _VARYING},
            # The address in variesBy tells nothing of the shop's own spelling, 'Size'; this does.
            "additionalProperty": _properties({n: text for n, text in variant.options.items() if n not in _VARYING}),
            "offers": _offer(product, variant),
        }
    )


def _offer(product: Product, sold: Product | Variant) -> dict[str, Any] | None:
    if sold.price is None and sold.stock is None:
        return None
    price, before = sold.price, sold.list_price
    return _filled(
        {
            "@type": "Offer",
            "price": f"{price.amount:f}" if price else None,
            "priceCurrency": price.currency if price else None,
            "priceSpecification": {
                "@type": "UnitPriceSpecification",
                "priceType": _SCHEMA + "StrikethroughPrice",
                "price": f"{before.amount:f}",
                "priceCurrency": before.currency,
            }
            if before
            else None,
            "availability": _availability(product, sold),
            "inventoryLevel": {"@type": "QuantitativeValue", "value": sold.stock} if sold.stock is not None else None,
            "itemCondition": _SCHEMA + _CONDITIONS[product.condition] if product.condition else None,
        }
    )


def _availability(product: Product, sold: Product | Variant) -> str | None:
    said = product.attributes.get("availability", "")
    if sold.stock is None or (sold.stock and said in _LATER):
        return _SCHEMA + _SAID[said] if said in _SAID else None
    return _SCHEMA + ("InStock" if sold.stock else "OutOfStock")


def _rating(product: Product) -> dict[str, Any] | None:
    if product.rating is None and product.rating_count is None:
        return None
    return _filled(
        {
            "@type": "AggregateRating",
            "ratingValue": product.rating,
            "bestRating": 5,
            "ratingCount": product.rating_count,
        }
    )


def _review(review: Review) -> dict[str, Any]:
    return {
        "@type": "Review",
        "reviewRating": {"@type": "Rating", "ratingValue": review.rating, "bestRating": 5},
        "reviewBody": review.text,
        "inLanguage": review.language,
    }


def _properties(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@type": "PropertyValue", "name": name, "value": text} for name, text in attributes.items()]


def _filled(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if value not in (None, "", [])}
