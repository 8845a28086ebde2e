"""What the records know of people and products, as the recommender reads it: events and order lines together."""

from datetime import datetime

from assistant.errors import RecordsError
from assistant.schema import Interaction
from assistant.shop.records import ShopRecords
from retrieval.recommending.chances import BuyingChances, ChanceModels
from retrieval.recommending.events import RawEvent, read_events
from retrieval.recommending.fitted import Fitted, fit
from retrieval.recommending.items import Items

_NEWEST = 1000
"""Events that are read of one person; what the recommender takes of them is fewer."""


class History:
    """Reads histories of those who let it."""

    def __init__(self, records: ShopRecords) -> None:
        self._records = records

    def may_use(self, customer_id: str) -> bool:
        """Tell whether the customer's history may be used."""
        return self._records.consents.of(customer_id) is not False

    def of(self, customer_id: str | None, visitor_id: str | None) -> list[RawEvent]:
        """Return what one person did: as a customer, with what was ordered, and from this browser."""
        events: list[Interaction] = []
        ordered: list[RawEvent] = []
        if visitor_id is not None:
            events += self._records.interactions.of_visitor(visitor_id, limit=_NEWEST)
        if customer_id is not None and self.may_use(customer_id):
            events += self._records.interactions.of_customer(customer_id, limit=_NEWEST)
            ordered = self._records.interactions.ordered_by(customer_id)
        # A card that was only shown says nothing of whom it was shown to.
        chosen = [event for event in events if event.kind != "view" or event.attribution_id is None]
        return [*map(_raw, chosen), *ordered]

    def state(self) -> str:
        """Return what names the log as it is: another one when events were added or orders changed."""
        return self._records.interactions.state()

    def fit(self, items: Items, now: datetime) -> Fitted:
        """Learn from the whole log, without those who don't let it. Who speaks one language is a segment."""
        languages = self._records.customers.languages()
        return fit(read_events(self._records.interactions.everything(), items, now, languages), items)

    def chances(self, customer_id: str, items: Items, now: datetime, days: int) -> BuyingChances:
        """Return what a customer is likely to buy within some days.

        Raises `RecordsError` for an unknown customer, and for one who doesn't let their history be used.
        """
        self._records.customers.get(customer_id)
        if not self.may_use(customer_id):
            raise RecordsError(f"{customer_id} doesn't let the shop use their history, so nothing is told from it.")
        log = read_events(self._records.interactions.everything(), items, now)
        return ChanceModels(log, items, days).of(self.of(customer_id, None), now)


def _raw(event: Interaction) -> RawEvent:
    return RawEvent("", event.product_id, event.kind, event.at.timestamp())
