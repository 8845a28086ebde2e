"""Products put together from a shop system's feed: texts, place in the shop, and what follows from the variants."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from retrieval.gtin import gtin_problem
from retrieval.importers.html_text import html_to_text
from retrieval.importers.names import make_short_name
from retrieval.importers.values import BrokenValue
from retrieval.importers.variants import total_stock
from retrieval.schema import Money, Product, ProductTexts, Variant
from retrieval.words import guess_language


class Claims:
    """The product ids that a feed has used so far."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def claim(self, product_id: str, column: str) -> None:
        """Note that the id is taken. Raises `BrokenValue` when it already was."""
        if product_id in self._seen:
            raise BrokenValue(column, f"the id '{product_id}' is already used by an earlier product.")
        self._seen.add(product_id)


def make_product(*, title: str, description: str | None, language: str | None, **fields: Any) -> Product:
    """Return the product; price, list price and stock follow from its variants where it has some.

    HTML in title and description becomes text. A language that isn't given is guessed from the title. Raises
    `BrokenValue` for a language that is no code, and for fields that no product can have.
    """
    title = html_to_text(title).strip() or title
    code = (language or guess_language(title)).split("-")[0].lower()
    if not re.fullmatch("[a-z]{2}", code):
        raise BrokenValue("language", f"'{language}' is not a language code such as en or zh.")
    texts = ProductTexts(title=title, short_name=make_short_name(title), description=html_to_text(description or ""))
    if fields.get("variants"):
        fields |= _over(fields["variants"])
    try:
        return Product(texts={code: texts}, language=code, **fields)
    except ValidationError as error:
        raise broken_by(error) from error


def broken_by(error: ValidationError) -> BrokenValue:
    """Return what pydantic refused as a broken value of a feed."""
    first = error.errors(include_url=False)[0]
    return BrokenValue(".".join(str(part) for part in first["loc"]), f"{first['msg']}. Fix it or drop the row.")


def split_place(path: str | None) -> tuple[str | None, str | None]:
    """Return department and category: of a path such as 'Home > Kitchen > Kettles' the first and the last."""
    parts = [part.strip() for part in re.split(r"\s+>\s+", path or "") if part.strip()]
    return parts[0] if len(parts) > 1 else None, parts[-1] if parts else None


def join_place(product: Product) -> str:
    """Return department and category as the path that `split_place` reads."""
    return " > ".join(part for part in (product.department, product.category) if part)


def reduced_from(list_price: Money | None, price: Money | None) -> Money | None:
    """Return the list price where it says that the price was reduced, else None."""
    if list_price is None or price is None or list_price.currency != price.currency:
        return None
    return list_price if list_price.amount > price.amount else None


def make_slug(text: str) -> str:
    """Return the text as an id: its letters and digits, without case, with hyphens between."""
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")


def gtin_doubt(gtin: str | None) -> str | None:
    """Return the warning for a number that is no GTIN, or None. The number itself is kept as the shop wrote it."""
    problem = gtin_problem(gtin) if gtin else None
    return f"{problem} The product was kept with the number as it is." if problem else None


def distinct(items: Sequence[str]) -> tuple[str, ...]:
    """Return the items without repeats, in order."""
    return tuple(dict.fromkeys(items))


def _over(variants: Sequence[Variant]) -> dict[str, Any]:
    priced = [variant for variant in variants if variant.price is not None]
    # Amounts in two currencies are not compared: the first one's decides.
    same = [variant for variant in priced if variant.price and variant.price.currency == _currency(priced[0])]
    cheapest = min(same, key=lambda variant: variant.price.amount if variant.price else 0, default=None)
    return {
        "price": cheapest.price if cheapest else None,
        "list_price": cheapest.list_price if cheapest else None,
        "stock": total_stock(variants),
    }


def _currency(variant: Variant) -> str | None:
    return variant.price.currency if variant.price else None
