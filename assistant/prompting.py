"""What the chat model reads: the fixed beginning, byte-identical between turns, and the part of the talk that fits."""

import hashlib
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

import yaml

from assistant.chat_models.tool_format import ASSISTANT, render_chat, with_tools
from assistant.schema import Message, ToolCall
from assistant.tools import ALL_TOOLS, specs_of

# Turns kept word for word, and in all. The oldest go in strides, so that most turns leave the kept beginning, and with
# it the model's prefix cache, untouched.
_FULL_TURNS = 2
_MOST_TURNS = 10
_STRIDE = 5


def load_prompt(examples: bool = True) -> tuple[Message, ...]:
    """Return the fixed messages that every talk begins with: prompt.md, and examples.yaml for an untuned model."""
    folder = resources.files("assistant")
    prompt = Message(role="system", content=folder.joinpath("prompt.md").read_text(encoding="utf-8").strip())
    if not examples:
        return (prompt,)
    entries = yaml.safe_load(folder.joinpath("examples.yaml").read_text(encoding="utf-8"))
    return (prompt, *(message for entry in entries for message in _example(entry)))


def system_prompts(examples: bool = False) -> dict[bool, str]:
    """Return what a model reads before every talk: a guest's (False) and a customer's (True) prompt and tools.

    A tuned model reads no examples.
    """
    return {
        known: render_chat(with_tools(load_prompt(examples), specs_of(ALL_TOOLS, known))).removesuffix(ASSISTANT)
        for known in (False, True)
    }


def prompt_hash(examples: bool = False) -> str:
    """Return the SHA-256 of the prompts; an adapter has to be trained with those without examples."""
    return hashlib.sha256("".join(system_prompts(examples).values()).encode()).hexdigest()


def window(messages: Sequence[Message]) -> list[Message]:
    """Return what the model is given of a talk: the last turns in full, older ones briefly, the oldest not at all."""
    starts = [position for position, message in enumerate(messages) if message.role == "user"]
    surplus = len(starts) - _MOST_TURNS
    dropped = 0 if surplus <= 0 else -(-surplus // _STRIDE) * _STRIDE
    first = starts[dropped] if dropped else 0
    full_from = starts[-_FULL_TURNS] if len(starts) >= _FULL_TURNS else 0
    return [
        _shrunk(message) if position < full_from else _with_aside(message)
        for position, message in enumerate(messages)
        if position >= first
    ]


def window_ahead(messages: Sequence[Message]) -> list[Message]:
    """Return what the model will be given of a talk before the customer's next message, whatever that says."""
    return window([*messages, Message(role="user", content="")])[:-1]


def _shrunk(message: Message) -> Message:
    return message if message.brief is None else message.model_copy(update={"content": message.brief})


def _with_aside(message: Message) -> Message:
    """Put the line on page and cart before what the customer said."""
    if message.aside is None:
        return message
    return message.model_copy(update={"content": f"{message.aside}\n{message.content}", "aside": None})


def _example(entry: dict[str, Any]) -> Iterator[Message]:
    """Yield one exchange; a call may be followed by its result and what is said then."""
    yield Message(role="user", content=entry["user"])
    if "call" in entry:
        call = ToolCall(id="example", name=entry["call"], arguments=entry["arguments"])
        yield Message(role="assistant", content="", tool_calls=(call,))
    if "result" in entry:
        yield Message(role="tool", content=entry["result"], tool_call_id="example")
    if "assistant" in entry:
        yield Message(role="assistant", content=entry["assistant"])
