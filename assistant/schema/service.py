"""What the shop's people work with: tickets, policies, the audit, messages to the shop's own system."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from retrieval.schema import Value


class OutboxMessage(Value):
    """What the shop's own system has to be told of a change."""

    id: str = Field(description="The same whenever it is sent again: who got it once does nothing more.")
    type: str
    record_id: str
    data: dict[str, Any]
    at: datetime
    state: Literal["waiting", "sent", "confirmed", "refused", "dead"] = "waiting"
    attempts: int = 0
    next_at: datetime
    error: str | None = None


class TicketMessage(Value):
    """What a person of the shop, or the customer, wrote on a ticket."""

    sender: Literal["shop", "customer"]
    name: str | None = None
    text: str
    at: datetime


class Passage(Value):
    """A piece of the shop's policies, with where it stands."""

    source: str = Field(description="The policy's file stem, such as 'returns'.")
    title: str
    text: str


class Ticket(Value):
    """A conversation handed over to a human."""

    id: str
    conversation_id: str
    customer_id: str | None
    reason: str
    state: Literal["open", "taken", "closed"] = "open"
    opened_at: datetime
    ahead: int | None = Field(default=None, description="Open tickets before it; None once somebody has taken it.")
    taken_by: str | None = None
    summary: str = ""
    closed_at: datetime | None = None


class AuditRecord(Value):
    """One use of a tool on a customer's records."""

    at: datetime
    conversation_id: str
    customer_id: str | None = Field(description="Who asked, where that was known.")
    tool: str
    step: Literal["run", "propose", "apply"]
    arguments: dict[str, Any]
    refusal: str | None = Field(description="Why it was not allowed; None: it was.")
