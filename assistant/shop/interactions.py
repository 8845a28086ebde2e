"""What customers and visitors did with products: what recommendations are made from."""

from datetime import datetime

from sqlalchemy import Engine, Select, func, insert, select, update

from assistant.schema import Interaction
from assistant.shop.consents import refused
from assistant.shop.sessions import transaction
from assistant.shop.tables import InteractionRow, ShowingRow
from retrieval.schema import InteractionKind

_BATCH = 5000


class Interactions:
    """The events in the shop's records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, *interactions: Interaction) -> int:
        """Write interactions and return how many were kept; those of customers who don't let it aren't.

        One of an unknown customer is a RecordsError and writes none of them.
        """
        with transaction(self._engine) as session:
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
        with transaction(self._engine) as session:
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

    def show(self, attribution_id: str, product_ids: tuple[str, ...], at: datetime) -> None:
        """Keep which products were tried out in a showing."""
        with transaction(self._engine) as session:
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


def _from_row(row: InteractionRow) -> Interaction:
    return Interaction.model_validate({name: getattr(row, name) for name in Interaction.model_fields})
