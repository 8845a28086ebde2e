"""Items that a feed says are forms of one product, put together as its variants."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from retrieval.importers.commerce_words import availability_attribute, shared_availability
from retrieval.importers.names import make_short_name
from retrieval.importers.values import BrokenValue
from retrieval.importers.variants import cheapest, total_stock, variant_title
from retrieval.schema import Product, RowError, Variant

_DASH = " - "
_AVAILABILITY = "availability"


class Member(NamedTuple):
    """An item of a group, read as a product of its own, and where it stands."""

    product: Product
    file: str
    row: int


class Groups:
    """Gathers items by their group, as they come."""

    def __init__(self) -> None:
        self._groups: dict[str, list[Member]] = {}
        self._taken: set[str] = set()

    def take(self, product_id: str) -> None:
        """Note the id of a product without a group."""
        self._taken.add(product_id)

    def add(self, group: str, product: Product, file: str, row: int) -> None:
        """Add an item to its group."""
        self._groups.setdefault(group, []).append(Member(product, file, row))

    def products(self, column: str, options: Sequence[str]) -> Iterator[Product | RowError]:
        """Yield each group as a product, or what is wrong with it, in the order of their first items.

        `column` names the group in the feed. `options` are the attributes that tell a single item's variant.
        """
        for group, members in self._groups.items():
            if group in self._taken:
                problem = BrokenValue(column, f"the id '{group}' is already used by an earlier row.")
                yield problem.at(members[0].file, members[0].row)
                continue
            try:
                yield join_items(group, [member.product for member in members], options, column)
            except BrokenValue as error:
                yield error.at(members[0].file, members[0].row)


def join_items(group: str, items: Sequence[Product], options: Sequence[str], column: str) -> Product:
    """Return the product whose variants the items are: its texts, pictures and place are the first item's.

    Attributes in which the items differ are the options; of a single item those of `options`. The title is the first
    item's without the options after its last dash, or else what all titles have in common.
    """
    first = items[0]
    varying = _varying(items, options)
    variants = tuple(_variant(item, varying) for item in items)
    lowest = cheapest(variants, column)
    title = _common_title(items, variants)
    given = first.short_name != make_short_name(first.title)
    texts = first.text(first.language).model_copy(
        update={"title": title, "short_name": first.short_name if given else make_short_name(title)}
    )
    stock = total_stock(variants)
    return first.model_copy(
        update={
            "id": group,
            "texts": {first.language: texts},
            "price": lowest.price if lowest else None,
            "list_price": lowest.list_price if lowest else None,
            "stock": stock,
            "attributes": _shared(items, varying, stock),
            "variants": variants,
            "gtin": None,
            "mpn": None,
        }
    )


def _varying(items: Sequence[Product], options: Sequence[str]) -> list[str]:
    if len(items) == 1:
        return [name for name in items[0].attributes if name in options]
    names = dict.fromkeys(name for item in items for name in item.attributes if name != _AVAILABILITY)
    return [name for name in names if len({item.attributes.get(name) for item in items}) > 1]


def _variant(item: Product, varying: Sequence[str]) -> Variant:
    options = {name: item.attributes[name] for name in varying if name in item.attributes}
    return Variant(
        id=item.id,
        title=variant_title(options) or item.title,
        options=options,
        price=item.price,
        list_price=item.list_price,
        stock=item.stock,
        image=item.image,
        link=item.link,
        mpn=item.mpn,
        gtin=item.gtin,
    )


def _common_title(items: Sequence[Product], variants: Sequence[Variant]) -> str:
    end = _DASH + variants[0].title
    if items[0].title.endswith(end):
        return items[0].title.removesuffix(end)
    words = [item.title.split() for item in items]
    common = next(
        (n for n, column in enumerate(zip(*words, strict=False)) if len(set(column)) > 1), min(map(len, words))
    )
    shared = " ".join(words[0][:common]).strip(" -–—|/,:(")
    return shared or items[0].title


def _shared(items: Sequence[Product], varying: Sequence[str], stock: int | None) -> dict[str, str]:
    shared = {name: text for name, text in items[0].attributes.items() if name not in (*varying, _AVAILABILITY)}
    return {**shared, **availability_attribute(shared_availability(map(_availability, items)), stock)}


def _availability(item: Product) -> str | None:
    return item.attributes.get(_AVAILABILITY) or ("in_stock" if item.stock else None)
