"""A product's place in the demo shop, and what follows from the place alone: its id, its codes, its pictures."""

from decimal import Decimal
from typing import NamedTuple

from retrieval.demo.content import OptionValue, ProductContent, TypeContent
from retrieval.schema import Money

CURRENCY = "USD"


class Shelf(NamedTuple):
    """Where a product stands: its type, its content, and the three numbers of its place, each from 0."""

    kind: TypeContent
    content: ProductContent
    department: int
    type: int
    number: int

    @property
    def product_id(self) -> str:
        """The type's id and the product's number in it: hiking-boots-03."""
        return f"{self.kind.id}-{self.number + 1:02}"

    @property
    def option_values(self) -> tuple[OptionValue, ...]:
        """The values of the type's option that this product comes in; empty where there is no option."""
        return self.content.option_values or (self.kind.option.values if self.kind.option else ())

    def price(self, surcharge: Decimal = Decimal(0)) -> Money:
        """Return the price with an option's surcharge, to the cent."""
        return Money(amount=(self.content.price + surcharge).quantize(Decimal("0.01")), currency=CURRENCY)

    def gtin(self, variant: int = 0) -> str:
        """Return the GTIN-13 of the product (0) or of a variant (from 1), from the range for use inside one shop."""
        digits = f"200{self.department:02}{self.type:02}{self.number:02}{variant:03}"
        weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
        return f"{digits}{-weighed % 10}"

    def image(self, colour: str | None) -> str:
        """Return the path of the picture in a colour, inside the store folder."""
        stem = f"{self.product_id}-{colour}" if colour else self.product_id
        return f"pictures/{stem}.svg"
