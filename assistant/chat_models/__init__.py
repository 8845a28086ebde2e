"""Chat models by name. A new one is a file with a class that streams, and an entry here."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from assistant.errors import SettingsError
from assistant.schema import Message, ToolCall, ToolSpec, Value
from retrieval.errors import UnknownName
from retrieval.registry import load_entry

ToolChoice = Literal["auto", "none", "required"]
DEFAULT_MODEL = "qwen2.5-coder-0.5b-instruct"
"""The embedded model, a name in weights.toml."""

# Loaded when asked for, so that nobody waits for, or needs, the libraries of another.
CHAT_MODELS = {
    "embedded": "assistant.chat_models.embedded:load_embedded",
    "local": "assistant.chat_models.local:load_local",
    "openai_compatible": "assistant.chat_models.openai_compatible:load_openai_compatible",
    "scripted": "assistant.chat_models.scripted:load_silent",
}


class ChatModelOptions(Value):
    """What a chat model is loaded from and limited by. Each model takes what concerns it."""

    models: Path
    model: str | None = None
    adapter: Path | None = None
    base_url: str | None = None
    api_key: str | None = None
    max_tokens: int = 220
    temperature: float = 0


class ChatModel(Protocol):
    """Continues a record of messages with words or with tool calls.

    `tuned`: it was trained for the fixed prompt, so it needs no examples and reads the whole talk at every step.
    """

    name: str
    tuned: bool

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        """Yield pieces of text, or tool calls whose arguments fit their schema.

        Closing the iterator stops the generation. Raises ChatModelError when the model does not answer.
        """
        ...


@runtime_checkable
class ReadsAhead(Protocol):
    """A chat model that keeps what it has read, so that the next answer begins sooner."""

    def read_ahead(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> None:
        """Read what the customer's next message will stand behind, while nobody waits; return at once."""
        ...


def load_chat_model(name: str, options: ChatModelOptions) -> ChatModel:
    """Return the chat model called `name`. Raises SettingsError, listing the names, for one that isn't there."""
    try:
        load = load_entry("chat model", CHAT_MODELS, name)
    except UnknownName as error:
        raise SettingsError(str(error)) from None
    model: ChatModel = load(options)
    return model
