"""What the shopper has before them on the shop's page, and how the model is told of it: one line before the message."""

import re

from assistant.schema import Conversation, PageContext, Product, ProductDetails
from assistant.tools import ToolContext
from assistant.tools.cart import own_cart
from retrieval.errors import ProductNotFound
from retrieval.search import Catalogue

_LONGEST_NAME = 60
_BREAKS_OUT = re.compile(r"[\[\];\s]+")


def page_product(catalogue: Catalogue, page: PageContext | None) -> Product | None:
    """Return the product of the page, None where the page is of none that the shop shows."""
    if page is None or not page.product_id:
        return None
    try:
        return catalogue.get_product(page.product_id)
    except ProductNotFound:
        return None


def aside(product: Product | None, pieces: int, language: str) -> str | None:
    """Return the line that the model reads before the message: the page's product, the cart; None where both lack.

    '[page: T12 Aurora Tent; cart: 2 items]'
    """
    parts = []
    if product is not None:
        # Text of the catalogue is data: it cannot close the bracket and say something of its own.
        name = _BREAKS_OUT.sub(" ", product.text(language).short_name)[:_LONGEST_NAME].strip()
        parts.append(f"page: {_BREAKS_OUT.sub(' ', product.id)} {name}")
    if pieces:
        parts.append(f"cart: {pieces} items")
    return f"[{'; '.join(parts)}]" if parts else None


def language_of_locale(locale: str | None, fallback: str) -> str:
    """Return the language of a locale such as 'zh-CN', where the assistant speaks it."""
    language = (locale or "").replace("_", "-").split("-")[0].casefold()
    return language if language in {"en", "zh"} else fallback


def look_at_page(context: ToolContext, conversation: Conversation, page: PageContext | None) -> None:
    """Note what the shopper has before them: the page's product becomes evidence, the model's message gets its line."""
    conversation.page = page
    product = page_product(context.catalogue, page)
    if product is not None and product not in _details(conversation):
        conversation.results.append(ProductDetails(product=product))
    pieces = context.records.carts.count(own_cart(context))
    conversation.messages[-1] = conversation.messages[-1].model_copy(
        update={"aside": aside(product, pieces, conversation.language)}
    )


def _details(conversation: Conversation) -> list[Product]:
    return [result.product for result in conversation.results if isinstance(result, ProductDetails)]
