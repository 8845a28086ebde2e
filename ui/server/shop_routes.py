"""The shop around the talk: its products, and which of them are for this shopper."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query

from assistant.schema import ProductCard
from assistant.telling.reasons import reasons_in
from retrieval.errors import ProductNotFound
from ui.server import bodies
from ui.server.bodies import PRINTABLE, Languages, ProductView, RecommendationsView
from ui.server.service import CallerHere, ServiceHere

router = APIRouter(tags=["shop"])
Id = Annotated[str, Path(min_length=1, max_length=200, pattern=PRINTABLE)]


@router.get("/products/{product_id}")
def product(product_id: Id, service: ServiceHere, language: Languages = "en") -> ProductView:
    """Return all that the shop tells of a product."""
    found = service.shop.catalogue.get_products([product_id])
    if not found:
        raise HTTPException(404, "There is no such product.")
    return ProductView.of(found[0], language)


@router.get("/recommendations")
def recommendations(
    service: ServiceHere,
    caller: CallerHere,
    k: Annotated[int, Query(ge=1, le=24)] = 8,
    for_product: Annotated[str | None, Query(min_length=1, max_length=200, pattern=PRINTABLE)] = None,
    conversation_id: Annotated[bodies.Id | None, Query()] = None,
    language: Languages | None = None,
) -> RecommendationsView:
    """Return products for the shopper, or what goes with one, each with its reason.

    What was said and opened in a conversation of the shopper's counts, and its language is the answer's where none is
    named.
    """
    talk = service.conversation(conversation_id, caller) if conversation_id else None
    spoken = language or (talk.language if talk else "en")
    try:
        found = service.shop.recommender.recommend(
            caller.customer_id, caller.visitor_id, talk, k=k, for_product=for_product, language=spoken
        )
    except ProductNotFound:
        raise HTTPException(404, "There is no such product.") from None
    reasons = reasons_in(found, spoken)
    cards = [ProductCard.of(each, spoken, reasons.get(each.id)) for each in found.products]
    return RecommendationsView(attribution_id=found.attribution_id, question=found.question, products=cards)
