"""What the demo shop's pages show of products and carts."""

from collections.abc import Sequence
from functools import cache
from urllib.parse import quote

from assistant.schema import Cart, Money, Product, Value
from retrieval.demo.loading import load_departments
from retrieval.schema import Variant

MOST_PIECES = 10
"""Pieces that the cart page lets one choose of a line, unless there are more already."""


class ProductView(Value):
    """A product as a tile, or the one a page is about."""

    id: str
    name: str
    title: str
    brand: str | None
    address: str
    image: str | None
    price: Money | None
    was: Money | None
    stock: int | None
    rating: float | None
    rating_count: int | None


class Chosen(Value):
    """The variant that a product's page shows; the product itself where it comes in one form."""

    id: str | None
    title: str
    image: str | None
    price: Money | None
    was: Money | None
    stock: int | None


class OptionValue(Value):
    """One value of an option, and the variant that has it and is otherwise closest to the chosen one."""

    name: str
    variant_id: str
    chosen: bool
    there: bool


class OptionView(Value):
    """What can be chosen, such as a colour."""

    name: str
    values: tuple[OptionValue, ...]


class LineView(Value):
    """One line of the cart page."""

    product_id: str
    variant_id: str | None
    title: str
    options: str
    address: str
    image: str | None
    price: Money | None
    sum: Money | None
    quantity: int
    amounts: tuple[int, ...]


def product_view(product: Product, language: str, root: str, base: str) -> ProductView:
    """Show a product in the language. `root` is the server's path, `base` the shop's."""
    texts = product.text(language)
    return ProductView(
        id=product.id,
        name=texts.short_name,
        title=texts.title,
        brand=product.brand,
        address=product_address(product.id, base),
        image=image_address(product.image, root),
        price=product.price,
        was=product.list_price,
        stock=product.stock,
        rating=product.rating,
        rating_count=product.rating_count,
    )


def chosen_view(product: Product, variant: Variant | None, language: str, root: str) -> Chosen:
    """Show the variant, or the product where there is none to choose."""
    title = product.text(language).title
    if variant is None:
        return Chosen(
            id=None, title=title, image=image_address(product.image, root), price=product.price,
            was=product.list_price, stock=product.stock,
        )  # fmt: skip
    return Chosen(
        id=variant.id,
        title=f"{title}, {', '.join(variant.options.values())}" if variant.options else title,
        image=image_address(variant.image or product.image, root),
        price=variant.price or product.price,
        was=variant.list_price,
        stock=variant.stock,
    )


def chosen_variant(product: Product, variant_id: str | None) -> Variant | None:
    """Return the variant of that id, else the first that is in stock, else the first; None where there are none."""
    wanted = [variant for variant in product.variants if variant.id == variant_id]
    there = [variant for variant in product.variants if variant.stock != 0]
    return next(iter([*wanted, *there, *product.variants]), None)


def option_views(product: Product, chosen: Variant | None) -> list[OptionView]:
    """Return what can be chosen; each value leads to the variant that differs least from the chosen one."""
    if chosen is None or len(product.variants) < 2:
        return []
    views = []
    for name in dict.fromkeys(name for variant in product.variants for name in variant.options):
        values = dict.fromkeys(variant.options[name] for variant in product.variants if name in variant.options)
        views.append(
            OptionView(name=name, values=tuple(_value(product.variants, chosen, name, value) for value in values))
        )
    return [view for view in views if len(view.values) > 1]


def line_views(cart: Cart, products: Sequence[Product], language: str, root: str, base: str) -> list[LineView]:
    """Show the cart's lines with their pictures."""
    known = {product.id: product for product in products}
    return [
        LineView(
            product_id=line.product_id,
            variant_id=line.variant_id,
            title=line.title,
            options=", ".join(line.options.values()),
            address=product_address(line.product_id, base)
            + (f"?variant={quote(line.variant_id)}" if line.variant_id else ""),
            image=_line_image(known.get(line.product_id), line.variant_id, language, root),
            price=line.price,
            sum=line.price * line.quantity if line.price else None,
            quantity=line.quantity,
            amounts=tuple(range(1, max(MOST_PIECES, line.quantity) + 1)),
        )
        for line in cart.lines
    ]


def product_address(product_id: str, base: str) -> str:
    """Return where a product's page is."""
    return f"{base}products/{quote(product_id, safe='')}"


def image_address(image: str | None, root: str) -> str | None:
    """Return where a browser finds a picture; None for one that may not be shown."""
    if image is None or image.startswith(("https://", "http://")):
        return image
    inside = image.startswith("pictures/") and ".." not in image.split("/")
    return root + quote(image) if inside else None


def shelf_name(name: str, language: str) -> str:
    """Return a department's or a category's name in the language, as far as it is one of the demo catalogue's."""
    return _names(language).get(name, name)


@cache
def _names(language: str) -> dict[str, str]:
    departments = load_departments()
    names = [department.name for department in departments]
    names += [kind.name for department in departments for kind in department.types]
    return {name.en: name[language] for name in names}


def _value(variants: Sequence[Variant], chosen: Variant, name: str, value: str) -> OptionValue:
    having = [variant for variant in variants if variant.options.get(name) == value]
    closest = max(having, key=lambda variant: (_shared(variant, chosen), variant.stock != 0))
    return OptionValue(
        name=value, variant_id=closest.id, chosen=chosen.options.get(name) == value, there=closest.stock != 0
    )


def _shared(one: Variant, other: Variant) -> int:
    return len(one.options.items() & other.options.items())


def _line_image(product: Product | None, variant_id: str | None, language: str, root: str) -> str | None:
    if product is None:
        return None
    variant = next((variant for variant in product.variants if variant.id == variant_id), None)
    return chosen_view(product, variant, language, root).image
