"""A chat model behind an OpenAI-compatible server, such as vLLM or llama.cpp's."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from assistant.chat_models import ChatModelOptions, ToolChoice
from assistant.chat_models.tool_format import new_call_id, template_tools
from assistant.errors import ChatModelError
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.turns.turn_context import check_stopped, count_usage

_TIMEOUT = httpx.Timeout(120.0, connect=5.0)


def load_openai_compatible(options: ChatModelOptions) -> "OpenAICompatibleModel":
    """Return a client of the server in the settings. Nothing is sent before the first message."""
    if options.base_url is None or options.model is None:
        raise ChatModelError("Say which server and model: SHELFTALK_CHAT_MODEL_URL and SHELFTALK_CHAT_MODEL_NAME.")
    return OpenAICompatibleModel(
        options.base_url, options.model, options.api_key, options.max_tokens, options.temperature
    )


class OpenAICompatibleModel:
    """Streams from POST {base_url}/chat/completions."""

    tuned = False

    def __init__(self, base_url: str, name: str, api_key: str | None, max_tokens: int, temperature: float = 0) -> None:
        self.name = name
        self._max_tokens = max_tokens
        self._temperature = temperature
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(base_url=base_url.rstrip("/") + "/", headers=headers, timeout=_TIMEOUT)

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        """Yield text as it arrives, then the tool calls. Closing the iterator drops the connection, and so the work."""
        calls: dict[int, dict[str, str]] = {}
        for delta in self._deltas(self._body(messages, tools, tool_choice)):
            if text := delta.get("content"):
                yield text
            for part in delta.get("tool_calls") or ():
                _collect(calls, part)
        for call in calls.values():
            yield ToolCall(id=call["id"] or new_call_id(), name=call["name"], arguments=_arguments(call["arguments"]))

    def _body(self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [_wire(message) for message in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": self._temperature,
            "max_tokens": self._max_tokens,
        }
        return body | ({"tools": template_tools(tools), "tool_choice": tool_choice} if tools else {})

    def _deltas(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield each chunk's delta. Raises ChatModelError for whatever is not a stream of them."""
        try:
            with self._client.stream("POST", "chat/completions", json=body) as response:
                if response.is_error:
                    text = response.read().decode(errors="replace")[:300]
                    raise ChatModelError(f"The model server answered {response.status_code}: {text}")
                for line in response.iter_lines():
                    check_stopped()
                    data = line.removeprefix("data:").strip()
                    if not line.startswith("data:") or data == "[DONE]":
                        continue
                    chunk = json.loads(data)
                    if "error" in chunk:
                        raise ChatModelError(f"The model server answered: {chunk['error']}")
                    if usage := chunk.get("usage"):
                        count_usage(1, usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0))
                    yield from (choice["delta"] for choice in chunk.get("choices", ()))
        except httpx.HTTPError as error:
            raise ChatModelError(f"The model server {self._client.base_url} did not answer: {error}") from error
        except (json.JSONDecodeError, KeyError) as error:
            raise ChatModelError(f"The model server sent something else than a chat completion: {error}") from error


def _wire(message: Message) -> dict[str, Any]:
    wire: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
            }
            for call in message.tool_calls
        ]
    return wire | ({"tool_call_id": message.tool_call_id} if message.tool_call_id else {})


def _collect(calls: dict[int, dict[str, str]], part: dict[str, Any]) -> None:
    """Add a piece of a call to what came before of it."""
    call = calls.setdefault(part.get("index", 0), {"id": "", "name": "", "arguments": ""})
    function = part.get("function") or {}
    call["id"] = part.get("id") or call["id"]
    call["name"] += function.get("name") or ""
    call["arguments"] += function.get("arguments") or ""


def _arguments(text: str) -> dict[str, Any]:
    try:
        arguments = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        raise ChatModelError(f"The model server sent a broken tool call: {text[:120]!r}") from error
    if not isinstance(arguments, dict):
        raise ChatModelError(f"The model server sent a tool call without named arguments: {text[:120]!r}")
    return arguments
