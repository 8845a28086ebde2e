"""What is wrong with a shop's `merchandising.toml`: that it cannot be read, or names what the shop doesn't have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from retrieval.errors import CatalogueError
from retrieval.merchandising.file import MERCHANDISING_FILE, parse_rules
from retrieval.merchandising.rules import Pin, Rules, Selection
from retrieval.schema import Product
from retrieval.watched_file import read_content


class Products(Protocol):
    """What the check needs of a catalogue."""

    def get_products(self, product_ids: Sequence[str]) -> list[Product]:
        """Return those of the products that are there."""
        ...

    def brands(self) -> list[str]:
        """Return the names of the brands."""
        ...

    def categories(self) -> list[str]:
        """Return the names of the categories."""
        ...

    def departments(self) -> list[str]:
        """Return the names of the departments."""
        ...


def check_merchandising(store: Path, products: Products) -> list[str]:
    """Return what is wrong with the shop's file, a line each; none where there is no file."""
    try:
        rules = parse_rules(read_content(store / MERCHANDISING_FILE))
    except (CatalogueError, OSError) as error:
        return [f"{MERCHANDISING_FILE}: {error}"]
    return [f"{MERCHANDISING_FILE}, {problem}" for problem in _problems(rules, products)]


def _problems(rules: Rules, products: Products) -> Iterator[str]:
    known = {
        "brand": _folded(products.brands()),
        "category": _folded(products.categories()),
        "department": _folded(products.departments()),
    }
    yield from _unknown("never_show", rules.never_show, products, known)
    for kind, chosen in (("bury", rules.bury), ("boost", rules.boost)):
        for number, rule in enumerate(chosen, start=1):
            yield from _unknown(f"{kind} {number}", rule, products, known)
    for number, pin in enumerate(rules.pin, start=1):
        yield from _pin_problems(f"pin {number}", pin, rules, products, known)


def _unknown(where: str, rule: Selection, products: Products, known: Mapping[str, set[str]]) -> Iterator[str]:
    yield from _unknown_ids(where, rule.products, products)
    for kind, names in (("brand", rule.brands), ("category", rule.categories), ("department", rule.departments)):
        absent = [name for name in names if name.casefold() not in known[kind]]
        yield from (f"{where}: there is no {kind} '{name}'." for name in absent)


def _pin_problems(
    where: str, pin: Pin, rules: Rules, products: Products, known: Mapping[str, set[str]]
) -> Iterator[str]:
    yield from _unknown_ids(where, pin.products, products)
    if pin.category is not None and pin.category.casefold() not in known["category"]:
        yield f"{where}: there is no category '{pin.category}'."
    hidden = [found.id for found in products.get_products(pin.products) if rules.never_show.selects(found)]
    yield from (f"{where}: '{product_id}' is never shown." for product_id in hidden)


def _unknown_ids(where: str, product_ids: Sequence[str], products: Products) -> Iterator[str]:
    there = {product.id for product in products.get_products(product_ids)}
    yield from (f"{where}: there is no product '{found}'." for found in product_ids if found not in there)


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}
