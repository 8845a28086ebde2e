"""Conversations that wait for a human, are taken by one, and are closed; and what is written to the customer."""

from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assistant.errors import RecordsError
from assistant.schema import Message, Ticket, TicketMessage
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import TicketMessageRow, TicketRow

_MESSAGES = TypeAdapter(tuple[Message, ...])
_FIRST = 1000


class Tickets:
    """The hand-overs in the shop's records. A ticket's id is a 'T' and a number that grows.

    What changes a ticket returns it as it is then. An unknown id is a RecordsError, and so is a ticket that is in no
    state for it.
    """

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def open(
        self,
        conversation_id: str,
        customer_id: str | None,
        reason: str,
        transcript: Sequence[Message] = (),
        summary: str = "",
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
            "summary": summary,
        }
        # One statement, so that of two turns at once the second finds the first's ticket.
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        opened = (
            insert(TicketRow)
            .values(values)
            .on_conflict_do_update(
                index_elements=[TicketRow.conversation_id],
                index_where=text("state != 'closed'"),
                set_={"transcript": said, "summary": summary},
            )
            .returning(TicketRow.number)
        )
        with writing(self._engine) as session:
            return _from_row(session, session.get_one(TicketRow, session.scalars(opened).one()))

    def get(self, ticket_id: str) -> Ticket:
        """Return the ticket."""
        with transaction(self._engine) as session:
            return _from_row(session, _row(session, ticket_id))

    def of_conversation(self, conversation_id: str) -> Ticket | None:
        """Return the newest ticket of a conversation, None where there is none."""
        newest = select(TicketRow).where(TicketRow.conversation_id == conversation_id)
        with transaction(self._engine) as session:
            row = session.scalar(newest.order_by(TicketRow.number.desc()).limit(1))
            return None if row is None else _from_row(session, row)

    def transcript(self, ticket_id: str) -> tuple[Message, ...]:
        """Return what was said before the hand-over."""
        with transaction(self._engine) as session:
            return _MESSAGES.validate_python(_row(session, ticket_id).transcript)

    def messages(self, ticket_id: str) -> tuple[TicketMessage, ...]:
        """Return what the shop's people and the customer wrote since the hand-over, oldest first."""
        with transaction(self._engine) as session:
            number = _row(session, ticket_id).number
            rows = session.scalars(
                select(TicketMessageRow).where(TicketMessageRow.ticket == number).order_by(TicketMessageRow.id)
            )
            plain = ("sender", "name", "text", "at")
            return tuple(TicketMessage.model_validate({name: getattr(row, name) for name in plain}) for row in rows)

    def waiting(self) -> tuple[Ticket, ...]:
        """Return the tickets that nobody has taken, oldest first."""
        return self._in_states("open")

    def in_hand(self) -> tuple[Ticket, ...]:
        """Return the tickets that somebody has taken and not closed, oldest first."""
        return self._in_states("taken")

    def take(self, ticket_id: str, who: str) -> Ticket:
        """Let a person of the shop take the ticket; one that another person has is a RecordsError."""
        with writing(self._engine) as session:
            row = _locked(session, ticket_id)
            if row.state == "closed" or (row.state == "taken" and row.taken_by != who):
                raise RecordsError(
                    f"Ticket {ticket_id} is {row.state}" + (f" by {row.taken_by}." if row.taken_by else ".")
                )
            row.state, row.taken_by = "taken", who
            session.flush()
            return _from_row(session, row)

    def answer(self, ticket_id: str, text_: str) -> Ticket:
        """Write to the customer, in the name of who has taken the ticket."""
        return self._write(ticket_id, "shop", text_)

    def hear(self, ticket_id: str, text_: str) -> Ticket:
        """Put what the customer wrote on the ticket."""
        return self._write(ticket_id, "customer", text_)

    def close(self, ticket_id: str) -> Ticket:
        """Say that the ticket is done with; twice is the same as once."""
        with writing(self._engine) as session:
            row = _locked(session, ticket_id)
            if row.state != "closed":
                row.state, row.closed_at = "closed", self._clock()
                session.flush()
            return _from_row(session, row)

    def _write(self, ticket_id: str, sender: str, text_: str) -> Ticket:
        if not text_.strip():
            raise RecordsError("An empty message is none. Write some words.")
        with writing(self._engine) as session:
            row = _locked(session, ticket_id)
            if row.state == "closed":
                raise RecordsError(f"Ticket {ticket_id} is closed: the customer reads nothing there any more.")
            name = row.taken_by if sender == "shop" else None
            if sender == "shop" and name is None:
                raise RecordsError(f"Nobody has taken ticket {ticket_id}. Take it first.")
            session.add(
                TicketMessageRow(ticket=row.number, sender=sender, name=name, text=text_.strip(), at=self._clock())
            )
            return _from_row(session, row)

    def _in_states(self, *states: str) -> tuple[Ticket, ...]:
        oldest = select(TicketRow).where(TicketRow.state.in_(states)).order_by(TicketRow.number)
        with transaction(self._engine) as session:
            return tuple(_from_row(session, row) for row in session.scalars(oldest).all())


def _number(ticket_id: str) -> int | None:
    number = ticket_id.removeprefix("T")
    return int(number) - _FIRST if number.isascii() and number.isdigit() else None


def _row(session: Session, ticket_id: str, lock: bool = False) -> TicketRow:
    number = _number(ticket_id)
    row = None if number is None else session.get(TicketRow, number, with_for_update=lock or None)
    if row is None:
        raise RecordsError(f"No ticket has the id '{ticket_id}'. List the waiting tickets.")
    return row


def _locked(session: Session, ticket_id: str) -> TicketRow:
    return _row(session, ticket_id, lock=True)


def _from_row(session: Session, row: TicketRow) -> Ticket:
    plain = ("conversation_id", "customer_id", "reason", "state", "opened_at", "taken_by", "summary", "closed_at")
    ahead = None
    if row.state == "open":
        before = select(func.count()).where(TicketRow.state == "open", TicketRow.number < row.number)
        ahead = session.scalar(before) or 0
    values = {name: getattr(row, name) for name in plain}
    return Ticket.model_validate({"id": f"T{_FIRST + row.number}", "ahead": ahead} | values)
