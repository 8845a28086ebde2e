"""What customers and visitors did with products: what recommendations are made from."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, func, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from assistant.schema import Interaction
from assistant.shop.consents import refused
from assistant.shop.sessions import transaction, writing
from assistant.shop.tables import (
    ConsentRow,
    InteractionRow,
    OrderLineRow,
    OrderRow,
    ShowingRow,
    TraceSearchRow,
    TraceShowingRow,
)
from retrieval.recommending.events import RawEvent
from retrieval.recommending.exploring import Trial
from retrieval.schema import InteractionKind
from retrieval.understanding.query_log import FollowedSearch

_BATCH = 5000
_MOST_FOLLOWED = 100_000
"""Searches that the shop's words are learned from: the newest."""
_DAY = 86400
_GOOD = ("click", "cart_add", "purchase")
"""What counts as a success of a product that was tried."""


class Interactions:
    """The events in the shop's records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, *interactions: Interaction) -> int:
        """Write interactions and return how many were kept; those of customers who don't let it aren't.

        One of an unknown customer is a RecordsError and writes none of them.
        """
        with writing(self._engine) as session:
            without = refused(session, {event.customer_id for event in interactions if event.customer_id})
            kept = [event.model_dump() for event in interactions if event.customer_id not in without]
            for start in range(0, len(kept), _BATCH):
                session.execute(insert(InteractionRow), kept[start : start + _BATCH])
        return len(kept)

    def of_customer(
        self, customer_id: str, kind: InteractionKind | None = None, limit: int | None = None
    ) -> tuple[Interaction, ...]:
        """Return what the customer did, newest first, at most `limit` of it; of one kind when that is named."""
        return self._newest(select(InteractionRow).where(InteractionRow.customer_id == customer_id), kind, limit)

    def of_visitor(
        self, visitor_id: str, kind: InteractionKind | None = None, limit: int | None = None
    ) -> tuple[Interaction, ...]:
        """Return what was done from one browser, newest first, at most `limit` of it; of one kind when named."""
        return self._newest(select(InteractionRow).where(InteractionRow.visitor_id == visitor_id), kind, limit)

    def adopt(self, visitor_id: str, customer_id: str) -> int:
        """Make a guest's events those of the customer who the guest turned out to be; return how many there were."""
        guests = (InteractionRow.visitor_id == visitor_id, InteractionRow.customer_id.is_(None))
        with writing(self._engine) as session:
            if refused(session, {customer_id}):
                return 0
            count = session.scalar(select(func.count()).select_from(InteractionRow).where(*guests)) or 0
            session.execute(update(InteractionRow).where(*guests).values(customer_id=customer_id))
        return count

    def since(self, after: int = 0, limit: int | None = None) -> tuple[tuple[int, Interaction], ...]:
        """Return (number, event) pairs in the order in which they were written, those above the number `after`."""
        rows = select(InteractionRow).where(InteractionRow.id > after).order_by(InteractionRow.id).limit(limit)
        with transaction(self._engine) as session:
            return tuple((row.id, _from_row(row)) for row in session.scalars(rows))

    def ordered_by(self, customer_id: str) -> list[RawEvent]:
        """Return a purchase for each line of the customer's orders that stand."""
        return self._ordered(OrderRow.customer_id == customer_id)

    def everything(self) -> list[RawEvent]:
        """Return all events and the lines of all orders that stand, without those of customers who don't let it.

        A card that the shop itself showed, and that nobody tapped, is no interest; else the shown would rise by it.
        """
        columns = (InteractionRow.customer_id, InteractionRow.visitor_id, InteractionRow.product_id)
        wanted = or_(InteractionRow.kind != "view", InteractionRow.attribution_id.is_(None))
        rows = select(*columns, InteractionRow.kind, InteractionRow.at).where(_let(InteractionRow.customer_id), wanted)
        with transaction(self._engine) as session:
            events = [
                RawEvent(customer or f"visitor:{visitor}", product, kind, at.timestamp())
                for customer, visitor, product, kind, at in session.execute(rows)
                if customer or visitor
            ]
        return [*events, *self._ordered(_let(OrderRow.customer_id))]

    def state(self) -> str:
        """Return what is another one whenever events or orders were added, or consent was given or taken."""
        with transaction(self._engine) as session:
            parts = [
                session.scalar(select(func.max(InteractionRow.id))),
                session.scalar(select(func.count()).select_from(InteractionRow)),
                session.scalar(select(func.count()).select_from(OrderRow)),
                session.scalar(select(func.sum(OrderRow.version))),
                session.scalar(select(func.max(ConsentRow.at))),
            ]
        return " ".join(map(str, parts))

    def _ordered(self, whose: ColumnElement[bool]) -> list[RawEvent]:
        lines = select(OrderRow.customer_id, OrderLineRow.product_id, OrderRow.placed_at).join(OrderRow.lines)
        stand = OrderRow.status.not_in(("cancelled", "returned"))
        with transaction(self._engine) as session:
            return [
                RawEvent(customer, product, "purchase", at.timestamp())
                for customer, product, at in session.execute(lines.where(stand, whose))
            ]

    def trials(self) -> list[Trial]:
        """Return every product that was tried, and whether it was clicked, put into a cart or bought from there."""
        good = (
            select(InteractionRow.attribution_id, InteractionRow.product_id)
            .where(InteractionRow.attribution_id.is_not(None), InteractionRow.kind.in_(_GOOD))
            .distinct()
        )
        with transaction(self._engine) as session:
            taken = {(showing, product) for showing, product in session.execute(good)}
            shown = session.execute(select(ShowingRow.attribution_id, ShowingRow.product_id))
            return [Trial(product, (showing, product) in taken) for showing, product in shown]

    def after_searches(self, since: datetime) -> list[FollowedSearch]:
        """Return what was clicked, put into a cart, bought or liked from what a turn's only search had found.

        What customers did who don't let it be used isn't there.
        """
        found = select(TraceSearchRow.trace_id).where(TraceSearchRow.hits > 0)
        alone = found.group_by(TraceSearchRow.trace_id).having(func.count() == 1)
        columns = (TraceSearchRow.words, InteractionRow.customer_id, InteractionRow.visitor_id)
        shown = and_(
            TraceShowingRow.attribution_id == InteractionRow.attribution_id,
            TraceShowingRow.product_id == InteractionRow.product_id,
        )
        rows = (
            select(*columns, InteractionRow.product_id, InteractionRow.at)
            .join(TraceShowingRow, shown)
            .join(TraceSearchRow, TraceSearchRow.trace_id == TraceShowingRow.trace_id)
            .where(TraceSearchRow.hits > 0, TraceSearchRow.trace_id.in_(alone), InteractionRow.at >= since)
            .where(InteractionRow.kind.in_((*_GOOD, "like")), _let(InteractionRow.customer_id))
            .order_by(InteractionRow.id.desc())
            .limit(_MOST_FOLLOWED)
        )
        with transaction(self._engine) as session:
            return [
                FollowedSearch(words, customer or f"visitor:{visitor}", int(at.timestamp() // _DAY), product)
                for words, customer, visitor, product, at in session.execute(rows)
                if customer or visitor
            ]

    def purchases_in_orders(self) -> list[Interaction]:
        """Return a purchase event for each line of every order that stands."""
        return [
            Interaction(
                customer_id=event.person,
                product_id=event.product_id,
                kind="purchase",
                at=datetime.fromtimestamp(event.at, UTC),
                source="import",
            )
            for event in self._ordered(_let(OrderRow.customer_id))
        ]

    def add_new(self, interactions: Sequence[Interaction]) -> int:
        """Write those of the interactions that aren't there yet, and return how many were kept.

        The same person, product, kind and second make the same event.
        """
        columns = (InteractionRow.customer_id, InteractionRow.visitor_id, InteractionRow.product_id)
        with transaction(self._engine) as session:
            held = {
                (customer, visitor if customer is None else None, product, kind, int(at.timestamp()))
                for customer, visitor, product, kind, at in session.execute(
                    select(*columns, InteractionRow.kind, InteractionRow.at)
                )
            }
        fresh: dict[tuple[str | None, str | None, str, str, int], Interaction] = {}
        for event in interactions:
            visitor = event.visitor_id if event.customer_id is None else None
            key = (event.customer_id, visitor, event.product_id, event.kind, int(event.at.timestamp()))
            if key not in held:
                fresh.setdefault(key, event)
        return self.add(*fresh.values())

    def show(self, attribution_id: str, product_ids: tuple[str, ...], at: datetime) -> None:
        """Keep which products were tried out in a showing."""
        with writing(self._engine) as session:
            for product_id in product_ids:
                session.merge(ShowingRow(attribution_id=attribution_id, product_id=product_id, at=at))

    def _newest(
        self, rows: Select[InteractionRow], kind: InteractionKind | None, limit: int | None
    ) -> tuple[Interaction, ...]:
        if kind is not None:
            rows = rows.where(InteractionRow.kind == kind)
        rows = rows.order_by(InteractionRow.at.desc(), InteractionRow.id.desc()).limit(limit)
        with transaction(self._engine) as session:
            return tuple(_from_row(row) for row in session.scalars(rows))


def _let(customer: ColumnElement[str] | InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whose history may be used: guests', and that of customers who haven't said no."""
    without = select(ConsentRow.customer_id).where(ConsentRow.history.is_(False))
    return or_(customer.is_(None), customer.not_in(without))


def _from_row(row: InteractionRow) -> Interaction:
    return Interaction.model_validate({name: getattr(row, name) for name in Interaction.model_fields})
