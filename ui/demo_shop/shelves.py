"""Which products stand on a shelf of the demo shop, and in which order."""

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property

from assistant.schema import Product
from retrieval.schema import Filters, Query
from retrieval.search import Catalogue

_MOST = 600
"""Products that a shelf shows, over all its pages."""
PAGE = 24
SORTS: dict[str, Callable[[Product], object] | None] = {
    "best": None,
    "cheap": lambda product: (product.price is None, product.price.amount if product.price else Decimal(0)),
    "dear": lambda product: -(product.price.amount if product.price else Decimal(-1)),
    "rated": lambda product: -(product.rating or 0),
}
"""What a shelf can be sorted by."""


class Shelves:
    """Reads shelves from the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def find(self, words: str, department: str | None, category: str | None, sort: str, language: str) -> list[Product]:
        """Return a shelf's products; without words all that stand on it, the best rated first."""
        filters = Filters(department=department, category=category)
        hits = self._catalogue.search(
            Query(text=words, filters=filters, k=_MOST if not words else 60, language=language)
        )
        found = [hit.product for hit in hits]
        key = SORTS.get(sort)
        return sorted(found, key=key) if key else found  # type: ignore[arg-type]

    def similar(self, product: Product, language: str) -> list[Product]:
        """Return a few others from the same shelf."""
        there = self.find("", product.department, product.category, "best", language)
        return [other for other in there if other.id != product.id][:4]

    @cached_property
    def categories(self) -> dict[str, list[str]]:
        """The categories by department, read once: a new one is on the page after a restart."""
        return {
            department: sorted({product.category for product in self._in(department) if product.category})
            for department in self._catalogue.departments()
        }

    @cached_property
    def doors(self) -> dict[str, str | None]:
        """A picture by department: that of its best rated product, or of the next one."""
        return {
            department: next((product.image for product in self._in(department)[1:] if product.image), None)
            for department in self._catalogue.departments()
        }

    def _in(self, department: str) -> list[Product]:
        return self.find("", department, None, "best", "en")
