"""The shop around the talk: its products."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path

from ui.server.bodies import Languages, ProductView
from ui.server.service import ServiceHere

router = APIRouter(tags=["shop"])


@router.get("/products/{product_id}")
def product(
    product_id: Annotated[str, Path(min_length=1, max_length=200)], service: ServiceHere, language: Languages = "en"
) -> ProductView:
    """Return all that the shop tells of a product."""
    found = service.shop.catalogue.get_products([product_id])
    if not found:
        raise HTTPException(404, "There is no such product.")
    return ProductView.of(found[0], language)
