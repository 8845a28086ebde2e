"""Taking turns: what is said, what is confirmed, what is stopped, and the way back to a dropped line."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from assistant.schema import TurnRefused
from ui.server.bodies import ChatRequest, ConfirmRequest, Id
from ui.server.service import CallerHere, ServiceHere
from ui.server.streams import streamed
from ui.server.turns import LiveTurn

router = APIRouter(tags=["talk"])


# What a turn needs is found before the stream begins: an error is then a status, not a broken stream.
def _chat_turn(body: ChatRequest, service: ServiceHere, caller: CallerHere) -> LiveTurn | TurnRefused:
    conversation = service.open_conversation(body.conversation_id, caller)
    trace_id = uuid4().hex
    events = service.shop.reply(conversation, body.message, "http", caller.visitor_id, trace_id, body.page)
    return service.begin(conversation, caller, events, trace_id, body.message)


def _confirm_turn(body: ConfirmRequest, service: ServiceHere, caller: CallerHere) -> LiveTurn | TurnRefused:
    conversation = service.conversation(body.conversation_id, caller)
    trace_id = uuid4().hex
    events = service.shop.confirm(conversation, body.proposal_id, body.accepted, "http", caller.visitor_id, trace_id)
    return service.begin(conversation, caller, events, trace_id)


def _last_turn(conversation_id: Id, service: ServiceHere, caller: CallerHere) -> LiveTurn:
    return service.last_turn(conversation_id, caller)


@router.post("/chat", response_class=EventSourceResponse)
async def chat(turn: Annotated[LiveTurn | TurnRefused, Depends(_chat_turn)]) -> AsyncIterator[ServerSentEvent]:
    """Say something; the turn's events follow, the last of them ends it."""
    async for event in streamed(turn):
        yield event


@router.post("/confirm", response_class=EventSourceResponse)
async def confirm(turn: Annotated[LiveTurn | TurnRefused, Depends(_confirm_turn)]) -> AsyncIterator[ServerSentEvent]:
    """Answer a proposal; the turn's events follow."""
    async for event in streamed(turn):
        yield event


@router.get("/conversations/{conversation_id}/events", response_class=EventSourceResponse)
async def missed_events(
    turn: Annotated[LiveTurn, Depends(_last_turn)],
    last_event_id: Annotated[int, Header(ge=0, le=1_000_000)] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """Follow the last turn from the event behind Last-Event-ID, after a dropped line."""
    async for event in streamed(turn, last_event_id):
        yield event


@router.delete("/conversations/{conversation_id}/turn", status_code=204)
def stop(turn: Annotated[LiveTurn, Depends(_last_turn)]) -> None:
    """Stop the turn under way, and the model with it. Where it is over already, nothing happens."""
    turn.stop()
