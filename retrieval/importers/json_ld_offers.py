"""What schema.org's offers say: price, list price, stock and condition, as one offer, several or an aggregate."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from retrieval.importers.assembly import reduced_from
from retrieval.importers.commerce_words import Condition, read_availability, read_condition, stock_of
from retrieval.importers.json_ld_nodes import Node, as_list, quantity_of, text_of, types_of
from retrieval.importers.values import BrokenValue, read_count, read_price
from retrieval.schema import Money

Resolve = Callable[[Any], Any]
_LIST_PRICES = {"ListPrice", "StrikethroughPrice", "MSRP", "SRP", "RegularPrice"}


class Sale(NamedTuple):
    """What an offer, or all of a product's offers together, say."""

    price: Money | None = None
    list_price: Money | None = None
    stock: int | None = None
    availability: str | None = None
    condition: Condition | None = None
    link: str | None = None
    sku: str | None = None
    name: str | None = None
    gtin: str | None = None


class OfferReader:
    """Reads offers. `currency` is for the prices that name none; `resolve` finds what is only named by its @id."""

    def __init__(self, currency: str | None, resolve: Resolve) -> None:
        self._currency, self._resolve = currency, resolve

    def each(self, node: Node) -> list[Sale]:
        """Return what each of a product's offers says. Raises `BrokenValue`."""
        return [self._sale(offer) for offer in self._offers(node.get("offers"))]

    def _offers(self, value: Any) -> Iterator[Node]:
        for item in map(self._resolve, as_list(value)):
            if not isinstance(item, dict):
                raise BrokenValue("offers", "is not an Offer.")
            inner = as_list(item.get("offers"))
            if "AggregateOffer" in types_of(item) and inner:
                shared = {key: item[key] for key in ("priceCurrency", "availability", "itemCondition") if key in item}
                yield from ({**shared, **offer} for offer in self._offers(inner))
            else:
                yield item

    def _sale(self, offer: Node) -> Sale:
        price, list_price = self._prices(offer)
        availability = read_availability(text_of(offer.get("availability"), "availability", "@id"))
        level = quantity_of(offer.get("inventoryLevel"), "inventoryLevel")
        return Sale(
            price=price,
            list_price=reduced_from(list_price, price),
            stock=stock_of(availability, read_count(level, "inventoryLevel")),
            availability=availability,
            condition=read_condition(text_of(offer.get("itemCondition"), "itemCondition", "@id")),
            link=text_of(offer.get("url"), "url", "@id"),
            sku=text_of(offer.get("sku"), "sku"),
            name=text_of(offer.get("name"), "name"),
            gtin=gtin_of(offer),
        )

    def _prices(self, offer: Node) -> tuple[Money | None, Money | None]:
        price = self._price(offer, "price", offer) or self._price(offer, "lowPrice", offer)
        list_price = None
        for item in map(self._resolve, as_list(offer.get("priceSpecification"))):
            if not isinstance(item, dict) or item.get("validForMemberTier") is not None:
                continue
            found = self._price(item, "price", offer) or self._price(item, "minPrice", offer)
            kind = (text_of(item.get("priceType"), "priceType", "@id") or "").rpartition("/")[2]
            if kind in _LIST_PRICES:
                list_price = found
            else:
                price = price or found
        return price, list_price

    def _price(self, node: Node, key: str, offer: Node) -> Money | None:
        currency = node.get("priceCurrency") or offer.get("priceCurrency") or self._currency
        return read_price(text_of(node.get(key), key), currency, key, "priceCurrency")


def together(sales: Sequence[Sale]) -> Sale:
    """Return what all offers of one product say: the lowest price in the first one's currency, the whole stock."""
    if len(sales) < 2:
        return sales[0] if sales else Sale()
    priced = [sale for sale in sales if sale.price is not None]
    currencies = [sale.price.currency for sale in priced if sale.price]
    same = [sale for sale, currency in zip(priced, currencies, strict=True) if currency == currencies[0]]
    # What is sold out does not set the price while there is another.
    best = min(
        [sale for sale in same if sale.stock != 0] or same,
        key=lambda sale: sale.price.amount if sale.price else 0,
        default=sales[0],
    )
    known = [sale.stock for sale in sales if sale.stock is not None]
    unknown = not known or (sum(known) == 0 and len(known) < len(sales))
    return best._replace(stock=None if unknown else sum(known))


def gtin_of(node: Node) -> str | None:
    """Return the trade item number, under whichever of its names."""
    keys = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "isbn", "ean", "upc")
    return next((text for key in keys if (text := text_of(node.get(key), key))), None)
