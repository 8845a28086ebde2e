"""Thumbs up and down for single replies, with a word of why."""

from typing import Literal

from sqlalchemy import Engine, delete, select

from assistant.schema import Value
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import FeedbackRow

Rating = Literal["up", "down"]


class FeedbackEntry(Value):
    """What a shopper thought of a turn, counted from 1 in its conversation."""

    conversation_id: str
    turn: int
    rating: Rating
    comment: str = ""
    customer_id: str | None = None


class Feedback:
    """The thumbs in the shop's records, one a turn: the last word counts."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def give(self, entry: FeedbackEntry) -> None:
        """Keep what was thought of a turn, in the place of what was thought before."""
        with writing(self._engine) as session:
            session.merge(FeedbackRow(**entry.model_dump(), at=self._clock()))

    def take_back(self, conversation_id: str, turn: int) -> None:
        """Forget what was thought of a turn; nothing happens where nobody had said."""
        with writing(self._engine) as session:
            session.execute(
                delete(FeedbackRow).where(FeedbackRow.conversation_id == conversation_id, FeedbackRow.turn == turn)
            )

    def list(self) -> list[FeedbackEntry]:
        """Return all, newest first."""
        with transaction(self._engine) as session:
            rows = session.scalars(select(FeedbackRow).order_by(FeedbackRow.at.desc())).all()
            return [
                FeedbackEntry(
                    conversation_id=row.conversation_id,
                    turn=row.turn,
                    rating="up" if row.rating == "up" else "down",
                    comment=row.comment,
                    customer_id=row.customer_id,
                )
                for row in rows
            ]
