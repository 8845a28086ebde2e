"""Hand-overs: who waits for a person, and what was said with whom since."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assistant.schema import Ticket, TicketMessage
from assistant.shop.talks import SaidLine
from ui.console.lists import ago, badge, item_html, nothing
from ui.gradio_markup import literal
from ui.texts import text


def tickets_html(
    tickets: Sequence[Ticket], names: Mapping[str, str], chosen: str | None, language: str, now: datetime | None = None
) -> str:
    """Return the hand-overs that nobody has closed, longest waiting first; `names` are the customers', by id."""
    if not tickets:
        return nothing(text("no_tickets", language), text("no_tickets_hint", language))
    items = "".join(
        item_html(
            "ticket", ticket.id, ticket.id == chosen, names.get(ticket.customer_id or "") or text("guest", language),
            ago(ticket.opened_at, language, now), ticket.reason, _state(ticket, language),
        )
        for ticket in tickets
    )  # fmt: skip
    return f'<ul class="sc-list" aria-label="{text("tab_desk", language)}">{items}</ul>'


def ticket_html(ticket: Ticket, language: str) -> str:
    """Return what one should know before answering."""
    return (
        f'<div class="sc-ticket"><h2>{literal(ticket.id)}</h2>{_state(ticket, language)}'
        f"<p>{literal(ticket.reason)}</p></div>"
    )


def lines_of(written: Sequence[TicketMessage]) -> list[SaidLine]:
    """Return what was written since the hand-over, as the lines of a talk.

    What the customer wrote is in the conversation as well, in its place; so only a person's words are added.
    """
    return [SaidLine(role="human", text=message.text, at=message.at) for message in written if message.sender == "shop"]


def _state(ticket: Ticket, language: str) -> str:
    if ticket.state == "taken":
        return f'<span class="sc-badges">{badge(text("taken_by", language, who=ticket.taken_by or "?"))}</span>'
    return f'<span class="sc-badges">{badge(text("ticket_open", language), "sc-warn")}</span>'
