"""Whether a customer lets the shop keep and use what they do, and what they said they like."""

from collections.abc import Set

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from assistant.schema import Preference
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import ConsentRow, InteractionRow, PreferenceRow


class Consents:
    """The customers' word on their history. Who has said nothing is taken as the shop's settings say."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def set(self, customer_id: str, history: bool) -> None:
        """Keep a customer's word. A no takes the events and preferences that were kept with it."""
        with writing(self._engine) as session:
            session.merge(ConsentRow(customer_id=customer_id, history=history, at=self._clock()))
            if not history:
                session.execute(delete(InteractionRow).where(InteractionRow.customer_id == customer_id))
                session.execute(delete(PreferenceRow).where(PreferenceRow.customer_id == customer_id))

    def of(self, customer_id: str) -> bool | None:
        """Return what the customer said; None: nothing yet."""
        with transaction(self._engine) as session:
            row = session.get(ConsentRow, customer_id)
            return None if row is None else row.history


class Preferences:
    """What customers said they like and dislike."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def set(self, customer_id: str, subject: str, liked: bool) -> bool:
        """Keep a preference in the place of an earlier one on the subject; return whether it was kept.

        It isn't for a customer who doesn't let the shop keep what they do.
        """
        with writing(self._engine) as session:
            if refused(session, {customer_id}):
                return False
            session.merge(PreferenceRow(customer_id=customer_id, subject=subject, liked=liked, at=self._clock()))
        return True

    def of(self, customer_id: str) -> tuple[Preference, ...]:
        """Return what the customer said, newest first."""
        rows = select(PreferenceRow).where(PreferenceRow.customer_id == customer_id)
        with transaction(self._engine) as session:
            return tuple(
                Preference(subject=row.subject, liked=row.liked)
                for row in session.scalars(rows.order_by(PreferenceRow.at.desc(), PreferenceRow.subject))
            )


def refused(session: Session, customer_ids: Set[str]) -> set[str]:
    """Return those of the customers who said no to keeping what they do."""
    said = select(ConsentRow.customer_id).where(ConsentRow.history.is_(False))
    ids = sorted(customer_ids)
    return {
        customer_id
        for start in range(0, len(ids), 500)
        for customer_id in session.scalars(said.where(ConsentRow.customer_id.in_(ids[start : start + 500])))
    }
