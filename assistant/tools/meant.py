"""Which product a customer means: by its id, its name, its place among those on the screen, or as the page's own."""

from collections.abc import Sequence

from assistant.errors import Missing, ToolError
from assistant.grounding.names import find_mentions
from assistant.grounding.text import fold
from assistant.grounding.words import load_words
from assistant.schema import Product
from assistant.tools.customer_words import is_word_for
from assistant.tools.places import places_in, pointed_out
from assistant.tools.tool import ToolContext
from retrieval.errors import ProductNotFound
from retrieval.schema import Query
from retrieval.words import terms

_LOOKED_THROUGH = 5
"""Products that may be called by a name: two that hold all of its words, and neither is meant."""


def meant_product(context: ToolContext, words: str) -> Product:
    """Return the product that an id or the customer's words mean. Raises ToolError, with what there is to choose from.

    'The second one' in the customer's own message goes before an id; see `by_place`.
    """
    products = before_the_customer(context)
    found = (
        by_id(context, words.strip())
        or _only(pointed_out(words, context.listed))
        or (_this(context) if is_word_for("this", words) else None)
        or _named(words, products)
        or called(context, words)
    )
    pointed = by_place(context, [found])[0]
    if pointed is not None:
        return by_id(context, pointed.id) or pointed
    choices = tuple(product.text(context.language).short_name for product in products)
    raise ToolError(
        f"'{words}' is no product that was shown. "
        + (f"Shown were: {'; '.join(choices)}." if choices else "Search first."),
        missing=Missing("product_id", choices) if choices else None,
    )


def before_the_customer(context: ToolContext) -> tuple[Product, ...]:
    """Return the products that the customer sees: the page's own first, then those on the screen."""
    page = by_id(context, context.page.product_id) if context.page and context.page.product_id else None
    products = {product.id: product for product in ((page,) if page else ()) + context.shown}
    return tuple(products.values())


def by_place(context: ToolContext, found: Sequence[Product | None]) -> list[Product | None]:
    """Return what a model's ids were found to be, put right by the places that the customer's message points at.

    What the message names stays, and so does what it points at. Of the rest each becomes the next of the places that
    are left, where there are as many: a small model that chose the right tool takes the first one's id for any place.
    """
    message = _last_message(context)
    named = {mention.product.id for mention in find_mentions(message, [p for p in (*found, *context.listed) if p])}
    pointed = {product.id: product for product in pointed_at(context)}
    kept = named | pointed.keys()
    wrong = [position for position, product in enumerate(found) if product is None or product.id not in kept]
    held = {product.id for product in found if product}
    left = [product for product in pointed.values() if product.id not in held]
    if len(wrong) != len(left):
        return list(found)
    put_right = dict(zip(wrong, left, strict=True))
    return [put_right.get(position, product) for position, product in enumerate(found)]


def pointed_at(context: ToolContext) -> tuple[Product, ...]:
    """Return the products of the latest list that the customer's last message points at by their places."""
    return pointed_out(_last_message(context), context.listed)


def asked_about(context: ToolContext) -> tuple[Product, ...]:
    """Return the products of the latest list where the customer asks which of them: 'which one would you take?'.

    Nothing where the message points at some of them, names one, or wants others like it.
    """
    message, words = _last_message(context), load_words()
    asks = words.has("which", fold(message)) and not words.has("alike", fold(message))
    if not asks or places_in(message, len(context.listed)) or find_mentions(message, context.listed):
        return ()
    return context.listed if len(context.listed) > 1 else ()


def _last_message(context: ToolContext) -> str:
    return context.customer_texts[-1] if context.customer_texts else ""


def _only(products: Sequence[Product]) -> Product | None:
    return products[0] if len(products) == 1 else None


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


def called(context: ToolContext, words: str) -> Product | None:
    """Return the catalogue's product of exactly this name, or the only one whose name holds all of these words."""
    hits = context.catalogue.search(Query(text=words, k=_LOOKED_THROUGH)) if words.strip() else []
    exactly = [hit.product for hit in hits if fold(words).strip() in _names_of(hit.product)]
    said = set(terms(words))
    fitting = [hit.product for hit in hits if len(said) > 1 and said <= _words_of(hit.product)]
    return exactly[0] if exactly else _only(fitting)


def _names_of(product: Product) -> set[str]:
    return {fold(text) for texts in product.texts.values() for text in (texts.short_name, texts.title)}


def by_id(context: ToolContext, product_id: str) -> Product | None:
    """Return the catalogue's product of this id."""
    try:
        return context.catalogue.get_product(product_id) if product_id else None
    except ProductNotFound:
        return None
