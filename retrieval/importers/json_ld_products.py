"""A schema.org product or group, with its variants, to ours."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from retrieval.importers.assembly import distinct, make_product, make_slug, split_place
from retrieval.importers.commerce_words import availability_attribute, read_condition, shared_availability
from retrieval.importers.html_text import html_to_text
from retrieval.importers.json_ld_nodes import Node, as_list, quantity_of, text_of
from retrieval.importers.json_ld_offers import OfferReader, Resolve, Sale, gtin_of, together
from retrieval.importers.values import BrokenValue, read_count, read_number, read_rating
from retrieval.importers.variants import total_stock
from retrieval.schema import Product, Review, Variant

_SCHEMA = re.compile(r"^(https?://schema\.org/|schema:)")
_PLAIN = ("color", "size", "material", "pattern", "model")
_MEASURES = ("weight", "width", "height", "depth")


class ProductBuilder:
    """Builds products. `values` are the currency and the language for nodes that name none."""

    def __init__(self, values: Mapping[str, str], resolve: Resolve) -> None:
        self._language = values.get("language")
        self._resolve = resolve
        self._offers = OfferReader(values.get("currency"), resolve)

    def variant(self, node: Node, group: Node, siblings: Sequence[Node], earlier: Sequence[Variant]) -> Variant:
        """Return one variant of a group. Raises `BrokenValue`."""
        name = text_of(node.get("name"), "name")
        own_id = _id(node) or make_slug(name or "")
        if not own_id:
            raise BrokenValue("name", "the variant has neither a sku nor a name.")
        if own_id in {variant.id for variant in earlier}:
            raise BrokenValue("sku", f"the variant id '{own_id}' is already used by an earlier variant.")
        sale = together(self._offers.each(node))
        options = dict(_options(node, group, siblings))
        images = self._images(node)
        return Variant(
            id=own_id,
            title=html_to_text(name or " / ".join(options.values()) or own_id),
            options=options,
            price=sale.price,
            list_price=sale.list_price,
            stock=sale.stock,
            image=images[0] if images else None,
            link=text_of(node.get("url"), "url", "@id") or sale.link,
            sku=text_of(node.get("sku"), "sku"),
            mpn=text_of(node.get("mpn"), "mpn"),
            gtin=gtin_of(node) or sale.gtin,
        )

    def product(self, node: Node, variants: Sequence[Node], made: Sequence[Variant]) -> Product:
        """Return the product of a group with these variants, or of a node of its own. Raises `BrokenValue`."""
        first = variants[0] if variants else node
        sales = self._offers.each(node) or [sale for item in variants for sale in self._offers.each(item)]
        made = made or _variants_by_offer(sales)
        sale = together(sales)
        stock = total_stock(made) if made else sale.stock
        availability = shared_availability(found.availability for found in sales)
        title = text_of(node.get("name"), "name") or text_of(first.get("name"), "name")
        if title is None:
            raise BrokenValue("name", "the name is missing. Add it or drop the product.")
        own_id = text_of(node.get("productGroupID"), "productGroupID") or _id(node) or make_slug(title)
        department, category = self._place(node, first)
        images = self._images(node) or self._images(first)
        rating, count = self._rating(node) or self._rating(first) or (None, None)
        options = {name for variant in made for name in variant.options}
        single = {} if made else {"price": sale.price, "list_price": sale.list_price, "stock": stock}
        return make_product(
            id=own_id,
            title=title,
            description=text_of([node.get("description"), first.get("description")], "description"),
            language=self._language,
            brand=self._brand(node) or self._brand(first),
            department=department,
            category=category,
            rating=rating,
            rating_count=count,
            attributes={**self._attributes(node, own_id, options), **availability_attribute(availability, stock)},
            variants=tuple(made),
            reviews=tuple(self._reviews(node)),
            image=images[0] if images else None,
            more_images=images[1:],
            link=text_of(node.get("url"), "url", "@id") or (None if made else sale.link),
            gtin=gtin_of(node) or (None if made else sale.gtin),
            mpn=text_of(node.get("mpn"), "mpn"),
            condition=read_condition(text_of(node.get("itemCondition"), "itemCondition", "@id")) or sale.condition,
            **single,
        )

    def _brand(self, node: Node) -> str | None:
        found = [self._resolve(item) for item in as_list(node.get("brand")) + as_list(node.get("manufacturer"))]
        return text_of(found, "brand")

    def _place(self, node: Node, first: Node) -> tuple[str | None, str | None]:
        return split_place(html_to_text(text_of(node.get("category") or first.get("category"), "category") or ""))

    def _images(self, node: Node) -> tuple[str, ...]:
        found = (self._resolve(item) for item in as_list(node.get("image")))
        keys = ("contentUrl", "url", "@id")
        return distinct([text for item in found if (text := text_of(item, "image", *keys))])

    def _rating(self, node: Node) -> tuple[float | None, int | None] | None:
        found = self._resolve(next(iter(as_list(node.get("aggregateRating"))), None))
        if not isinstance(found, dict):
            return None
        counts = (found.get("ratingCount"), found.get("reviewCount"))
        count = next((item for item in counts if item not in (None, "")), None)
        return _stars(found), read_count(text_of(count, "ratingCount"), "ratingCount")

    def _attributes(self, node: Node, own_id: str, options: set[str]) -> dict[str, str]:
        found: dict[str, str | None] = {name: _all_texts(node.get(name), name) for name in _PLAIN}
        found |= {name: quantity_of(node.get(name), name) for name in _MEASURES}
        found["gender"] = text_of(node.get("audience"), "audience", "suggestedGender", "audienceType")
        found |= dict(_properties(node))
        sku = text_of(node.get("sku"), "sku")
        found["SKU"] = sku if sku != own_id else None
        return {name: html_to_text(text) for name, text in found.items() if text and name not in options}

    def _reviews(self, node: Node) -> Iterator[Review]:
        for item in map(self._resolve, as_list(node.get("review")) + as_list(node.get("reviews"))):
            if not isinstance(item, dict):
                continue
            text = text_of(item.get("reviewBody") or item.get("description"), "review")
            rating = _review_stars(self._resolve(item.get("reviewRating"))) if text else None
            if text and rating:
                language = (text_of(item.get("inLanguage"), "inLanguage", "alternateName") or "").lower()
                code = language[:2] if re.fullmatch("[a-z]{2}(-.*)?", language) else "en"
                yield Review(rating=rating, text=html_to_text(text), language=code)


def _all_texts(value: Any, column: str) -> str:
    return ", ".join(distinct([text for item in as_list(value) if (text := text_of(item, column))]))


def _id(node: Node) -> str | None:
    return (
        text_of(node.get("productID"), "productID")
        or text_of(node.get("sku"), "sku")
        or gtin_of(node)
        or text_of(node.get("mpn"), "mpn")
        or text_of(node.get("@id"), "@id")
        or text_of(node.get("url"), "url")
    )


def _options(node: Node, group: Node, siblings: Sequence[Node]) -> Iterator[tuple[str, str]]:
    """Yield what sets the variant apart: what the group varies by, or else the properties in which it differs."""
    named = [_SCHEMA.sub("", name) for name in as_list(group.get("variesBy")) if isinstance(name, str)]
    properties = {name.casefold(): (name, text) for name, text in _properties(node)}
    for name in named or _PLAIN:
        values = {quantity_of(sibling.get(name), name) for sibling in siblings}
        spelled, text = properties.get(name.casefold(), (name, None))
        own = quantity_of(node.get(name), name) or text
        if own and (named or len(values) > 1):
            yield spelled, own


def _properties(node: Node) -> Iterator[tuple[str, str]]:
    for item in as_list(node.get("additionalProperty")):
        if not isinstance(item, dict):
            continue
        name = text_of(item.get("name") or item.get("propertyID"), "additionalProperty")
        values = [quantity_of({**item, "value": value}, "additionalProperty") for value in as_list(item.get("value"))]
        between = quantity_of({**item, "name": None}, "additionalProperty")
        text = ", ".join(value for value in values if value) or between
        if name and text:
            yield name, text


def _variants_by_offer(sales: Sequence[Sale]) -> list[Variant]:
    """Return a variant for each offer, when each has a SKU of its own."""
    skus = {sale.sku for sale in sales}
    if len(sales) < 2 or len(skus) < len(sales) or None in skus:
        return []
    return [
        Variant(
            id=sale.sku or "",
            title=sale.name or sale.sku or "",
            price=sale.price,
            list_price=sale.list_price,
            stock=sale.stock,
            link=sale.link,
            sku=sale.sku,
            gtin=sale.gtin,
        )
        for sale in sales
    ]


def _stars(node: Node) -> float | None:
    """Return a rating on our scale of five, whatever its own scale is."""
    value = read_number((text_of(node.get("ratingValue"), "ratingValue") or "").replace(",", "."), "ratingValue")
    best = read_number((text_of(node.get("bestRating"), "bestRating") or "5").replace(",", "."), "bestRating")
    if value is None or best is None or best <= 0:
        return None
    if not 0 <= value <= best:
        raise BrokenValue("ratingValue", f"'{value}' is not a rating from 0 to {best}.")
    return read_rating(value if best == 5 else round(value * 5 / best, 2), "ratingValue")


def _review_stars(value: Any) -> int | None:
    if isinstance(value, list):
        value = value[0] if value else None
    node = value if isinstance(value, dict) else {"ratingValue": value}
    try:
        stars = _stars(node)
    except BrokenValue:
        # One odd review is no reason to lose the product.
        return None
    return max(1, min(5, round(stars))) if stars is not None else None
