"""The chat model on this machine: OpenVINO GenAI on a CPU, many conversations in one batch, prompts kept in a cache.

A step is at most two requests. The first writes freely, and its first token is the model's decision: to speak, or to
open a tool call. A call is then written by a second request under a grammar, so that it is always valid JSON for its
tool's schema; the prefix cache makes the second request start at once.
"""

import json
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from assistant.chat_models import DEFAULT_MODEL, ChatModelOptions, ToolChoice
from assistant.chat_models.adapters import Adapter, load_adapter
from assistant.chat_models.engine import load_engine
from assistant.chat_models.gguf_files import convert
from assistant.chat_models.line import Rank
from assistant.chat_models.tool_format import OPENING, before_the_next, parse_call, render_chat, strict, with_tools
from assistant.errors import ChatModelError
from assistant.schema import Message, ToolCall, ToolSpec
from retrieval.errors import RetrievalError
from retrieval.weights import load_weights

_CALL_TOKENS = 200
_CALL_BEGINS = '{"name": "'
"""How every call begins: read as if it were written, and as the tokens that would be written."""
_CALL_STARTS = ("<tool_call>", "<|im_start|>", "```", "{")
"""How a reply begins that is meant as a call: the untuned model confuses the first two tokens, and likes a fence."""


def load_embedded(options: ChatModelOptions) -> "EmbeddedModel":
    """Load the verified GGUF of `options.model` (a name in weights.toml), converting it the first time.

    Raises ChatModelError, also where the adapter is for another model.
    """
    folder = prepare_embedded(options.model, options.models, options.adapter)
    name = options.model or DEFAULT_MODEL
    tuned = options.adapter is not None
    return EmbeddedModel(name, folder, options.max_tokens, tuned, options.temperature)


def prepare_embedded(name: str | None, models: Path, adapter: Path | None = None) -> Path:
    """Return the folder that OpenVINO loads, converting the verified GGUF the first time (about half a minute).

    An adapter is merged into it then; what was merged is kept by the adapter's hash.
    """
    merged: Adapter | None = load_adapter(adapter) if adapter else None
    try:
        folder = load_weights(name or DEFAULT_MODEL, models)
    except RetrievalError as error:
        raise ChatModelError(str(error)) from error
    (gguf_file,) = folder.glob("*.gguf")
    return convert(gguf_file, merged)


class EmbeddedModel:
    """Streams from a model on this machine. Safe to call from many threads: requests share one batch."""

    def __init__(self, name: str, folder: Path, max_tokens: int, tuned: bool = False, temperature: float = 0) -> None:
        self.name = f"{name}+adapter" if tuned else name
        self.tuned = tuned
        self._max_tokens = max_tokens
        self._engine = load_engine(folder, temperature)

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        """Yield text as it is written, or one tool call."""
        prompt = self.render(messages, tools)
        # Behind a tool's result there is something on the screen already, or words that say why not.
        rank = Rank.FIRST if messages[-1].role == "user" else Rank.WORDS
        with self._engine.looking(rank):
            if tool_choice != "required":
                spoke = yield from self._speak(prompt, rank)
                if spoke or tool_choice == "none" or not tools:
                    return
            call = self._call(prompt, tools, rank)
        yield call

    def read_ahead(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> None:
        """Read what the customer's next message will stand behind, while nobody waits; return at once."""
        self._engine.read_ahead(before_the_next(with_tools(messages, tools)))

    def render(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> str:
        """Return the prompt that the model reads, in its own chat template."""
        return render_chat(with_tools(messages, tools))

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` is."""
        return self._engine.count_tokens(text)

    def close(self) -> None:
        """Stop the model's process."""
        self._engine.close()

    def _speak(self, prompt: str, rank: Rank) -> Generator[str, None, bool]:
        """Yield text; return False, having yielded nothing, when the model opens a call instead."""
        begun = ""
        speaking = False
        for piece in self._engine.generate(prompt, self._max_tokens, rank=rank):
            if speaking:
                if "<tool_call>" in piece:
                    return True
                yield piece
                continue
            begun += piece
            start = begun.lstrip()
            if any(start.startswith(mark) for mark in _CALL_STARTS):
                return False
            if start and not any(mark.startswith(start) for mark in _CALL_STARTS):
                speaking = True
                yield begun
        return speaking

    def _call(self, prompt: str, tools: Sequence[ToolSpec], rank: Rank) -> ToolCall:
        calls = [(tool.name, json.dumps(strict(tool.parameters))) for tool in tools]
        begun = prompt + OPENING + _CALL_BEGINS
        text = _CALL_BEGINS + "".join(self._engine.generate(begun, _CALL_TOKENS, rank, calls))
        call = parse_call(text)
        if call is None:
            raise ChatModelError(f"The model's tool call broke off: {text[:120]!r}")
        return call
