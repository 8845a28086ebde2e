"""Conversations, kept whole so that a talk goes on after a restart, also in the middle of a confirmation."""

from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine

from assistant.errors import RecordsError
from assistant.schema import Conversation
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import ConversationRow

_CONVERSATION = TypeAdapter(Conversation)
_PROVEN_FOR = timedelta(hours=12)
"""How long a guest who proved who they are goes on by the visitor id alone: others may use the same browser."""


def to_json(conversation: Conversation) -> str:
    """Write a conversation as one JSON document, nothing left out."""
    return _CONVERSATION.dump_json(conversation).decode()


def from_json(document: str) -> Conversation:
    """Read what `to_json` wrote; anything else is a pydantic ValidationError."""
    return _CONVERSATION.validate_json(document)


class Conversations:
    """The talks in the shop's records, each visible to the customer it is of."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def save(self, conversation: Conversation) -> None:
        """Write the conversation as it is now, in the place of what was there."""
        row = ConversationRow(
            id=conversation.id,
            customer_id=conversation.customer_id,
            visitor_id=conversation.visitor_id,
            saved_at=self._clock(),
            document=to_json(conversation),
        )
        with writing(self._engine) as session:
            session.merge(row)

    def load(self, conversation_id: str, customer_id: str | None, visitor_id: str | None = None) -> Conversation | None:
        """Return the conversation, or None when there is none or it is somebody else's.

        One that a visitor began goes on with that visitor alone, also once they have proven in the talk who they are,
        but then no longer than 12 hours after the last word. One without a customer and a visitor goes to whoever knows
        its id. A document that can't be read is a RecordsError.
        """
        with transaction(self._engine) as session:
            row = session.get(ConversationRow, conversation_id)
            if row is None or not self._may_open(row, customer_id, visitor_id):
                return None
            document = row.document
        try:
            return from_json(document)
        except ValidationError as error:
            raise RecordsError(
                f"The record of conversation '{conversation_id}' cannot be read: {error.errors()[0]['msg']}. "
                "Remove it from the table 'conversations'; the customer can start a new one."
            ) from error

    def _may_open(self, row: ConversationRow, customer_id: str | None, visitor_id: str | None) -> bool:
        if row.customer_id is not None and row.customer_id == customer_id:
            return True
        if row.visitor_id is None:
            return row.customer_id is None
        fresh = row.customer_id is None or (customer_id is None and self._clock() - row.saved_at < _PROVEN_FOR)
        return row.visitor_id == visitor_id and fresh
