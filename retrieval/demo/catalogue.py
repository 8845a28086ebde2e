"""The demo shop's products, made from the written content: the same ones every time."""

from collections.abc import Iterator
from functools import cache

from retrieval.demo.content import Department
from retrieval.demo.loading import load_departments
from retrieval.demo.opinions import build_opinion
from retrieval.demo.shelf import Shelf
from retrieval.demo.texts import build_texts
from retrieval.demo.variants import build_variants, stock_without_variants
from retrieval.schema import Product


def demo_products() -> list[Product]:
    """Return every product of the demo shop, by department, type and number.

    Raises:
        CatalogueError: Naming file and place, where the content shipped with the package breaks its format.
    """
    return list(_products())


@cache
def _products() -> tuple[Product, ...]:
    return tuple(_product(department, shelf) for department, shelf in _shelves())


def _shelves() -> Iterator[tuple[Department, Shelf]]:
    for aisle, department in enumerate(load_departments()):
        for place, kind in enumerate(department.types):
            for number, content in enumerate(kind.products):
                yield department, Shelf(kind, content, aisle, place, number)


def _product(department: Department, shelf: Shelf) -> Product:
    variants = build_variants(shelf)
    prices = [variant.price for variant in variants if variant.price]
    opinion = build_opinion(shelf)
    return Product(
        id=shelf.product_id,
        texts=build_texts(department, shelf),
        brand=shelf.content.brand,
        department=department.name.en,
        category=shelf.kind.name.en,
        price=min(prices, key=lambda price: price.amount) if prices else shelf.price(),
        stock=sum(variant.stock or 0 for variant in variants) if variants else stock_without_variants(shelf),
        rating=opinion.rating,
        rating_count=opinion.rating_count,
        attributes=shelf.content.attributes,
        variants=variants,
        reviews=opinion.reviews,
        image=variants[0].image if variants else shelf.image(next(iter(shelf.content.colours), None)),
        link=f"/products/{shelf.product_id}",
        gtin=shelf.gtin(),
    )
