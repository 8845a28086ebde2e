"""From a row of any feed, as field → value, to a product. What an importer of a flat format shares."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from retrieval.errors import CatalogueError
from retrieval.importers.html_text import html_to_text
from retrieval.importers.names import make_short_name
from retrieval.importers.values import (
    BrokenValue,
    read_condition,
    read_count,
    read_price,
    read_rating,
    read_text,
    read_texts,
)
from retrieval.importers.variants import cheapest, read_variants, total_stock
from retrieval.schema import Money, Product, ProductTexts
from retrieval.words import guess_language

# Our fields, and what they are called in a feed without a mapping.
FIELDS: dict[str, str] = {
    "id": "id",
    "title": "title",
    "short_name": "short_name",
    "description": "description",
    "language": "language",
    "brand": "brand",
    "department": "department",
    "category": "category",
    "price": "price",
    "currency": "currency",
    "list_price": "list_price",
    "stock": "stock",
    "rating": "rating",
    "rating_count": "rating_count",
    "attributes": "attributes",
    "variants": "variants",
    "image": "image_link",
    "more_images": "additional_image_link",
    "link": "link",
    "gtin": "gtin",
    "mpn": "mpn",
    "condition": "condition",
}
_ATTRIBUTE = "attributes."
_WRITTEN_FOR_READERS = ("title", "short_name", "description", "brand", "department", "category")


class RowReader:
    """Makes products out of rows. `mapping` renames, our field → theirs, and '=USD' stands for a value itself.

    Attributes come as a table in 'attributes', or in columns of their own called 'attributes.colour' or mapped from
    it. `fields` are the names without a mapping. HTML in what readers see becomes text. Raises `CatalogueError` for a
    mapping of a field that there is not.
    """

    def __init__(self, mapping: Mapping[str, str], fields: Mapping[str, str] = FIELDS) -> None:
        for ours in mapping:
            if ours not in fields and not ours.startswith(_ATTRIBUTE):
                raise CatalogueError(
                    f"The mapping names the field '{ours}'. There are: {', '.join(fields)} and attributes.NAME."
                )
        self._fields = fields
        self._theirs = {**fields, **mapping}
        self._seen: set[str] = set()

    def check_columns(self, columns: Iterable[str]) -> None:
        """Check a table's columns. Raises `CatalogueError` when an id, a title or a mapped column is not there."""
        held = set(columns)
        for ours, theirs in self._theirs.items():
            needed = ours in ("id", "title") or self._fields.get(ours) != theirs
            if needed and not theirs.startswith("=") and theirs not in held:
                raise CatalogueError(
                    f"There is no column '{theirs}' for the field '{ours}'. Columns: {', '.join(sorted(held))}. "
                    "Name the right one with a mapping."
                )

    def claim(self, product_id: str, column: str) -> None:
        """Note that the id is taken. Raises `BrokenValue` when it already was."""
        if product_id in self._seen:
            raise BrokenValue(column, f"the id '{product_id}' is already used by an earlier row.")
        self._seen.add(product_id)

    def read(self, row: Mapping[str, object] | BrokenValue) -> Product:
        """Return the product of a row. Raises `BrokenValue`, which names the feed's column."""
        if isinstance(row, BrokenValue):
            raise row
        try:
            product = self._product(row)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise BrokenValue(str(first["loc"][0]), f"{first['msg']}. Fix it or drop the row.") from error
        self.claim(product.id, self._theirs["id"])
        return product

    def _product(self, row: Mapping[str, object]) -> Product:
        title = self._needed(row, "title")
        language = self._language(row, title)
        department, category = self._place(row)
        variants = read_variants(self._value(row, "variants"), self._value(row, "currency"), self._column("variants"))
        lowest = cheapest(variants, self._column("variants"))
        return Product(
            id=self._needed(row, "id"),
            language=language,
            texts={language: self._texts(row, title)},
            brand=self._text(row, "brand"),
            department=department,
            category=category,
            price=lowest.price if lowest else self._money(row, "price"),
            list_price=lowest.list_price if lowest else self._money(row, "list_price"),
            stock=total_stock(variants) if variants else self._count(row, "stock"),
            rating=read_rating(self._value(row, "rating"), self._column("rating")),
            rating_count=self._count(row, "rating_count"),
            attributes=self._attributes(row),
            variants=variants,
            image=self._text(row, "image"),
            more_images=read_texts(self._value(row, "more_images"), self._column("more_images")),
            link=self._text(row, "link"),
            gtin=self._text(row, "gtin"),
            mpn=self._text(row, "mpn"),
            condition=read_condition(self._value(row, "condition"), self._column("condition")),
        )

    def _texts(self, row: Mapping[str, object], title: str) -> ProductTexts:
        return ProductTexts(
            title=title,
            short_name=self._text(row, "short_name") or make_short_name(title),
            description=self._text(row, "description") or "",
        )

    def _language(self, row: Mapping[str, object], title: str) -> str:
        declared = self._text(row, "language")
        language = (declared or guess_language(title)).split("-")[0].lower()
        if not re.fullmatch("[a-z]{2}", language):
            raise BrokenValue(self._theirs["language"], f"'{declared}' is not a language code such as en or zh.")
        return language

    def _place(self, row: Mapping[str, object]) -> tuple[str | None, str | None]:
        """Return department and category; of a path such as 'Home > Kitchen > Kettles' the first and the last."""
        path = [part.strip() for part in (self._text(row, "category") or "").split(" > ") if part.strip()]
        above = self._text(row, "department")
        return above or (path[0] if len(path) > 1 else None), path[-1] if path else None

    def _attributes(self, row: Mapping[str, object]) -> dict[str, str]:
        column = self._theirs["attributes"]
        table = _as_table(self._value(row, "attributes"), column)
        for name in (*row, *self._theirs):
            if name.startswith(_ATTRIBUTE):
                table[name.removeprefix(_ATTRIBUTE)] = self._value(row, name)
        texts = {name.strip(): read_text(value, f"{column}.{name}") for name, value in table.items()}
        return {name: html_to_text(text) for name, text in texts.items() if name and text}

    def _money(self, row: Mapping[str, object], field: str) -> Money | None:
        amount, currency = self._value(row, field), self._value(row, "currency")
        return read_price(amount, currency, self._column(field), self._column("currency"))

    def _count(self, row: Mapping[str, object], field: str) -> int | None:
        return read_count(self._value(row, field), self._column(field))

    def _needed(self, row: Mapping[str, object], field: str) -> str:
        text = self._text(row, field)
        if text is None:
            raise BrokenValue(self._theirs[field], f"the {field} is missing. Add it or drop the row.")
        return text

    def _text(self, row: Mapping[str, object], field: str) -> str | None:
        text = read_text(self._value(row, field), self._column(field))
        if text is None or field not in _WRITTEN_FOR_READERS:
            return text
        plain = html_to_text(text)
        # A name is one line, whatever markup it was taken out of.
        return (plain if plain == text or field == "description" else plain.replace("\n", " ")) or None

    def _value(self, row: Mapping[str, object], field: str) -> object:
        theirs = self._column(field)
        return theirs.removeprefix("=") if theirs.startswith("=") else row.get(theirs)

    def _column(self, field: str) -> str:
        return self._theirs.get(field, field)


def _as_table(value: object, column: str) -> dict[str, Any]:
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except ValueError:
            raise BrokenValue(column, "is not a JSON table.") from None
    if not value:
        return {}
    if not isinstance(value, dict):
        raise BrokenValue(column, "is not a table of names and values.")
    return dict(value)
