"""What customers looked at and bought: what recommendations are made from."""

from typing import Literal

from sqlalchemy import Engine, insert, select

from assistant.schema import Interaction
from assistant.shop.sessions import transaction
from assistant.shop.tables import InteractionRow


class Interactions:
    """The views and purchases in the shop's records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, *interactions: Interaction) -> None:
        """Write interactions; one of an unknown customer is a RecordsError and writes none of them."""
        if not interactions:
            return
        with transaction(self._engine) as session:
            session.execute(insert(InteractionRow), [interaction.model_dump() for interaction in interactions])

    def of_customer(
        self, customer_id: str, kind: Literal["view", "purchase"] | None = None, limit: int | None = None
    ) -> tuple[Interaction, ...]:
        """Return what the customer did, newest first, at most `limit` of it; of one kind when that is named."""
        newest = select(InteractionRow).where(InteractionRow.customer_id == customer_id)
        if kind is not None:
            newest = newest.where(InteractionRow.kind == kind)
        newest = newest.order_by(InteractionRow.at.desc(), InteractionRow.id.desc()).limit(limit)
        with transaction(self._engine) as session:
            return tuple(_from_row(row) for row in session.scalars(newest))


def _from_row(row: InteractionRow) -> Interaction:
    return Interaction.model_validate({name: getattr(row, name) for name in Interaction.model_fields})
