"""A talk that was handed over: the customer sees how the ticket stands, reads the human, and may come back."""

from collections.abc import Generator

from assistant.errors import RecordsError
from assistant.schema import (
    Conversation,
    Event,
    HandOverChanged,
    Message,
    QuickRepliesOffered,
    Ticket,
    TicketMessage,
)
from assistant.shop.tickets import Tickets
from assistant.telling.phrases import phrase, phrase_list
from assistant.turns.turn import Turn, customer_texts


def look_at_ticket(tickets: Tickets, turn: Turn) -> Generator[Event, None, bool]:
    """Tell what is new of the talk's ticket; return whether the message was for the human who has taken it."""
    conversation = turn.conversation
    if conversation.ticket_id is None:
        return False
    ticket = _find(tickets, conversation.ticket_id)
    if ticket is None:
        return False
    yield from _news(tickets, turn, ticket)
    if ticket.state == "closed":
        conversation.ticket_id = None
        return False
    said = customer_texts(conversation)[-1]
    if _is_back(said, conversation.language):
        conversation.with_human = False
        yield turn.say(turn.gap() + phrase("back_again", conversation.language))
        yield turn.finished()
        return True
    tickets.hear(ticket.id, said)
    if ticket.state == "open" or not conversation.with_human:
        # Until somebody has time, and for who wishes it, the assistant goes on.
        return False
    yield turn.say(turn.gap() + phrase("passed_on", conversation.language, name=ticket.taken_by))
    yield QuickRepliesOffered(replies=phrase_list("with_human_replies", conversation.language))
    yield turn.finished()
    return True


def catch_up(tickets: Tickets, conversation: Conversation) -> tuple[Ticket, tuple[TicketMessage, ...]] | None:
    """Bring the record up to date between two turns, for a page that shows at once what a human writes.

    Return the ticket as it stands and what was written; None for a talk that isn't handed over.
    """
    ticket = _find(tickets, conversation.ticket_id) if conversation.ticket_id else None
    if ticket is None:
        return None
    written = tuple(message for message in tickets.messages(ticket.id) if message.sender == "shop")
    fresh, conversation.ticket_read = written[conversation.ticket_read :], len(written)
    for message in fresh:
        told = phrase("human_says", conversation.language, name=message.name, text=message.text)
        conversation.messages.append(Message(role="assistant", content=told))
    if ticket.state != conversation.ticket_state:
        conversation.ticket_state, conversation.with_human = ticket.state, ticket.state == "taken"
    if ticket.state == "closed":
        conversation.ticket_id = None
    return ticket, fresh


def _news(tickets: Tickets, turn: Turn, ticket: Ticket) -> Generator[Event, None, None]:
    """Tell once that the state has changed, and each thing that the human wrote."""
    conversation = turn.conversation
    language = conversation.language
    if ticket.state != conversation.ticket_state:
        conversation.ticket_state = ticket.state
        conversation.with_human = ticket.state == "taken"
        yield HandOverChanged(ticket=ticket)
        if ticket.state != "open":
            yield turn.say(
                turn.gap() + phrase(f"ticket_{ticket.state}", language, name=ticket.taken_by, ticket=ticket.id)
            )
    written = [message for message in tickets.messages(ticket.id) if message.sender == "shop"]
    for message in written[conversation.ticket_read :]:
        yield turn.say(turn.gap() + phrase("human_says", language, name=message.name, text=message.text))
    conversation.ticket_read = len(written)


def _find(tickets: Tickets, ticket_id: str) -> Ticket | None:
    try:
        return tickets.get(ticket_id)
    except RecordsError:
        return None


def _is_back(said: str, language: str) -> bool:
    plain = said.strip(" .!?。！？").casefold()
    return any(plain == form.casefold() for form in phrase_list("back_forms", language))
