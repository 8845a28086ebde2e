"""Products chosen for the customer, and what the customer likes."""

from decimal import Decimal

from assistant.errors import ToolError
from assistant.grounding.numbers import values
from assistant.recommending import ShopRecommender, Wish
from assistant.schema import Preference, PreferenceSet, PreferencesFound, ProductsCompared, ProductsRecommended
from assistant.tools.catalogue import CARDS, find_product
from assistant.tools.meant import asked_about
from assistant.tools.narrowing import wants_cheaper
from assistant.tools.tool import ToolContext, shopper_of, tool

_LONGEST_SUBJECT = 60


@tool()
def recommend_products(
    context: ToolContext, purpose: str | None = None, for_product: str | None = None, budget: float | None = None
) -> ProductsRecommended:
    """Recommend products, chosen for this customer.

    Args:
        purpose: What for, or what kind of thing.
        for_product: Id of a product that it should go with.
        budget: Highest price.
    """
    companion = find_product(context, for_product) if for_product else None
    wish = Wish(purpose=purpose or None, companion=companion, budget=_said(context, budget))
    return _recommender(context).choose(shopper_of(context), wish, CARDS)


@tool()
def similar_products(
    context: ToolContext, product_id: str, cheaper: bool | None = None
) -> ProductsRecommended | ProductsCompared:
    """Find what could take a product's place.

    Args:
        product_id: Its id, from a search.
        cheaper: Only what costs less.
    """
    if asked := asked_about(context):
        # 'Which one would you take?' is about what is on the screen, whatever a small model makes of it.
        return ProductsCompared(products=asked[:CARDS])
    product = find_product(context, product_id)
    cheaper = cheaper or any(map(wants_cheaper, context.customer_texts[-1:]))
    return _recommender(context).similar(shopper_of(context), product, CARDS, cheaper=cheaper)


@tool()
def goes_with(context: ToolContext, product_id: str) -> ProductsRecommended:
    """Find what goes with a product.

    Args:
        product_id: Its id, from a search.
    """
    return _recommender(context).goes_with(shopper_of(context), find_product(context, product_id), CARDS)


@tool()
def get_preferences(context: ToolContext) -> PreferencesFound:
    """Tell what is known of the customer's taste."""
    return _recommender(context).taste(shopper_of(context))


@tool()
def set_preference(context: ToolContext, subject: str, liked: bool) -> PreferenceSet:
    """Remember what the customer likes or doesn't want.

    Args:
        subject: A material, colour, brand or kind of thing.
        liked: Whether they like it.
    """
    words = " ".join(subject.split())
    if not words or len(words) > _LONGEST_SUBJECT:
        raise ToolError(f"Name what the customer likes or doesn't want in at most {_LONGEST_SUBJECT} characters.")
    preference = Preference(subject=words, liked=liked)
    return PreferenceSet(preference=preference, kept=_recommender(context).remember(context.customer_id, preference))


def _recommender(context: ToolContext) -> ShopRecommender:
    if context.recommender is None:
        raise ToolError("Recommendations aren't set up here. Search instead.")
    return context.recommender


def _said(context: ToolContext, budget: float | None) -> Decimal | None:
    """Return the budget where the customer named it: small models fill in what nobody said."""
    if budget is None or budget <= 0:
        return None
    amount = Decimal(str(budget))
    named = {number for text in context.customer_texts for number in values(text)}
    return amount if not context.customer_texts or amount in named else None
