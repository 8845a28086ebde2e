"""The shop's assistant as a chat model: what a client of OpenAI's chat completions sends and reads.

The whole talk comes with each request, so nothing is kept; products are told in words, since the format has no cards.
A change that waits for a yes is asked for in words too, and can't be carried out here: that needs a conversation.
"""

import json
import time
from collections.abc import AsyncIterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from assistant.schema import Conversation, Message, TextDelta
from ui.server.turns import LiveTurn


class CompletionMessage(BaseModel):
    """One message of the talk so far."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str = Field(max_length=4000)


class CompletionRequest(BaseModel):
    """The fields that mean something here; clients send many more, which are passed over."""

    model_config = ConfigDict(extra="ignore")

    messages: list[CompletionMessage] = Field(min_length=1, max_length=100)
    stream: StrictBool = False
    model: str = "shelftalk"


class CompletionProblem(BaseModel):
    """Why there is no completion, in the form of that interface."""

    error: dict[str, str]


def remember(conversation: Conversation, messages: list[CompletionMessage]) -> None:
    """Put what was said before into the conversation; what a client says in the system's name isn't."""
    conversation.messages += [
        Message(role="user" if message.role == "user" else "assistant", content=message.content)
        for message in messages
        if message.role in {"user", "assistant"}
    ]
    conversation.turns = sum(message.role == "user" for message in conversation.messages)


async def chunks(turn: LiveTurn, completion_id: str, model: str) -> AsyncIterator[str]:
    """Yield the turn's words as chunks of a stream, each a JSON document, and '[DONE]'."""
    yield _document("chat.completion.chunk", completion_id, model, delta={"role": "assistant", "content": ""})
    async for _, event in turn.read():
        if text := _words(event):
            yield _document("chat.completion.chunk", completion_id, model, delta={"content": text})
    yield _document("chat.completion.chunk", completion_id, model, delta={}, finish_reason="stop")
    yield "[DONE]"


async def whole(turn: LiveTurn, completion_id: str, model: str) -> dict[str, Any]:
    """Return the turn's words as one completion."""
    said = [_words(event) async for _, event in turn.read()]
    message = {"role": "assistant", "content": "".join(said)}
    answer: dict[str, Any] = json.loads(
        _document("chat.completion", completion_id, model, message=message, finish_reason="stop")
    )
    return answer


def _words(event: Any) -> str:
    if isinstance(event, TextDelta):
        return event.text
    return str(event.text) if event.type in {"turn_failed", "turn_refused"} else ""


def _document(kind: str, completion_id: str, model: str, finish_reason: str | None = None, **said: Any) -> str:
    choice = {"index": 0, **said, "finish_reason": finish_reason}
    document = {"id": completion_id, "object": kind, "created": int(time.time()), "model": model, "choices": [choice]}
    return json.dumps(document, ensure_ascii=False)
