"""A product's variants: every colour with every option value, each with a price and a stock of its own."""

import re
from collections.abc import Iterator
from decimal import Decimal

from retrieval.demo.content import OptionValue
from retrieval.demo.display import display_option, display_option_name
from retrieval.demo.luck import Luck
from retrieval.demo.shelf import Shelf
from retrieval.schema import Variant

_SOLD_OUT_PRODUCTS = 0.06
# Of the other products' variants; together about 15 % of all variants are out.
_SOLD_OUT_VARIANTS = 0.10
_MOST_IN_STOCK = 60


def build_variants(shelf: Shelf) -> tuple[Variant, ...]:
    """Return the product's variants; empty where there is nothing to choose."""
    luck = Luck("stock", shelf.product_id)
    share_out = 1.0 if luck.happens(_SOLD_OUT_PRODUCTS) else _SOLD_OUT_VARIANTS
    return tuple(
        _variant(shelf, ordinal, colour, value, stock=0 if luck.happens(share_out) else luck.count(1, _MOST_IN_STOCK))
        for ordinal, (colour, value) in enumerate(_choices(shelf), 1)
    )


def stock_without_variants(shelf: Shelf) -> int:
    """Return how many there are of a product that has nothing to choose."""
    luck = Luck("stock", shelf.product_id)
    return 0 if luck.happens(_SOLD_OUT_PRODUCTS) else luck.count(1, _MOST_IN_STOCK)


def _choices(shelf: Shelf) -> Iterator[tuple[str | None, OptionValue | None]]:
    colours = shelf.content.colours if shelf.kind.comes_in_colours else ()
    values = shelf.option_values
    if not colours and not values:
        return
    for colour in colours or (None,):
        for value in values or (None,):
            yield colour, value


def _variant(shelf: Shelf, ordinal: int, colour: str | None, value: OptionValue | None, stock: int) -> Variant:
    options = {"colour": colour} if colour else {}
    if value and shelf.kind.option:
        options[shelf.kind.option.name] = value.value
    return Variant(
        id="-".join([shelf.product_id, *(_slug(choice) for choice in options.values())]),
        title=", ".join([shelf.content.name.en, *options.values()]),
        options=options,
        options_in={
            "zh": {
                display_option_name(name, "zh"): display_option(name, value, "zh") for name, value in options.items()
            }
        }
        if options
        else {},
        price=shelf.price(value.add if value else Decimal(0)),
        stock=stock,
        image=shelf.image(colour or next(iter(shelf.content.colours), None)),
        gtin=shelf.gtin(ordinal),
    )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
