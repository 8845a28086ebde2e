"""What the tool results say, arranged for looking up: products, and by subject all the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from assistant.grounding.held_values import HeldValues
from assistant.grounding.numbers import values
from assistant.grounding.order_facts import OrderFacts
from assistant.grounding.product_facts import Listing, from_cart_line, from_order_line, products_of
from assistant.grounding.shopping_facts import ShoppingFacts
from assistant.grounding.told_facts import ToldFacts
from assistant.schema import (
    ProductDetails,
    ProductsFound,
    ProductsRecommended,
    Reason,
    SizeAdvised,
)
from retrieval.schema import Product


@dataclass(frozen=True)
class Facts(OrderFacts, ShoppingFacts, ToldFacts, HeldValues):
    """An index over the evidence. Of a product or an order that came back twice the newer record counts."""

    @cached_property
    def products(self) -> dict[str, Product]:
        """Every product that came back, by id; of one that only stands in an order, what the order says of it."""
        ordered = {line.product_id: from_order_line(line) for order in self.orders.values() for line in order.lines}
        ordered |= {line.product_id: from_cart_line(line) for line in (self.cart.lines if self.cart else ())}
        return ordered | {product.id: product for result in self.evidence.results for product in products_of(result)}

    @cached_property
    def shown(self) -> tuple[Product, ...]:
        """The products of the latest answer about products, in its order; single details in a row go together."""
        shown: list[Product] = []
        for result in reversed(self.evidence.results):
            if isinstance(result, Listing):
                return _once(shown) or result.products
            if isinstance(result, ProductDetails | SizeAdvised):
                shown.insert(0, result.product)
            elif shown:
                break
        return _once(shown)

    @cached_property
    def listings(self) -> tuple[Listing, ...]:
        """Every list of products, newest first."""
        results = reversed(self.evidence.results)
        return tuple(result for result in results if isinstance(result, Listing))

    @cached_property
    def closest_prices(self) -> frozenset[Decimal]:
        """The lowest prices beyond the limits of searches that left nothing."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsFound))
        return frozenset(result.closest_price.amount for result in found if result.closest_price)

    @cached_property
    def closest_currencies(self) -> frozenset[str]:
        """The currencies of those prices."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsFound))
        return frozenset(result.closest_price.currency for result in found if result.closest_price)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of every recommendation."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsRecommended))
        return tuple(reason for result in found for reason in result.reasons.values())

    def reasons_of(self, product_ids: set[str]) -> tuple[Reason, ...]:
        """Return the reasons of some of the recommended products."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsRecommended))
        return tuple(r for result in found for product_id, r in result.reasons.items() if product_id in product_ids)

    @cached_property
    def reason_months(self) -> frozenset[int]:
        """The months of purchases and looks that reasons speak of."""
        return frozenset(reason.at.month for reason in self.reasons if reason.at)

    @cached_property
    def limits(self) -> frozenset[Decimal]:
        """The numbers in the limits of the searches."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsFound))
        return frozenset[Decimal]().union(*(values(text) for result in found for text in result.limits.values()))


def _once(products: Sequence[Product]) -> tuple[Product, ...]:
    """Return each product once: one that was looked at twice is still one."""
    return tuple({product.id: product for product in products}.values())
