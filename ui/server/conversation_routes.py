"""Conversations as a page needs them: who the visitor is, what was said, and what was thought of it."""

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException

from assistant.schema import ProductCard
from assistant.shop.feedback import FeedbackEntry
from assistant.telling.phrases import phrase
from ui.server.bodies import ConversationView, FeedbackRequest, Id, Languages, SaidMessage, TicketView, VisitorView
from ui.server.service import CallerHere, ServiceHere

router = APIRouter(tags=["conversations"])


@router.get("/visitor")
def visitor(service: ServiceHere, caller: CallerHere, language: Languages = "en") -> VisitorView:
    """Give a visitor a signed id, or a known visitor the same one with a later end; and what to say first."""
    if caller.visitor_id is None and (wait := service.limits.wait_for_visitor(caller)):
        raise HTTPException(429, "That were many new visitors from one address.", {"Retry-After": str(wait)})
    return VisitorView(
        visitor_id=service.callers.visitors.issue(caller.visitor_id),
        disclosure=phrase("disclosure", language),
        shop_name=service.shop.settings.shop_name,
        languages=["en", "zh"],
    )


@router.delete("/session", status_code=204)
def sign_out(service: ServiceHere, authorization: Annotated[str | None, Header(max_length=8192)] = None) -> None:
    """Give the customer's token up: whoever has a copy of it can do nothing with it any more."""
    service.callers.sign_out(authorization)


@router.get("/conversations/{conversation_id}")
def conversation(conversation_id: Id, service: ServiceHere, caller: CallerHere) -> ConversationView:
    """Return what was said, what is on the screen and what waits for a yes."""
    found = service.conversation(conversation_id, caller)
    said = [
        SaidMessage(role="user" if message.role == "user" else "assistant", text=message.content)
        for message in found.messages
        if message.role in {"user", "assistant"} and message.content
    ]
    tickets = service.shop.records.tickets
    ticket = tickets.get(found.ticket_id) if found.ticket_id else None
    if ticket is not None:
        written = [message for message in tickets.messages(ticket.id) if message.sender == "shop"]
        news = written[found.ticket_read :]
        said += [SaidMessage(role="human", text=message.text, name=message.name) for message in news]
    return ConversationView(
        id=found.id,
        language=found.language,
        messages=said,
        products=[ProductCard.of(product, found.language) for product in found.shown],
        pending=found.pending,
        ticket_id=found.ticket_id,
        ticket=TicketView.model_validate(ticket, from_attributes=True) if ticket else None,
    )


@router.post("/feedback", status_code=204)
def feedback(body: FeedbackRequest, service: ServiceHere, caller: CallerHere) -> None:
    """Keep a thumb up or down; a second one for the same turn takes its place."""
    found = service.conversation(body.conversation_id, caller)
    if body.turn > found.turns:
        raise HTTPException(422, f"The conversation has {found.turns} turns.")
    service.shop.records.feedback.give(FeedbackEntry(**body.model_dump(), customer_id=found.customer_id))
