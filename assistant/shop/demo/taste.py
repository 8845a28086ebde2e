"""What one demo customer picks from the shelves: one size, much the same budget, their own kinds of things."""

import random
from collections.abc import Sequence

from assistant.schema import Customer
from assistant.shop.demo.personas import LARGE_TYPES, SEASONS, personas_of, type_of
from retrieval.schema import Product, Variant

_STORY_WEARS = {"C001": "women", "C002": "men", "C003": "women", "C004": "men", "C005": "women", "C006": "women"}


class Shelves:
    """The demo products by type id, cheapest first. Only what has a price in USD can be bought."""

    def __init__(self, products: Sequence[Product]) -> None:
        self._by_type: dict[str, list[Product]] = {}
        for product in products:
            if product.price is not None and product.price.currency == "USD":
                self._by_type.setdefault(type_of(product.id), []).append(product)
        for shelf in self._by_type.values():
            shelf.sort(key=_price)

    def of(self, type_id: str) -> Sequence[Product]:
        """Return the products of a type; none when the shop doesn't have it."""
        return self._by_type.get(type_id, ())

    def types(self, wanted: Sequence[str]) -> list[str]:
        """Return those of the wanted types that the shop has, else all that it has."""
        return [type_id for type_id in wanted if type_id in self._by_type] or list(self._by_type)


class Taste:
    """One customer's preferences, drawn from the seed and the customer's id alone."""

    def __init__(self, customer: Customer, seed: int) -> None:
        rng = random.Random(f"taste {seed} {customer.id}")
        self.personas = personas_of(customer.id)
        self._abroad = customer.address.country != "US"
        self._wears = _STORY_WEARS.get(customer.id) or rng.choice(("women", "men"))
        self._buys_for_kids = any("parent" in persona.name for persona in self.personas)
        self._budget = rng.triangular(0, 1, 0.4)
        self._size = rng.triangular(0, 0.6, 0.3) if self._wears == "women" else rng.triangular(0.4, 1, 0.7)

    def types(self, shelves: Shelves, month: int) -> dict[str, float]:
        """Return the types that interest the customer in a month (1 to 12), each with its weight."""
        first, second = self.personas
        ranks = [type_id for persona in (first, first, second) for type_id in persona.types]
        wanted = [type_id for type_id in ranks if not (self._abroad and type_id in LARGE_TYPES)]
        weights: dict[str, float] = {}
        for type_id in shelves.types(wanted):
            weights[type_id] = weights.get(type_id, 0) + _in_season(type_id, month)
        return weights

    def pick(self, shelf: Sequence[Product], rng: random.Random, without: set[str]) -> Product:
        """Choose a product near the customer's budget, rather not one of `without`."""
        fitting = [product for product in shelf if self._fits(product)] or list(shelf)
        fresh = [product for product in fitting if product.id not in without] or fitting
        place = self._budget + rng.gauss(0, 0.2)
        return fresh[_place(place, len(fresh))]

    def pick_variant(self, product: Product, rng: random.Random) -> Variant | None:
        """Choose the customer's size in any colour; None when the product has no variants."""
        if not product.variants:
            return None
        colour = rng.choice(product.variants).options.get("colour")
        in_colour = [variant for variant in product.variants if variant.options.get("colour") == colour]
        return in_colour[_place(self._size, len(in_colour))]

    def _fits(self, product: Product) -> bool:
        wearer = product.attributes.get("for", "unisex")
        return wearer == "kids" if self._buys_for_kids and wearer == "kids" else wearer in ("unisex", self._wears)


def _in_season(type_id: str, month: int) -> float:
    months = SEASONS.get(type_id)
    if months is None:
        return 1.0
    return 2.5 if month in months else 0.25


def _place(fraction: float, count: int) -> int:
    return min(count - 1, max(0, int(fraction * count)))


def _price(product: Product) -> tuple[float, str]:
    return (float(product.price.amount) if product.price else 0.0, product.id)
