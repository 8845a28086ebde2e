"""What a feed's products lack: prices, stock, words, pictures that are there, and whether some are the same thing."""

from collections.abc import Sequence
from pathlib import Path

from retrieval.images import dead_images
from retrieval.schema import Product, RowError, Value
from retrieval.words import plain_words

THIN_WORDS = 12


class Duplicates(Value):
    """Products that look like one: the same `by` ('gtin' or 'title and brand')."""

    by: str
    value: str
    ids: tuple[str, ...]


class DeadImage(Value):
    """A picture that cannot be shown, and why."""

    product_id: str
    image: str
    reason: str


class FeedReport(Value):
    """The weak places of a feed, mostly as ids of products. A product of a shop that never counts is not `no_stock`."""

    products: int
    no_price: tuple[str, ...]
    no_stock: tuple[str, ...]
    no_description: tuple[str, ...]
    thin_description: tuple[str, ...]
    no_image: tuple[str, ...]
    dead_images: tuple[DeadImage, ...]
    images_on_the_web_checked: bool
    duplicates: tuple[Duplicates, ...]
    rows_left_out: tuple[RowError, ...]


def report_feed(
    products: Sequence[Product],
    left_out: Sequence[RowError],
    store: Path,
    check_images: bool = False,
    thin_words: int = THIN_WORDS,
) -> FeedReport:
    """Look through the products of a feed. A description of fewer than `thin_words` words is thin.

    Pictures in the store folder are looked up there; those on the web are asked for only with `check_images`.
    """
    images = [(product.id, image) for product in products for image in _images(product)]
    dead = dead_images(dict.fromkeys(image for _, image in images), store, check_images)
    bare = tuple(product.id for product in products if not _description(product))
    return FeedReport(
        products=len(products),
        no_price=tuple(product.id for product in products if product.price is None),
        no_stock=tuple(product.id for product in products if product.stock is None),
        no_description=bare,
        thin_description=tuple(
            product.id for product in products if _description(product) and _is_thin(_description(product), thin_words)
        ),
        no_image=tuple(product.id for product in products if product.image is None),
        dead_images=tuple(
            DeadImage(product_id=product_id, image=image, reason=dead[image])
            for product_id, image in images
            if image in dead
        ),
        images_on_the_web_checked=check_images,
        duplicates=(*_same_gtin(products), *_same_name(products)),
        rows_left_out=tuple(left_out),
    )


def _images(product: Product) -> list[str]:
    found = [product.image, *product.more_images, *(variant.image for variant in product.variants)]
    return list(dict.fromkeys(image for image in found if image))


def _description(product: Product) -> str:
    return product.text(product.language).description.strip()


def _is_thin(description: str, words: int) -> bool:
    # Folding every word of a large feed takes seconds, and most descriptions are long enough at a glance.
    return len(description.split()) < words and len(plain_words(description)) < words


def _same_gtin(products: Sequence[Product]) -> list[Duplicates]:
    holders: dict[str, list[str]] = {}
    for product in products:
        # A product's own number and its variants' may repeat each other within the one product.
        for gtin in {found.lstrip("0") for found in _gtins(product)} - {""}:
            holders.setdefault(gtin, []).append(product.id)
    return [Duplicates(by="gtin", value=gtin, ids=tuple(ids)) for gtin, ids in sorted(holders.items()) if len(ids) > 1]


def _gtins(product: Product) -> list[str]:
    found = [product.gtin, *(variant.gtin for variant in product.variants)]
    return ["".join(filter(str.isdigit, gtin)) for gtin in found if gtin]


def _same_name(products: Sequence[Product]) -> list[Duplicates]:
    holders: dict[tuple[str, str], list[str]] = {}
    titles: dict[tuple[str, str], str] = {}
    for product in products:
        name = (" ".join(plain_words(product.title)), (product.brand or "").casefold())
        holders.setdefault(name, []).append(product.id)
        titles.setdefault(name, ", ".join(part for part in (product.title, product.brand) if part))
    return [
        Duplicates(by="title and brand", value=titles[name], ids=tuple(ids))
        for name, ids in holders.items()
        if len(ids) > 1 and name[0]
    ]
