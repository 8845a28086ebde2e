"""The sizes that a product comes in, in order."""

from assistant.schema import Product

_LETTERS = ("xxxs", "xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl", "2xl", "3xl", "4xl")
_OPTIONS = ("size", "shoe size", "尺码", "尺寸")


def size_option(product: Product) -> str | None:
    """Return the name of the option that is a size, or None."""
    names = dict.fromkeys(name for variant in product.variants for name in variant.options)
    return next((name for name in names if name.casefold() in _OPTIONS), None)


def sizes_of(product: Product) -> dict[str, bool]:
    """Return the product's sizes from small to large, each with whether any of it is in stock."""
    option = size_option(product)
    sizes: dict[str, bool] = {}
    for variant in product.variants:
        if option in variant.options:
            size = variant.options[option]
            sizes[size] = sizes.get(size, False) or variant.stock != 0
    return dict(sorted(sizes.items(), key=lambda item: _rank(item[0])))


def _rank(size: str) -> tuple[int, float]:
    plain = size.casefold().strip()
    if plain in _LETTERS:
        return 0, _LETTERS.index(plain)
    try:
        return 1, float(plain.split()[0].replace(",", "."))
    except ValueError:
        # Python's sort keeps the catalogue's own order where nothing else is known.
        return 2, 0.0
