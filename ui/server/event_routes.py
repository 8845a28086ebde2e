"""What shoppers do in the shop: views, clicks, what goes into the cart, what is bought."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, HTTPException

from assistant.schema import Interaction
from ui.server.bodies import EventsBody, ShopEvent
from ui.server.service import ServiceHere, ShopperHere

router = APIRouter(tags=["events"])
_OLDEST = timedelta(days=30)
_LEEWAY = timedelta(minutes=5)
"""By how much a browser's clock may be ahead."""


@router.post("/events", status_code=204)
def events(body: EventsBody, service: ServiceHere, caller: ShopperHere) -> None:
    """Keep what a shopper did; what concerns products that aren't sold here, and of who doesn't let us, isn't kept."""
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
                at=_moment(event, now),
                source=body.source,
                conversation_id=event.conversation_id,
                attribution_id=event.attribution_id,
            )
            for event in body.events
            if event.product_id in known
        )
    )


def _moment(event: ShopEvent, now: datetime) -> datetime:
    """Return when it happened. Raises HTTPException 422 for a time that a browser's clock can't have meant."""
    if event.at is None:
        return now
    if not now - _OLDEST <= event.at <= now + _LEEWAY:
        raise HTTPException(422, "events.at: must lie within the last 30 days.")
    return min(event.at, now)
