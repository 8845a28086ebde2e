"""What shoppers do in the shop: views, clicks, what goes into the cart, what is bought."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, HTTPException

from assistant.schema import Interaction
from ui.server.bodies import EventsBody
from ui.server.service import ServiceHere, ShopperHere

router = APIRouter(tags=["events"])
_OLDEST = timedelta(days=30)


@router.post("/events", status_code=204)
def events(body: EventsBody, service: ServiceHere, caller: ShopperHere) -> None:
    """Keep what a shopper did in the last 30 days; what concerns other products than the shop's is left out."""
    if wait := service.limits.wait_for_events(caller):
        raise HTTPException(429, "Those were many reports at once.", {"Retry-After": str(wait)})
    now = datetime.now(UTC)
    known = {product.id for product in service.shop.catalogue.get_products([each.product_id for each in body.events])}
    service.shop.records.interactions.add(
        *(
            Interaction(
                customer_id=caller.customer_id,
                visitor_id=caller.visitor_id,
                product_id=event.product_id,
                kind=event.type,
                at=min(event.at or now, now),
                source=body.source,
                conversation_id=event.conversation_id,
                attribution_id=event.attribution_id,
            )
            for event in body.events
            if event.product_id in known and (event.at is None or event.at >= now - _OLDEST)
        )
    )
