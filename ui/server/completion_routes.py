"""The assistant as a chat model: POST /v1/chat/completions."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import JSONResponse, StreamingResponse

from assistant.schema import Conversation, TurnRefused
from ui.server.completions import CompletionProblem, CompletionRequest, chunks, remember, whole
from ui.server.service import CallerHere, ServiceHere
from ui.server.turns import LiveTurn

router = APIRouter(tags=["completions"])


def _turn(
    body: CompletionRequest, service: ServiceHere, caller: CallerHere
) -> tuple[CompletionRequest, Conversation, LiveTurn | TurnRefused]:
    *before, last = body.messages
    if last.role != "user":
        raise HTTPException(422, "The last message must be the user's.")
    conversation = service.shop.start_conversation(caller.customer_id)
    remember(conversation, before)
    events = service.shop.agent.reply(conversation, last.content)
    return body, conversation, service.begin(conversation, caller, events, uuid4().hex, last.content, kept=False)


@router.post(
    "/chat/completions",
    response_model=None,
    responses={
        200: {"content": {"application/json": {}, "text/event-stream": {}}},
        429: {"content": {"application/json": {"schema": CompletionProblem.model_json_schema()}}},
    },
)
async def completions(
    begun: Annotated[tuple[CompletionRequest, Conversation, LiveTurn | TurnRefused], Depends(_turn)],
) -> StreamingResponse | JSONResponse:
    """Answer as OpenAI's chat completions do, streamed or whole."""
    body, conversation, turn = begun
    if isinstance(turn, TurnRefused):
        headers = {"Retry-After": str(turn.retry_after)} if turn.retry_after else None
        return JSONResponse({"error": {"message": turn.text, "type": turn.reason}}, status_code=429, headers=headers)
    if not body.stream:
        return JSONResponse(await whole(turn, conversation.id, body.model))
    documents = (f"data: {chunk}\n\n" async for chunk in chunks(turn, conversation.id, body.model))
    return StreamingResponse(documents, media_type="text/event-stream")
