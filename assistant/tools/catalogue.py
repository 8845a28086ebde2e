"""Finding and looking at products. The model for every other tool: typed arguments, typed result, no prose."""

from collections.abc import Sequence
from decimal import Decimal

from assistant.errors import ToolError
from assistant.grounding.names import find_mentions
from assistant.grounding.text import fold
from assistant.grounding.words import load_words
from assistant.schema import Product, ProductDetails, ProductsCompared, ProductsFound, ProductsRecommended
from assistant.tools.meant import asked_about, by_id, by_place, called, pointed_at
from assistant.tools.narrowing import Narrowing, narrow, wishes_cheaper
from assistant.tools.tool import ToolContext, shopper_of, tool
from retrieval.schema import Hit, Money, Query

CARDS = 4
"""Products that a search shows."""
_WIDE = 8
"""Hits from which those are taken that a customer's history moves up."""


@tool()
def search_products(
    context: ToolContext,
    query: str,
    # The upper limit first: a small model writes the arguments in this order, and shoppers name upper limits.
    max_price: float | None = None,
    min_price: float | None = None,
    category: str | None = None,
    brand: str | None = None,
    min_rating: float | None = None,
    in_stock: bool | None = None,
    attributes: dict[str, str] | None = None,
) -> ProductsFound:
    """Find products in the shop.

    Args:
        query: What to look for, without prices.
        max_price: Highest price.
        min_price: Lowest price.
        category: Only this product type.
        brand: Only this brand.
        min_rating: Lowest rating, 1 to 5.
        in_stock: Only what is in stock.
        attributes: Features, such as {"colour": "red"}.
    """
    query = _carried_on(context, query)
    narrowing = narrow(
        context.catalogue,
        text=query,
        category=category,
        brand=brand,
        min_price=_amount(min_price),
        max_price=_amount(max_price),
        min_rating=min_rating,
        in_stock=in_stock,
        attributes=attributes or {},
        said=context.customer_texts,
        shown=context.shown,
    )
    wide = CARDS if context.recommender is None else _WIDE
    hits = context.catalogue.search(
        Query(text=narrowing.text, filters=narrowing.filters, k=wide, language=context.language)
    )
    if context.recommender is not None:
        hits = context.recommender.personalise(shopper_of(context), hits, CARDS)
    hits = _called_by_name(context, hits)
    closest = None if hits else _closest_price(context, narrowing)
    return ProductsFound(
        query=query,
        products=tuple(hit.product for hit in hits),
        limits=narrowing.limits,
        note=narrowing.note if hits else _why_nothing(narrowing, closest),
        closest_price=closest,
    )


@tool()
def get_product(context: ToolContext, product_id: str) -> ProductDetails:
    """Show everything about one product: features, sizes, stock, reviews.

    Args:
        product_id: Its id, from a search.
    """
    return ProductDetails(product=find_product(context, product_id))


@tool()
def compare_products(context: ToolContext, product_ids: list[str]) -> ProductsCompared | ProductsRecommended:
    """Put two to four products side by side.

    Args:
        product_ids: Their ids, from a search.
    """
    wanted, pointed = list(dict.fromkeys(product_ids)), pointed_at(context)
    if len(wanted) < len(pointed):
        wanted = [product.id for product in pointed]
    if asked := asked_about(context)[:CARDS]:
        # 'Which is the cheapest of them?' asks of all; a small model copies some of their ids.
        return ProductsCompared(products=asked)
    if not 2 <= len(wanted) <= CARDS:
        raise ToolError(f"Give two to {CARDS} different product ids.")
    compared = find_products(context, wanted)
    return _cheaper_than(context, compared) or ProductsCompared(products=compared)


def find_product(context: ToolContext, product_id: str) -> Product:
    """Read a product by id, or by what it is called: small models often give the name. See `find_products`."""
    return find_products(context, [product_id])[0]


def find_products(context: ToolContext, product_ids: Sequence[str]) -> tuple[Product, ...]:
    """Read products by ids or names, put right by the places that the customer pointed at. Raises ToolError."""
    found = by_place(context, [_read(context, product_id) for product_id in product_ids])
    for product_id, product in zip(product_ids, found, strict=True):
        if product is None:
            raise ToolError(f"No product has the id '{product_id}'. Search first.")
    return tuple(product for product in found if product is not None)


def _called_by_name(context: ToolContext, hits: list[Hit]) -> list[Hit]:
    """Return those of the hits that the customer's message calls by their whole names; all where it calls none."""
    message = " ".join(context.customer_texts[-1:])
    if load_words().has("alike", fold(message)):
        return hits
    mentions = find_mentions(message, [hit.product for hit in hits])
    called = {mention.product.id for mention in mentions if mention.whole}
    return [hit for hit in hits if hit.product.id in called] or hits


def _carried_on(context: ToolContext, query: str) -> str:
    """Return what to search: where only a price was passed on, it narrows what was searched or recommended before."""
    if not context.catalogue.says_only_limits(query, context.language):
        return query
    calls = [call for message in context.transcript for call in message.tool_calls]
    before = [call.arguments.get("query") or call.arguments.get("purpose") for call in calls]
    earlier = (each for each in reversed(before) if each and not context.catalogue.says_only_limits(each))
    thing = next(earlier, None)
    return f"{thing} {query}" if thing else query


def _cheaper_than(context: ToolContext, products: Sequence[Product]) -> ProductsRecommended | None:
    """Return what costs less than all of them, where that is wished for and not asked of them.

    'Cheaper?' isn't answered by what is on the screen already; 'which is cheaper?' is.
    """
    wished = any(map(wishes_cheaper, context.customer_texts[-1:]))
    priced = [product for product in products if product.price]
    if not wished or not priced or context.recommender is None:
        return None
    cheapest = min(priced, key=lambda product: product.price.amount if product.price else Decimal(0))
    return context.recommender.similar(shopper_of(context), cheapest, CARDS, cheaper=True)


def _read(context: ToolContext, words: str) -> Product | None:
    """Return the product of this id, or of exactly this name."""
    return by_id(context, words) or called(context, words)


def _closest_price(context: ToolContext, narrowing: Narrowing) -> Money | None:
    """Return the lowest price that the search would find without its price limits."""
    if narrowing.filters.min_price is None and narrowing.filters.max_price is None:
        return None
    unpriced = narrowing.filters.model_copy(update={"min_price": None, "max_price": None})
    hits = context.catalogue.search(Query(text=narrowing.text, filters=unpriced, k=CARDS, language=context.language))
    return min((hit.product.price for hit in hits if hit.product.price), key=lambda price: price.amount, default=None)


def _why_nothing(narrowing: Narrowing, closest: Money | None) -> str:
    """Say what stands in the way of a hit, so that the reply can be an honest no."""
    if closest is not None:
        return f"Nothing within that price. The closest start at {closest}."
    if not narrowing.limits:
        return " ".join(filter(None, [narrowing.note, f"The shop has nothing like '{narrowing.text}'. Say so."]))
    return " ".join(filter(None, [narrowing.note, "Nothing fits these limits. Say so, and ask which limit may go."]))


def _amount(number: float | None) -> Decimal | None:
    return None if number is None or number < 0 else Decimal(str(number))
