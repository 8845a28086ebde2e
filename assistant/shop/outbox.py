"""What the shop's own system has to be told: written in the transaction of the change, sent until it arrives.

Every message has an id that stays the same however often it is sent, so that whoever gets it twice does it once.
"""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from assistant.errors import RecordsError
from assistant.schema import OutboxMessage
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import OutboxRow

MOST_ATTEMPTS = 12
"""Attempts after which a message is dead: the last one about a day and a half after the first."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=6)
_LEASE = timedelta(seconds=60)
"""How long a process that took messages to send them keeps others from doing so."""
_OPEN = ("waiting", "sent", "dead")


class Outbox:
    """The messages in the shop's records. Where nobody is to be told, none are written."""

    def __init__(self, engine: Engine, told: bool = False, clock: Clock = utc_now) -> None:
        """`told` says that the shop's own system is to be told of changes."""
        self._engine = engine
        self.told = told
        self._clock = clock

    def write(self, session: Session, key: str, kind: str, record_id: str, data: dict[str, Any]) -> None:
        """Put a message into the transaction of the change that it tells of; the same key writes it once."""
        message_id = f"msg_{key}"
        if not self.told or session.get(OutboxRow, message_id) is not None:
            return
        now = self._clock()
        session.add(
            OutboxRow(
                id=message_id,
                type=kind,
                record_id=record_id,
                data=data,
                at=now,
                state="waiting",
                attempts=0,
                next_at=now,
            )
        )

    def take_due(self, most: int = 20) -> tuple[OutboxMessage, ...]:
        """Return messages that are to be sent now, oldest first, and keep them from others for a minute."""
        now = self._clock()
        due = select(OutboxRow).where(OutboxRow.state == "waiting", OutboxRow.next_at <= now)
        due = due.order_by(OutboxRow.at, OutboxRow.id).limit(most)
        # A look first: mostly nothing is due, and nobody has to wait for that.
        with transaction(self._engine) as session:
            if session.scalar(due.with_only_columns(OutboxRow.id).limit(1)) is None:
                return ()
        due = due.with_for_update(skip_locked=True)
        with writing(self._engine) as session:
            taken = []
            for row in session.scalars(due).all():
                # SQLite locks no rows: whoever changes `next_at` first has the message.
                mine = session.execute(
                    update(OutboxRow)
                    .where(OutboxRow.id == row.id, OutboxRow.next_at == row.next_at, OutboxRow.state == "waiting")
                    .values(next_at=now + _LEASE)
                    .returning(OutboxRow.id)
                ).all()
                taken += [_from_row(row)] if mine else []
            return tuple(taken)

    def delivered(self, message_id: str) -> None:
        """Note that a message has arrived."""
        with writing(self._engine) as session:
            row = _row(session, message_id)
            if row.state in ("waiting", "dead"):
                row.state, row.error = "sent", None
            row.attempts += 1

    def failed(self, message_id: str, error: str) -> None:
        """Note that a message did not arrive: it is sent again later, and after too many attempts no more."""
        with writing(self._engine) as session:
            row = _row(session, message_id)
            if row.state != "waiting":
                return
            row.attempts += 1
            row.error = error
            row.next_at = self._clock() + wait_after(row.attempts)
            row.state = "dead" if row.attempts >= MOST_ATTEMPTS else "waiting"

    def settle(
        self, session: Session, message_id: str, confirmed: bool, why: str | None = None
    ) -> OutboxMessage | None:
        """Note, in a transaction, what the shop's own system said to a message; None where there is no such one."""
        row = session.get(OutboxRow, message_id)
        if row is None:
            return None
        row.state, row.error = ("confirmed", None) if confirmed else ("refused", why)
        return _from_row(row)

    def resend(self, *message_ids: str) -> int:
        """Let messages be sent at once and from the first attempt on; without ids, all dead ones. Return how many."""
        with writing(self._engine) as session:
            rows = (
                [_row(session, message_id) for message_id in message_ids]
                if message_ids
                else session.scalars(select(OutboxRow).where(OutboxRow.state == "dead")).all()
            )
            for row in rows:
                row.state, row.attempts, row.next_at, row.error = "waiting", 0, self._clock(), None
            return len(rows)

    def unconfirmed(self, record_id: str) -> tuple[str, ...]:
        """Return the types of the changes of a record that the shop's own system hasn't confirmed, oldest first."""
        if not self.told:
            return ()
        open_ones = select(OutboxRow.type).where(OutboxRow.record_id == record_id, OutboxRow.state.in_(_OPEN))
        with transaction(self._engine) as session:
            return tuple(session.scalars(open_ones.order_by(OutboxRow.at)))

    def list(self, states: Sequence[str] = (), limit: int = 100) -> tuple[OutboxMessage, ...]:
        """Return messages, newest first; of these states where some are named."""
        newest = select(OutboxRow).order_by(OutboxRow.at.desc(), OutboxRow.id).limit(limit)
        if states:
            newest = newest.where(OutboxRow.state.in_(states))
        with transaction(self._engine) as session:
            return tuple(_from_row(row) for row in session.scalars(newest))


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: twice as long each time, and not all at the same moment."""
    doubled: int = 2 ** min(attempts - 1, 20)
    return min(_LONGEST_WAIT, _FIRST_WAIT * doubled) * (1 + random.random() / 4)


def _row(session: Session, message_id: str) -> OutboxRow:
    row = session.get(OutboxRow, message_id)
    if row is None:
        raise RecordsError(f"No message has the id '{message_id}'. See: shelftalk outbox")
    return row


def _from_row(row: OutboxRow) -> OutboxMessage:
    return OutboxMessage.model_validate({name: getattr(row, name) for name in OutboxMessage.model_fields})
