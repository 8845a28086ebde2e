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
from assistant.shop.outbox import Outbox
from assistant.shop.rate_counters import RateCounters
from assistant.shop.retention import Retention
from assistant.shop.returns import Returns
from assistant.shop.shared import Shared
from assistant.shop.shipments import Shipments
from assistant.shop.talks import Talks
from assistant.shop.tickets import Tickets
from assistant.shop.traces import Traces
from assistant.shop.updates import ShopUpdates


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
    shipments: Shipments
    outbox: Outbox
    updates: ShopUpdates
    conversations: Conversations
    feedback: Feedback
    audit: Audit
    traces: Traces
    insights: Insights
    talks: Talks
    shared: Shared
    rate_counters: RateCounters
    retention: Retention


def open_records(
    engine: Engine, products: Products | None = None, checkout: Checkout = no_checkout, told: bool = False
) -> ShopRecords:
    """Put the repositories together. The tables must be there: see `upgrade_records`.

    Carts are read with the prices of `products`, without which they are empty; `checkout` makes their links. `told`
    says that the shop's own system is told of every change.
    """
    outbox, tickets = Outbox(engine, told), Tickets(engine)
    carts = Carts(engine, products, checkout)
    return ShopRecords(
        customers=Customers(engine, outbox),
        orders=Orders(engine, outbox=outbox),
        returns=Returns(engine, outbox=outbox),
        gift_cards=GiftCards(engine),
        carts=carts,
        coupons=Coupons(engine),
        interactions=Interactions(engine),
        consents=Consents(engine),
        preferences=Preferences(engine),
        tickets=tickets,
        shipments=Shipments(engine),
        outbox=outbox,
        updates=ShopUpdates(engine, outbox, carts, tickets),
        conversations=Conversations(engine),
        feedback=Feedback(engine),
        audit=Audit(engine),
        traces=Traces(engine),
        insights=Insights(engine),
        talks=Talks(engine),
        shared=Shared(engine),
        rate_counters=RateCounters(engine),
        retention=Retention(engine),
    )
