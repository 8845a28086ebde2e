"""The shop around the talk: its products, and which of them are for this shopper."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query

from assistant.reasons import reasons_in
from assistant.schema import ProductCard
from retrieval.errors import ProductNotFound
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
    language: Languages = "en",
) -> RecommendationsView:
    """Return products for the shopper, or what goes with one, each with its reason."""
    try:
        found = service.shop.recommender.recommend(
            caller.customer_id, caller.visitor_id, k=k, for_product=for_product, language=language
        )
    except ProductNotFound:
        raise HTTPException(404, "There is no such product.") from None
    reasons = reasons_in(found, language)
    cards = [ProductCard.of(each, language, reasons.get(each.id)) for each in found.products]
    return RecommendationsView(attribution_id=found.attribution_id, products=cards)
