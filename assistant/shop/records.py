"""Everything the shop keeps of people, behind one engine."""

from dataclasses import dataclass

from sqlalchemy import Engine

from assistant.shop.audit import Audit
from assistant.shop.carts import Carts, Checkout, Products, no_checkout
from assistant.shop.consents import Consents, Preferences
from assistant.shop.conversations import Conversations
from assistant.shop.coupons import Coupons
from assistant.shop.customers import Customers
from assistant.shop.feedback import Feedback
from assistant.shop.gift_cards import GiftCards
from assistant.shop.insights import Insights
from assistant.shop.interactions import Interactions
from assistant.shop.orders import Orders
from assistant.shop.rate_counters import RateCounters
from assistant.shop.returns import Returns
from assistant.shop.shared import Shared
from assistant.shop.talks import Talks
from assistant.shop.tickets import Tickets
from assistant.shop.traces import Traces


@dataclass(frozen=True)
class ShopRecords:
    """The shop's records, one repository a subject."""

    customers: Customers
    orders: Orders
    returns: Returns
    gift_cards: GiftCards
    carts: Carts
    coupons: Coupons
    interactions: Interactions
    consents: Consents
    preferences: Preferences
    tickets: Tickets
    conversations: Conversations
    feedback: Feedback
    audit: Audit
    traces: Traces
    insights: Insights
    talks: Talks
    shared: Shared
    rate_counters: RateCounters


def open_records(engine: Engine, products: Products | None = None, checkout: Checkout = no_checkout) -> ShopRecords:
    """Put the repositories together. The tables must be there: see `upgrade_records`.

    Carts are read with the prices of `products`, without which they are empty; `checkout` makes their links.
    """
    return ShopRecords(
        customers=Customers(engine),
        orders=Orders(engine),
        returns=Returns(engine),
        gift_cards=GiftCards(engine),
        carts=Carts(engine, products, checkout),
        coupons=Coupons(engine),
        interactions=Interactions(engine),
        consents=Consents(engine),
        preferences=Preferences(engine),
        tickets=Tickets(engine),
        conversations=Conversations(engine),
        feedback=Feedback(engine),
        audit=Audit(engine),
        traces=Traces(engine),
        insights=Insights(engine),
        talks=Talks(engine),
        shared=Shared(engine),
        rate_counters=RateCounters(engine),
    )
