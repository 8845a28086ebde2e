"""What is known of the cart, the delivery and the size, as they were told last."""

from dataclasses import dataclass
from functools import cached_property

from assistant.grounding.text import fold
from assistant.schema import (
    Cart,
    CartShown,
    DeliveryEstimated,
    Evidence,
    Money,
    SizeAdvised,
)


@dataclass(frozen=True)
class ShoppingFacts:
    """Cart, coupons, delivery and size among the results."""

    evidence: Evidence

    @cached_property
    def cart(self) -> Cart | None:
        """The cart as it was shown last."""
        return next((result.cart for result in reversed(self.evidence.results) if isinstance(result, CartShown)), None)

    @cached_property
    def coupons(self) -> frozenset[str]:
        """The coupon codes that were tried or count, folded."""
        shown = [result for result in self.evidence.results if isinstance(result, CartShown)]
        return frozenset(fold(code) for result in shown for code in (result.code, result.cart.coupon) if code)

    @cached_property
    def coupon_minimum(self) -> Money | None:
        """What a cart must come to for the coupon that was tried last."""
        shown = [result for result in self.evidence.results if isinstance(result, CartShown)]
        return shown[-1].minimum if shown else None

    @cached_property
    def delivery(self) -> DeliveryEstimated | None:
        """The delivery as it was estimated last."""
        results = reversed(self.evidence.results)
        return next((result for result in results if isinstance(result, DeliveryEstimated)), None)

    @cached_property
    def sizing(self) -> SizeAdvised | None:
        """The size as it was advised last."""
        return next((result for result in reversed(self.evidence.results) if isinstance(result, SizeAdvised)), None)

    @cached_property
    def cart_deeds(self) -> frozenset[str]:
        """What was done with the cart in this conversation."""
        return frozenset(result.done for result in self.evidence.results if isinstance(result, CartShown))
