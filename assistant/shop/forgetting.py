"""Forgetting a customer: what is theirs goes, what the law keeps stays without them, and what is left is shown.

Orders stay for the books, with the country alone of where they went and how, not with what, they were paid.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from pydantic import Field
from sqlalchemy import Engine, String, Text, cast, delete, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import Column, Table

from assistant.errors import RecordsError
from assistant.schema import Value
from assistant.shop.sessions import writing
from assistant.shop.tables import AddressRow, Base, CustomerRow, OrderRow, RateCounterRow

NOBODY = "forgotten"
"""The id under which the orders of all forgotten customers are kept."""
_KEPT = frozenset({"customers", "orders"})
_SHORTEST = 4
"""Letters of a name or a street from which on it is looked for: shorter ones stand in anybody's words."""


class Leftover(Value):
    """A row that still says something of the customer: where, and what."""

    table: str
    column: str
    rows: int


class Forgotten(Value):
    """What was done: rows removed by table, and orders kept without the customer.

    `left` is empty but where somebody else's records name the customer, such as an order that was sent to them.
    """

    removed: dict[str, int]
    orders: int
    left: tuple[Leftover, ...]
    tables: dict[str, int] = Field(description="Every table that was looked through, and the rows found there.")


def forget(engine: Engine, customer_id: str) -> Forgotten:
    """Remove a customer from every table, in one transaction, and look through all of them for what is left.

    Raises RecordsError for somebody whom the records don't know.
    """
    with writing(engine) as session:
        traits = _traits(session, customer_id)
        before = _counts(session)
        talks = _talks(session, customer_id)
        orders = _anonymise(session, customer_id)
        for table in reversed(_tables()):
            if table.name in _KEPT:
                continue
            for column, values in _owners(table, customer_id, talks):
                session.execute(delete(table).where(column.in_(values)))
        session.execute(delete(RateCounterRow).where(RateCounterRow.key.contains(f"customer:{customer_id}")))
        session.execute(delete(CustomerRow).where(CustomerRow.id == customer_id))
        session.expire_all()
        left = tuple(_leftovers(session, traits))
        after = _counts(session)
    removed = {name: count - after[name] for name, count in before.items() if count > after[name]}
    found = {table.name: sum(each.rows for each in left if each.table == table.name) for table in _tables()}
    return Forgotten(removed=removed, orders=orders, left=left, tables=found)


def _tables() -> list[Table]:
    return Base.metadata.sorted_tables


class _Traits(Value):
    """What a customer is told by: `exact` values stand alone in a column, `words` in the middle of a text."""

    exact: tuple[str, ...]
    words: tuple[str, ...]


def _traits(session: Session, customer_id: str) -> _Traits:
    row = session.get(CustomerRow, customer_id)
    if row is None or customer_id == NOBODY:
        raise RecordsError(f"No customer has the id '{customer_id}'. Check the id; a forgotten one has none.")
    orders = select(OrderRow.address, OrderRow.payment_method).where(OrderRow.customer_id == customer_id)
    addresses = [address for address, _ in session.execute(orders)]
    streets = {str(address.get("line1") or "") for address in addresses} | {each.line1 for each in row.addresses}
    words = {word for word in (row.email, row.name, *streets) if len(word) >= _SHORTEST}
    # A name or a street that somebody else has, too, tells nobody.
    others = (
        select(CustomerRow.name).where(CustomerRow.id != customer_id),
        select(AddressRow.line1).where(AddressRow.customer_id != customer_id),
    )
    shared = {word for rows in others for word in session.scalars(rows)}
    return _Traits(exact=(customer_id,), words=tuple(sorted(words - shared)))


def _talks(session: Session, customer_id: str) -> set[str]:
    """Return the ids of the conversations that the customer took part in, wherever one is named with them."""
    found: set[str] = set()
    for table in _tables():
        if {"customer_id", "conversation_id"} <= set(table.columns.keys()):
            named = select(table.c.conversation_id).where(table.c.customer_id == customer_id)
            found.update(each for each in session.scalars(named) if each)
    conversations = Base.metadata.tables["conversations"]
    found.update(session.scalars(select(conversations.c.id).where(conversations.c.customer_id == customer_id)))
    return found


def _owners(table: Table, customer_id: str, talks: set[str]) -> Iterator[tuple[Column[Any], list[str]]]:
    """Yield the columns that say whose a row is, with the values that mean this customer."""
    columns = table.columns
    if "customer_id" in columns:
        yield columns["customer_id"], [customer_id]
    if "conversation_id" in columns and talks:
        yield columns["conversation_id"], sorted(talks)
    if table.name == "conversations" and talks:
        yield columns["id"], sorted(talks)
    if "owner" in columns:
        yield columns["owner"], [customer_id, *(f"conversation:{talk}" for talk in sorted(talks))]


def _anonymise(session: Session, customer_id: str) -> int:
    """Put the customer's orders, and the money that went back and forth for them, under nobody's name."""
    if session.get(CustomerRow, NOBODY) is None:
        session.add(_nobody())
        session.flush()
    orders = session.scalars(select(OrderRow).where(OrderRow.customer_id == customer_id)).all()
    ids = [order.id for order in orders]
    for order in orders:
        order.customer_id = NOBODY
        order.address = _bare_address(order.address)
        order.payment_method = _bare_method(order.payment_method)
        # A carrier knows by its number who got the parcel, and a reason is the customer's own words.
        order.tracking_number = order.cancel_reason = None
    session.flush()
    for table in _tables():
        for name in {"method", "refund_to"} & set(table.columns.keys()) if "order_id" in table.columns else ():
            keys = list(table.primary_key.columns)
            for row in session.execute(select(*keys, table.c[name]).where(table.c.order_id.in_(ids))).all():
                where = [key == value for key, value in zip(keys, row[:-1], strict=True)]
                session.execute(update(table).where(*where).values({name: _bare_method(row[-1])}))
        if table.name == "order_changes":
            session.execute(update(table).where(table.c.order_id.in_(ids)).values(note=None))
    return len(orders)


def _nobody() -> CustomerRow:
    """Make the row that the orders of the forgotten hang on. Nobody can guess what would prove to be them."""
    unguessable = uuid4().hex
    place = AddressRow(position=0, name="", line1="", city="", postcode=unguessable[:20], country="")
    email = f"{unguessable}@forgotten.invalid"
    return CustomerRow(id=NOBODY, name=unguessable, email=email, language="en", addresses=[place])


def _bare_address(address: dict[str, Any]) -> dict[str, Any]:
    empty = dict.fromkeys(("name", "line1", "city", "postcode"), "")
    return {**empty, "line2": None, "region": None, "country": address.get("country", "")}


def _bare_method(method: dict[str, Any]) -> dict[str, Any]:
    return {"id": "", "kind": method.get("kind", "card"), "label": ""}


def _counts(session: Session) -> dict[str, int]:
    tables = _tables()
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def _leftovers(session: Session, traits: _Traits) -> Iterator[Leftover]:
    """Look through every text and document of every table, tables of a later version included."""
    for table in _tables():
        for column in table.columns:
            if not isinstance(column.type, String | Text) and column.type.__class__.__name__ != "JSON":
                continue
            text = cast(column, Text)
            tells = [text == value for value in traits.exact]
            tells += [text.contains(f'"{value}"', autoescape=True) for value in traits.exact]
            tells += [text.endswith(f":{value}", autoescape=True) for value in traits.exact]
            tells += [text.contains(form, autoescape=True) for word in traits.words for form in _forms(word)]
            count = session.scalar(select(func.count()).select_from(table).where(or_(*tells))) or 0
            if count:
                yield Leftover(table=table.name, column=column.name, rows=count)


def _forms(word: str) -> set[str]:
    """Return a word as it stands in a text, and as JSON may write it."""
    return {word, json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1]}
