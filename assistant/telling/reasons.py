"""Reasons of recommendations as words: each says what its list really rests on, and nothing else."""

from collections.abc import Mapping
from datetime import date, datetime

from assistant.schema import Product, ProductCard, ProductsRecommended, Reason
from assistant.telling.phrases import phrase, phrase_list

_YEAR_UNSAID = 300
"""Days for which a month needs no year."""


def reason_text(reason: Reason, names: Mapping[str, str], language: str, today: date) -> str | None:
    """Return the reason in the shopper's language; None where there is nothing to say, or its product isn't named.

    `names` are short names by product id.
    """
    if reason.kind == "varied":
        return None
    name = names.get(reason.product_id) if reason.product_id else None
    if reason.product_id is not None and name is None:
        return None
    kind = f"new_{'bought' if reason.bought else 'close'}" if reason.kind == "new" and name else reason.kind
    month = month_text(reason.at, language, today) if reason.at else None
    return phrase(f"reason_{kind}", language, name=name, month=month, count=reason.count)


def month_text(at: datetime, language: str, today: date) -> str:
    """Return the month of a moment, with the year where it could be taken for another one."""
    month = phrase_list("months", language)[at.month - 1]
    if abs((today - at.date()).days) <= _YEAR_UNSAID:
        return month
    return phrase("month_of_year", language, month=month, year=at.year)


def reasons_in(result: ProductsRecommended, language: str) -> dict[str, str]:
    """Return the words of the reasons by product id; products without one are left out."""
    known: tuple[Product, ...] = (*result.because, *result.products)
    names = {product.id: product.text(language).short_name for product in known}
    texts = {
        product.id: reason_text(result.reasons[product.id], names, language, result.made_on)
        for product in result.products
        if product.id in result.reasons
    }
    return {product_id: text for product_id, text in texts.items() if text}


def recommended_cards(result: ProductsRecommended, language: str) -> tuple[ProductCard, ...]:
    """Return the products as a screen shows them, with their reasons."""
    texts = reasons_in(result, language)
    return tuple(ProductCard.of(product, language, texts.get(product.id)) for product in result.products)
