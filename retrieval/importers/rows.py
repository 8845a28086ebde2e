"""From a row of any feed, as field → value, to a product. What an importer of a flat format shares."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from retrieval.errors import CatalogueError
from retrieval.importers.names import make_short_name
from retrieval.importers.values import BrokenValue, read_count, read_price, read_rating, read_text
from retrieval.schema import Product, ProductTexts
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
    "stock": "stock",
    "rating": "rating",
    "rating_count": "rating_count",
    "attributes": "attributes",
    "image": "image_link",
    "link": "link",
    "gtin": "gtin",
}
_ATTRIBUTE = "attributes."


class RowReader:
    """Makes products out of rows. `mapping` renames, our field → theirs, and '=USD' stands for a value itself.

    Attributes come as a table in 'attributes', or in columns of their own called 'attributes.colour' or mapped from
    it. Raises `CatalogueError` for a mapping of a field that there is not.
    """

    def __init__(self, mapping: Mapping[str, str]) -> None:
        for ours in mapping:
            if ours not in FIELDS and not ours.startswith(_ATTRIBUTE):
                raise CatalogueError(
                    f"The mapping names the field '{ours}'. There are: {', '.join(FIELDS)} and attributes.NAME."
                )
        self._theirs = {**FIELDS, **mapping}
        self._seen: set[str] = set()

    def check_columns(self, columns: Iterable[str]) -> None:
        """Check a table's columns. Raises `CatalogueError` when an id, a title or a mapped column is not there."""
        held = set(columns)
        for ours, theirs in self._theirs.items():
            needed = ours in ("id", "title") or FIELDS.get(ours) != theirs
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

    def read(self, row: Mapping[str, object]) -> Product:
        """Return the product of a row. Raises `BrokenValue`, which names the feed's column."""
        title = self._needed(row, "title")
        language = self._language(row, title)
        department, category = self._place(row)
        product = Product(
            id=self._needed(row, "id"),
            language=language,
            texts={language: self._texts(row, title)},
            brand=self._text(row, "brand"),
            department=department,
            category=category,
            price=read_price(
                self._value(row, "price"), self._value(row, "currency"), self._theirs["price"], self._theirs["currency"]
            ),
            stock=read_count(self._value(row, "stock"), self._theirs["stock"]),
            rating=read_rating(self._value(row, "rating"), self._theirs["rating"]),
            rating_count=read_count(self._value(row, "rating_count"), self._theirs["rating_count"]),
            attributes=self._attributes(row),
            image=self._text(row, "image"),
            link=self._text(row, "link"),
            gtin=self._text(row, "gtin"),
        )
        self.claim(product.id, self._theirs["id"])
        return product

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
        return {name: text for name, text in texts.items() if name and text}

    def _needed(self, row: Mapping[str, object], field: str) -> str:
        text = self._text(row, field)
        if text is None:
            raise BrokenValue(self._theirs[field], f"the {field} is missing. Add it or drop the row.")
        return text

    def _text(self, row: Mapping[str, object], field: str) -> str | None:
        return read_text(self._value(row, field), self._theirs[field])

    def _value(self, row: Mapping[str, object], field: str) -> object:
        theirs = self._theirs.get(field, field)
        return theirs.removeprefix("=") if theirs.startswith("=") else row.get(theirs)


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
