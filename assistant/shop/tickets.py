"""Conversations that wait for a human."""

from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy import Engine, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assistant.errors import RecordsError
from assistant.schema import Message, Ticket
from assistant.shop.sessions import Clock, transaction, utc_now
from assistant.shop.tables import TicketRow

_MESSAGES = TypeAdapter(tuple[Message, ...])
_FIRST = 1000


class Tickets:
    """The hand-overs in the shop's records. A ticket's id is a 'T' and a number that grows."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def open(
        self, conversation_id: str, customer_id: str | None, reason: str, transcript: Sequence[Message] = ()
    ) -> Ticket:
        """Hand a conversation over and return its ticket.

        A conversation whose ticket is still open keeps that one, with the newer transcript: asking twice for a human
        must not make two people answer.
        """
        said = _MESSAGES.dump_python(tuple(transcript), mode="json")
        values = {
            "conversation_id": conversation_id,
            "customer_id": customer_id,
            "reason": reason,
            "state": "open",
            "opened_at": self._clock(),
            "transcript": said,
        }
        # One statement, so that of two turns at once the second finds the first's ticket.
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        opened = (
            insert(TicketRow)
            .values(values)
            .on_conflict_do_update(
                index_elements=[TicketRow.conversation_id],
                index_where=text("state != 'closed'"),
                set_={"transcript": said},
            )
            .returning(TicketRow.number)
        )
        with transaction(self._engine) as session:
            return _from_row(session.get_one(TicketRow, session.scalars(opened).one()))

    def get(self, ticket_id: str) -> Ticket:
        """Return the ticket; an unknown id is a RecordsError."""
        with transaction(self._engine) as session:
            return _from_row(_row(session, ticket_id))

    def transcript(self, ticket_id: str) -> tuple[Message, ...]:
        """Return what was said before the hand-over; an unknown id is a RecordsError."""
        with transaction(self._engine) as session:
            return _MESSAGES.validate_python(_row(session, ticket_id).transcript)

    def waiting(self) -> tuple[Ticket, ...]:
        """Return the tickets that nobody has taken, oldest first."""
        oldest = select(TicketRow).where(TicketRow.state == "open").order_by(TicketRow.number)
        with transaction(self._engine) as session:
            return tuple(_from_row(row) for row in session.scalars(oldest))


def _row(session: Session, ticket_id: str) -> TicketRow:
    number = ticket_id.removeprefix("T")
    row = session.get(TicketRow, int(number) - _FIRST) if number.isascii() and number.isdigit() else None
    if row is None:
        raise RecordsError(f"No ticket has the id '{ticket_id}'. List the waiting tickets.")
    return row


def _from_row(row: TicketRow) -> Ticket:
    plain = ("conversation_id", "customer_id", "reason", "state", "opened_at")
    return Ticket.model_validate({"id": f"T{_FIRST + row.number}"} | {name: getattr(row, name) for name in plain})
