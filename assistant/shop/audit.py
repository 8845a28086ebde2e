"""Who looked at or changed what of a customer's, and what was refused: written with every such use of a tool."""

from typing import Any

from sqlalchemy import Engine, select

from assistant.schema import AuditRecord
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import AuditRow


class Audit:
    """The audit records. They are only ever added to."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add(
        self,
        tool: str,
        step: str,
        arguments: dict[str, Any],
        conversation_id: str,
        customer_id: str | None,
        refusal: str | None = None,
    ) -> None:
        """Write down one use of a tool; `refusal` says why it was not allowed, None that it was."""
        with writing(self._engine) as session:
            session.add(
                AuditRow(
                    at=self._clock(),
                    conversation_id=conversation_id,
                    customer_id=customer_id,
                    tool=tool,
                    step=step,
                    arguments=arguments,
                    refusal=refusal,
                )
            )

    def list(self, customer_id: str | None = None, limit: int = 100) -> tuple[AuditRecord, ...]:
        """Return what was done, newest first, at most `limit` of it; of one customer's conversations where named."""
        newest = select(AuditRow).order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(limit)
        if customer_id is not None:
            newest = newest.where(AuditRow.customer_id == customer_id)
        with transaction(self._engine) as session:
            return tuple(
                AuditRecord.model_validate({name: getattr(row, name) for name in AuditRecord.model_fields})
                for row in session.scalars(newest)
            )
