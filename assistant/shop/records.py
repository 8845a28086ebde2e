"""Everything the shop keeps of people, behind one engine."""

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from assistant.errors import RecordsError
from assistant.shop.conversations import Conversations
from assistant.shop.customers import Customers
from assistant.shop.interactions import Interactions
from assistant.shop.orders import Orders
from assistant.shop.tables import Base
from assistant.shop.tickets import Tickets


@dataclass(frozen=True)
class ShopRecords:
    """The shop's records, one repository a subject."""

    customers: Customers
    orders: Orders
    interactions: Interactions
    tickets: Tickets
    conversations: Conversations


def create_tables(engine: Engine) -> None:
    """Make the tables that aren't there yet; a database that refuses is a RecordsError."""
    try:
        Base.metadata.create_all(engine)
    except SQLAlchemyError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise RecordsError(f"The tables of the shop's records cannot be made in {where}: {error}") from error


def open_records(engine: Engine) -> ShopRecords:
    """Put the repositories together. The tables must be there: see `create_tables`."""
    return ShopRecords(
        customers=Customers(engine),
        orders=Orders(engine),
        interactions=Interactions(engine),
        tickets=Tickets(engine),
        conversations=Conversations(engine),
    )
