"""What an import changes: the shop's products of before beside those of the feed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.contents import content_digest
from retrieval.errors import CatalogueError
from retrieval.schema import Product, Value


class ImportReport(Value):
    """What an import did, in numbers of products.

    `changed` differ in more than prices, stock and ratings, `repriced` in these only. `kept` are missing from a
    partial feed. `encoded` is how many texts the encoder read; `reindexed` whether an index was written at all.
    """

    products: int
    added: int
    changed: int
    removed: int
    repriced: int
    unchanged: int
    kept: int
    encoded: int
    reindexed: bool
    generation: str


@dataclass(frozen=True)
class Changes:
    """The catalogue after an import, in order, and the ids of what becomes of its products."""

    products: tuple[Product, ...]
    added: frozenset[str]
    changed: frozenset[str]
    repriced: frozenset[str]
    unchanged: frozenset[str]
    removed: frozenset[str]
    kept: frozenset[str]

    @property
    def written(self) -> list[Product]:
        """The products that are not in the shop as the feed has them."""
        return [product for product in self.products if product.id in self.added | self.changed | self.repriced]


def compare(before: Iterable[Product], feed: Sequence[Product], partial: bool = False) -> Changes:
    """Compare the shop with a feed, which is the whole catalogue unless it is `partial`."""
    new = {product.id: product for product in feed}
    changed, repriced, unchanged = set[str](), set[str](), set[str]()
    missing: list[Product] = []
    order: list[str] = []
    gone: set[str] = set()
    for old in before:
        order.append(old.id)
        found = new.get(old.id)
        if found is None:
            gone.add(old.id)
            if partial:
                missing.append(old)
        elif found == old:
            unchanged.add(old.id)
        else:
            (repriced if content_digest(found) == content_digest(old) else changed).add(old.id)
    held = changed | repriced | unchanged
    return Changes(
        products=tuple(_merged(order, missing, new) if partial else feed),
        added=frozenset(new.keys() - held),
        changed=frozenset(changed),
        repriced=frozenset(repriced),
        unchanged=frozenset(unchanged),
        removed=frozenset() if partial else frozenset(gone),
        kept=frozenset(gone) if partial else frozenset(),
    )


def check_removals(changes: Changes) -> None:
    """Refuse a feed that takes away more than half of the shop. Raises `CatalogueError` with the ways out."""
    before = len(changes.changed) + len(changes.repriced) + len(changes.unchanged) + len(changes.removed)
    if 2 * len(changes.removed) > before:
        raise CatalogueError(
            f"This feed lacks {len(changes.removed)} of the shop's {before} products, more than half; importing it "
            "would remove them, so the shop is left as it is. If they are to go, add --allow-removals; if the feed "
            "is only a part of the catalogue, add --partial."
        )


def _merged(order: Sequence[str], missing: Sequence[Product], new: dict[str, Product]) -> list[Product]:
    """Return the products of before in their places, and those that are new after them."""
    kept = {product.id: product for product in missing}
    places = dict.fromkeys([*order, *new])
    return [kept[identifier] if identifier in kept else new[identifier] for identifier in places]
