"""Which product a customer means: by its id, its name, its place among those on the screen, or as the page's own."""

import re

from assistant.errors import Missing, ToolError
from assistant.grounding.names import find_mentions
from assistant.grounding.pointing import pointed_at
from assistant.grounding.text import fold
from assistant.schema import Product
from assistant.tools.customer_words import is_word_for
from assistant.tools.tool import ToolContext
from retrieval.errors import ProductNotFound
from retrieval.schema import Query
from retrieval.words import terms

_BARE_NUMBER = re.compile(r"^#?([1-9])$")


def meant_product(context: ToolContext, words: str) -> Product:
    """Return the product that an id or the customer's words mean. Raises ToolError, with what there is to choose from.

    'The second one' in the customer's own message goes before an id: small models take the first one's.
    """
    products = before_the_customer(context)
    pointed = _pointed(context.customer_texts[-1] if context.customer_texts else "", context.shown)
    if pointed is not None:
        return _read(context, pointed.id) or pointed
    found = (
        _read(context, words.strip())
        or _pointed(words, context.shown)
        or _by_number(words, context.shown)
        or (_this(context) if is_word_for("this", words) else None)
        or _named(words, products)
        or _called(context, words)
    )
    if found is not None:
        return found
    choices = tuple(product.text(context.language).short_name for product in products)
    raise ToolError(
        f"'{words}' is no product that was shown. "
        + (f"Shown were: {'; '.join(choices)}." if choices else "Search first."),
        missing=Missing("product_id", choices) if choices else None,
    )


def before_the_customer(context: ToolContext) -> tuple[Product, ...]:
    """Return the products that the customer sees: the page's own first, then those on the screen."""
    page = _read(context, context.page.product_id) if context.page and context.page.product_id else None
    products = {product.id: product for product in ((page,) if page else ()) + context.shown}
    return tuple(products.values())


def _read(context: ToolContext, product_id: str) -> Product | None:
    try:
        return context.catalogue.get_product(product_id) if product_id else None
    except ProductNotFound:
        return None


def _pointed(text: str, shown: tuple[Product, ...]) -> Product | None:
    """Return the one product that 'the second one' or 第二款 stands for."""
    found = {mention.product.id: mention.product for mention in pointed_at(fold(text), shown, [])}
    return next(iter(found.values())) if len(found) == 1 else None


def _by_number(words: str, shown: tuple[Product, ...]) -> Product | None:
    number = _BARE_NUMBER.match(words.strip())
    position = int(number[1]) - 1 if number else -1
    return shown[position] if 0 <= position < len(shown) else None


def _this(context: ToolContext) -> Product | None:
    """Return what 'this one' means: the page's product, or the only one on the screen."""
    products = before_the_customer(context)
    on_page = context.page is not None and products and products[0].id == context.page.product_id
    return products[0] if on_page or len(products) == 1 else None


def _named(words: str, products: tuple[Product, ...]) -> Product | None:
    """Return the one product that the words name, or describe by words that no other one has."""
    named = {mention.product.id: mention.product for mention in find_mentions(words, products)}
    if len(named) == 1:
        return next(iter(named.values()))
    said = set(terms(words))
    fitting = [product for product in products if said and said <= _words_of(product)]
    return fitting[0] if len(fitting) == 1 else None


def _words_of(product: Product) -> set[str]:
    texts = [text for each in product.texts.values() for text in (each.title, each.short_name)]
    tables = [table for variant in product.variants for table in (variant.options, *variant.options_in.values())]
    options = [value for table in tables for value in table.values()]
    return set(terms(" ".join([*texts, *options, product.brand or "", product.category or ""])))


def _called(context: ToolContext, words: str) -> Product | None:
    """Return the catalogue's product of exactly this name."""
    hits = context.catalogue.search(Query(text=words, k=1)) if words.strip() else []
    names = {
        fold(text) for hit in hits for texts in hit.product.texts.values() for text in (texts.short_name, texts.title)
    }
    return hits[0].product if fold(words).strip() in names else None
