"""The conversations as the shop's people see them: all of them, newest first, with what may need a look."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import Engine, Row, func, select

from assistant.errors import RecordsError
from assistant.schema import Value
from assistant.shop.conversations import from_json
from assistant.shop.sessions import transaction
from assistant.shop.tables import ConversationRow, CustomerRow, FeedbackRow, TicketRow, TraceRow
from assistant.shop.traces import Trace


class TalkSummary(Value):
    """A conversation in one line."""

    id: str
    customer: str | None = Field(description="The customer's name; None: a guest.")
    at: datetime = Field(description="When something was said last.")
    said: str = Field(description="The last words of the customer's.")
    turns: int
    held_back: int
    failed: bool = Field(description="Whether the last turn failed.")
    downs: int
    ticket: str | None = Field(default=None, description="The state of its hand-over, where it is not closed.")


class SaidLine(Value):
    """What was said, by whom."""

    role: str
    text: str
    at: datetime | None = None


class Talks:
    """The conversations in the shop's records, for its own people: nobody else may read these."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self, limit: int = 40) -> tuple[TalkSummary, ...]:
        """Return the conversations in which something was said last."""
        traced = (
            select(
                TraceRow.conversation_id,
                func.max(TraceRow.at).label("at"),
                func.count().label("turns"),
                func.sum(TraceRow.held_back).label("held_back"),
            )
            .group_by(TraceRow.conversation_id)
            .subquery()
        )
        thumbs = (
            select(FeedbackRow.conversation_id, func.count().label("downs"))
            .where(FeedbackRow.rating == "down")
            .group_by(FeedbackRow.conversation_id)
            .subquery()
        )
        newest = (
            select(traced, CustomerRow.name, thumbs.c.downs, TicketRow.state, TraceRow.document)
            .select_from(ConversationRow)
            .join(traced, traced.c.conversation_id == ConversationRow.id)
            .join(TraceRow, (TraceRow.conversation_id == ConversationRow.id) & (TraceRow.at == traced.c.at))
            .join(CustomerRow, CustomerRow.id == ConversationRow.customer_id, isouter=True)
            .join(thumbs, thumbs.c.conversation_id == ConversationRow.id, isouter=True)
            .join(
                TicketRow,
                (TicketRow.conversation_id == ConversationRow.id) & (TicketRow.state != "closed"),
                isouter=True,
            )
            .order_by(traced.c.at.desc())
            .limit(limit)
        )
        with transaction(self._engine) as session:
            return tuple(_summary(row) for row in session.execute(newest))

    def said(self, conversation_id: str) -> Sequence[SaidLine]:
        """Return what both sides said, as far as the conversation's record goes; nothing for an unknown one."""
        with transaction(self._engine) as session:
            row = session.get(ConversationRow, conversation_id)
            if row is None:
                return ()
            document = row.document
        try:
            messages = from_json(document).messages
        except ValueError as error:
            raise RecordsError(f"The record of conversation '{conversation_id}' cannot be read: {error}.") from error
        return tuple(
            SaidLine(role=message.role, text=message.content)
            for message in messages
            if message.role in ("user", "assistant") and message.content
        )

    def customer_of(self, conversation_id: str) -> str | None:
        """Return the id of the customer whose conversation it is, where that is known."""
        with transaction(self._engine) as session:
            row = session.get(ConversationRow, conversation_id)
            return row.customer_id if row else None


def _summary(row: Row[Any]) -> TalkSummary:
    last = Trace.model_validate_json(row.document)
    return TalkSummary(
        id=row.conversation_id,
        customer=row.name,
        at=row.at,
        said=last.said,
        turns=row.turns,
        held_back=row.held_back,
        failed=last.ended == "turn_failed",
        downs=row.downs or 0,
        ticket=row.state,
    )
