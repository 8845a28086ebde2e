"""The chat model inside the process: OpenVINO GenAI on a CPU, many conversations in one batch, prompts kept in a cache.

A step is at most two requests. The first writes freely, and its first token is the model's decision: to speak, or to
open a tool call. A call is then written by a second request under a grammar, so that it is always valid JSON for its
tool's schema; the prefix cache makes the second request start at once.
"""

import json
import queue
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openvino_genai as ov
from openvino_genai import StructuredOutputConfig as Structured
from openvino_genai.py_openvino_genai import GenerationHandle

from assistant.chat_models import DEFAULT_MODEL, ChatModelOptions, ToolChoice
from assistant.chat_models.adapters import Adapter, load_adapter
from assistant.chat_models.gguf_files import convert
from assistant.chat_models.tool_format import OPENING, before_the_next, parse_call, render_chat, strict, with_tools
from assistant.errors import ChatModelError
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.turns.turn_context import check_stopped, count_usage
from retrieval.errors import RetrievalError
from retrieval.weights import load_weights

_CALL_TOKENS = 200
_KV_CACHE_GIB = 1
_BATCHED_TOKENS = 1024
_READ_AHEAD = 8
"""Talks of which what was read last is read ahead, at most."""
_LOOK_UP = 0.1
"""Seconds after which a turn that waits for a token looks whether it is still wanted."""
_CALL_STARTS = ("<tool_call>", "<|im_start|>", "```", "{")
"""How a reply begins that is meant as a call: the untuned model confuses the first two tokens, and likes a fence."""


def load_embedded(options: ChatModelOptions) -> "EmbeddedModel":
    """Load the verified GGUF of `options.model` (a name in weights.toml), converting it the first time.

    Raises ChatModelError, also where the adapter is for another model.
    """
    folder = prepare_embedded(options.model, options.models, options.adapter)
    name = options.model or DEFAULT_MODEL
    return EmbeddedModel(name, folder, options.max_tokens, tuned=options.adapter is not None)


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
    """Streams from a model in this process. Safe to call from many threads: requests share one batch."""

    def __init__(self, name: str, folder: Path, max_tokens: int, tuned: bool = False) -> None:
        self.name = f"{name}+adapter" if tuned else name
        self.tuned = tuned
        self._max_tokens = max_tokens
        self._engine = _Engine(folder)
        self._grammars: dict[tuple[str, ...], Structured] = {}

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        """Yield text as it is written, or one tool call."""
        prompt = self._engine.render(messages, tools)
        if tool_choice != "required":
            spoke = yield from self._speak(prompt)
            if spoke or tool_choice == "none" or not tools:
                return
        yield self._call(prompt, tools)

    def read_ahead(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> None:
        """Read what the customer's next message will stand behind, while nobody waits; return at once."""
        self._engine.read_ahead(before_the_next(with_tools(messages, tools)))

    def render(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> str:
        """Return the prompt that the model reads, in its own chat template."""
        return self._engine.render(messages, tools)

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` is."""
        return self._engine.count_tokens(text)

    def close(self) -> None:
        """Stop the worker thread."""
        self._engine.close()

    def _speak(self, prompt: str) -> Generator[str, None, bool]:
        """Yield text; return False, having yielded nothing, when the model opens a call instead."""
        begun = ""
        speaking = False
        for piece in self._engine.generate(prompt, self._max_tokens, None):
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

    def _call(self, prompt: str, tools: Sequence[ToolSpec]) -> ToolCall:
        text = "".join(self._engine.generate(prompt + OPENING, _CALL_TOKENS, self._grammar(tools)))
        call = parse_call(text)
        if call is None:
            raise ChatModelError(f"The model's tool call broke off: {text[:120]!r}")
        return call

    def _grammar(self, tools: Sequence[ToolSpec]) -> Structured:
        """Return the grammar of one call of any of the tools."""
        key = tuple(tool.name for tool in tools)
        if key not in self._grammars:
            calls = [
                Structured.Concat(
                    Structured.Concat(
                        Structured.ConstString(f'{{"name": {json.dumps(tool.name)}, "arguments": '),
                        Structured.JSONSchema(json.dumps(strict(tool.parameters))),
                    ),
                    # The line's end belongs to it: the model's own last token here is "}}\n".
                    Structured.ConstString("}\n"),
                )
                for tool in tools
            ]
            grammar = calls[0]
            for call in calls[1:]:
                grammar = Structured.Union(grammar, call)
            self._grammars[key] = Structured(compound_grammar=grammar)
        return self._grammars[key]


@dataclass
class _Request:
    """One generation under way: ids arrive in `tokens`; None ends them, an exception breaks them off.

    `ahead`: nobody waits for it; it is there for what the cache keeps of its prompt.
    """

    prompt: str
    config: ov.GenerationConfig
    tokens: "queue.Queue[list[int] | BaseException | None]" = field(default_factory=queue.Queue)
    cancelled: threading.Event = field(default_factory=threading.Event)
    ahead: bool = False


def _next(request: _Request) -> list[int] | BaseException | None:
    """Wait for what comes next of a request. Raises TurnStopped as soon as nobody wants it any more."""
    while True:
        check_stopped()
        try:
            return request.tokens.get(timeout=_LOOK_UP)
        except queue.Empty:
            continue


class _Engine:
    """One pipeline and the one thread that touches it; requests join the running batch between two steps."""

    def __init__(self, folder: Path) -> None:
        scheduler = ov.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.cache_size = _KV_CACHE_GIB
        scheduler.max_num_batched_tokens = _BATCHED_TOKENS
        try:
            self._pipeline = ov.ContinuousBatchingPipeline(str(folder), scheduler, "CPU")
        except RuntimeError as error:
            raise ChatModelError(
                f"{folder} cannot be loaded ({error}). Remove the folder and run: shelftalk setup"
            ) from error
        self._tokenizer = self._pipeline.get_tokenizer()
        self._waiting: queue.Queue[_Request | None] = queue.Queue()
        # The talk that went on last is the likeliest to go on next; of a crowd's the oldest are given up.
        self._ahead: deque[_Request] = deque(maxlen=_READ_AHEAD)
        self._count = 0
        threading.Thread(target=self._work, name="embedded-model", daemon=True).start()

    def render(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> str:
        """Return the prompt in the model's chat format, with the tools in the system message."""
        return render_chat(with_tools(messages, tools))

    def count_tokens(self, text: str) -> int:
        """Return how many tokens `text` is."""
        return int(self._tokenizer.encode(text).input_ids.shape[1])

    def generate(self, prompt: str, max_tokens: int, grammar: Structured | None) -> Iterator[str]:
        """Yield text as it is written. Closing the iterator cancels the request."""
        config = ov.GenerationConfig()
        config.max_new_tokens = max_tokens
        config.apply_chat_template = False
        config.do_sample = False
        config.set_eos_token_id(self._tokenizer.get_eos_token_id())
        if grammar is not None:
            config.structured_output_config = grammar
        count_usage(calls=1, tokens_read=self.count_tokens(prompt))
        request = _Request(prompt, config)
        self._waiting.put(request)
        try:
            yield from self._decode(request)
        finally:
            request.cancelled.set()

    def read_ahead(self, prompt: str) -> None:
        """Have a prompt read once nobody waits for an answer."""
        config = ov.GenerationConfig()
        config.max_new_tokens = 1
        config.apply_chat_template = False
        self._waiting.put(_Request(prompt, config, ahead=True))

    def close(self) -> None:
        self._waiting.put(None)

    def _decode(self, request: _Request) -> Iterator[str]:
        ids: list[int] = []
        told = 0
        eos = self._tokenizer.get_eos_token_id()
        while (new := _next(request)) is not None:
            if isinstance(new, BaseException):
                raise ChatModelError(f"The embedded model failed: {new}") from new
            ids += [token for token in new if token != eos]
            count_usage(tokens_written=len(new))
            text = str(self._tokenizer.decode(ids, skip_special_tokens=False))
            # A character may be spread over tokens: wait until it is whole.
            if not text.endswith("\ufffd") and len(text) > told:
                yield text[told:]
                told = len(text)

    def _work(self) -> None:
        running: list[tuple[_Request, GenerationHandle]] = []
        while True:
            if not self._admit(running):
                return
            try:
                self._pipeline.step()
            except RuntimeError as error:
                for request, _ in running:
                    request.tokens.put(error)
                running.clear()
            running = [pair for pair in running if self._forward(*pair)]
            if not running and self._pipeline.has_non_finished_requests():
                # One more step lets go of what was cancelled, and of its place in the cache.
                self._pipeline.step()

    def _admit(self, running: "list[tuple[_Request, GenerationHandle]]") -> bool:
        """Take in what waits; sleep while there is nothing to do. False when the engine is to stop."""
        while not self._waiting.empty() or not (running or self._ahead):
            request = self._waiting.get()
            if request is None:
                return False
            if request.ahead:
                self._ahead.append(request)
            else:
                running.append(self._begin(request))
        if not running:
            running.append(self._begin(self._ahead.pop()))
        return True

    def _begin(self, request: _Request) -> tuple[_Request, GenerationHandle]:
        self._count += 1
        return request, self._pipeline.add_request(self._count, request.prompt, request.config)

    def _forward(self, request: _Request, handle: GenerationHandle) -> bool:
        """Hand on the new ids; tell whether more will come."""
        while handle.can_read():
            for output in handle.read().values():
                request.tokens.put(list(output.generated_ids))
        if request.cancelled.is_set():
            handle.cancel()
            return False
        if handle.get_status() == ov.GenerationStatus.RUNNING:
            return True
        request.tokens.put(None)
        return False
