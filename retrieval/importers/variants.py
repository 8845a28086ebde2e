"""The variants of a product: read from a list of tables, and what the product has of them."""

from collections.abc import Mapping, Sequence

from retrieval.importers.html_text import html_to_text
from retrieval.importers.values import BrokenValue, read_count, read_price, read_text
from retrieval.schema import Money, Variant

_FIELDS = ("id", "title", "options", "price", "currency", "list_price", "stock", "image", "link", "sku", "mpn", "gtin")


def read_variants(value: object, currency: object, column: str) -> tuple[Variant, ...]:
    """Return the variants in a list of tables with the fields of `Variant`; prices are written as a product's.

    `currency` is the product's, for prices without one. Raises `BrokenValue`.
    """
    if value is None or value == "":
        return ()
    if not isinstance(value, list | tuple):
        raise BrokenValue(column, "is not a list of variants.")
    variants = tuple(_read(found, currency, f"{column}[{place}]") for place, found in enumerate(value))
    if len({variant.id for variant in variants}) < len(variants):
        raise BrokenValue(column, "two variants have the same id.")
    return variants


def cheapest(variants: Sequence[Variant], column: str) -> Variant | None:
    """Return the variant with the lowest price. Raises `BrokenValue` for prices in several currencies."""
    priced = [(variant.price.amount, variant) for variant in variants if variant.price]
    if len({variant.price.currency for _, variant in priced if variant.price}) > 1:
        raise BrokenValue(column, "the variants' prices are in several currencies.")
    return min(priced, key=lambda pair: pair[0])[1] if priced else None


def total_stock(variants: Sequence[Variant]) -> int | None:
    """Return the sum of the stock that is known; None where nothing is, or where only sold-out variants are known."""
    known = [variant.stock for variant in variants if variant.stock is not None]
    return sum(known) if sum(known) > 0 or len(known) == len(variants) else None


def variant_title(options: Mapping[str, str]) -> str:
    """Return what a variant is called where the feed has no name for it: 'Red / 39'."""
    return " / ".join(options.values())


def _read(found: object, currency: object, column: str) -> Variant:
    if not isinstance(found, Mapping):
        raise BrokenValue(column, "is not a table of names and values.")
    unknown = [name for name in found if name not in _FIELDS]
    if unknown:
        raise BrokenValue(f"{column}.{unknown[0]}", f"is no field of a variant. There are: {', '.join(_FIELDS)}.")
    texts = {name: read_text(found.get(name), f"{column}.{name}") for name in ("id", *_FIELDS[7:])}
    if texts["id"] is None:
        raise BrokenValue(f"{column}.id", "the id is missing. Add it or drop the row.")
    options = _options(found.get("options"), f"{column}.options")
    title = html_to_text(read_text(found.get("title"), f"{column}.title") or variant_title(options) or texts["id"])
    return Variant(
        **{**texts, "id": texts["id"]},
        title=title,
        options=options,
        price=_money(found, "price", currency, column),
        list_price=_money(found, "list_price", currency, column),
        stock=read_count(found.get("stock"), f"{column}.stock"),
    )


def _options(value: object, column: str) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BrokenValue(column, "is not a table of names and values.")
    texts = {str(name).strip(): read_text(held, f"{column}.{name}") for name, held in value.items()}
    return {name: html_to_text(text) for name, text in texts.items() if name and text}


def _money(found: Mapping[object, object], name: str, currency: object, column: str) -> Money | None:
    return read_price(found.get(name), found.get("currency") or currency, f"{column}.{name}", f"{column}.currency")
