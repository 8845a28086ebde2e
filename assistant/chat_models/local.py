"""A chat model of the Hugging Face family, by id or folder: transformers and accelerate, with an optional LoRA adapter.

Its own chat template writes the tools and the calls. Without constrained decoding a call may come out broken; it then
counts as words.
"""

import json
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import torch
from peft import PeftModel
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GgufConfig,
    StoppingCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
)

from assistant.chat_models import ChatModelOptions, ToolChoice
from assistant.chat_models.adapters import CARD_FILE
from assistant.chat_models.tool_format import (
    OPENING,
    parse_call,
    render_chat,
    template_messages,
    template_tools,
    with_tools,
)
from assistant.errors import ChatModelError
from assistant.schema import Message, ToolCall, ToolSpec
from assistant.turns.turn_context import check_stopped, count_usage

_CALL_MARK = OPENING.strip()
_BARE_CALL = '{"name"'


def load_local(options: ChatModelOptions) -> "LocalModel":
    """Load `options.model`, a Hugging Face id, a folder or a .gguf file, onto what hardware there is."""
    if options.model is None:
        raise ChatModelError("Say which model: SHELFTALK_CHAT_MODEL_NAME takes a Hugging Face id or a folder.")
    try:
        model, tokenizer = _load(options.model)
        if options.adapter is not None:
            model = PeftModel.from_pretrained(model, str(options.adapter)).merge_and_unload()
    except (OSError, ValueError) as error:
        raise ChatModelError(f"{options.model} cannot be loaded: {error}") from error
    tuned = options.adapter is not None and (options.adapter / CARD_FILE).is_file()
    return LocalModel(options.model, model.eval(), tokenizer, options.max_tokens, tuned, options.temperature)


class LocalModel:
    """Streams from a transformers model in this process, one generation at a time."""

    def __init__(
        self, name: str, model: Any, tokenizer: Any, max_tokens: int, tuned: bool = False, temperature: float = 0
    ) -> None:
        self.name = name
        self.tuned = tuned
        self._model = model
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens
        self._temperature = temperature
        self._busy = threading.Lock()

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        """Yield text as it is written, then the tool calls."""
        prompt = self._render(messages, tools)
        opening = OPENING if tool_choice == "required" and tools else ""
        held = opening
        said = False
        with closing(self._generate(prompt + opening)) as pieces:
            for piece in pieces:
                held += piece
                if tools and not said and _is_bare_call(held):
                    # Without a grammar a tuned model leaves the tag out, and doesn't end where the call does.
                    if (call := _whole_call(held)) is None:
                        continue
                    yield call
                    return
                if _CALL_MARK in held or _may_begin_call(held):
                    continue
                yield held
                held, said = "", True
        text, *calls = held.split(_CALL_MARK)
        if text.strip():
            yield text
        yield from (call for call in map(parse_call, calls) if call is not None)

    def _render(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> str:
        """Return the prompt: of an adapter of ours as it was trained, else in the model's own chat template."""
        if self.tuned:
            return render_chat(with_tools(messages, tools))
        prompt: str = self._tokenizer.apply_chat_template(
            template_messages(messages), tools=template_tools(tools) or None, add_generation_prompt=True, tokenize=False
        )
        return prompt

    def _generate(self, prompt: str) -> Generator[str, None, None]:
        inputs = self._tokenizer(prompt, return_tensors="pt", add_special_tokens=False).to(self._model.device)
        streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=False)
        read = int(inputs.input_ids.shape[-1])
        stop = _Stop(read)
        count_usage(calls=1, tokens_read=read)
        failed: Queue[BaseException] = Queue()
        worker = threading.Thread(target=self._run, args=(inputs, streamer, stop, failed), daemon=True)
        with self._busy:
            worker.start()
            try:
                eos = self._tokenizer.eos_token or "\0"
                for piece in streamer:
                    check_stopped()
                    if text := piece.replace(eos, ""):
                        yield text
            finally:
                stop.asked = True
                worker.join()
                count_usage(tokens_written=stop.written)
        try:
            error = failed.get_nowait()
        except Empty:
            return
        raise ChatModelError(f"The model {self.name} failed: {error}") from error

    def _run(self, inputs: Any, streamer: TextIteratorStreamer, stop: "_Stop", failed: "Queue[BaseException]") -> None:
        try:
            with torch.inference_mode():
                self._model.generate(
                    **inputs,
                    max_new_tokens=self._max_tokens,
                    do_sample=self._temperature > 0,
                    streamer=streamer,
                    stopping_criteria=StoppingCriteriaList([stop]),
                    pad_token_id=self._tokenizer.pad_token_id,
                    temperature=self._temperature or None,
                    top_p=None,
                    top_k=None,
                )
        except RuntimeError as error:
            failed.put(error)
            streamer.end()


class _Stop(StoppingCriteria):  # type: ignore[misc]
    """Ends a generation when its reader has gone; counts what was written behind a prompt of `read` tokens."""

    def __init__(self, read: int) -> None:
        self._read = read
        self.asked = False
        self.written = 0

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **rest: Any) -> torch.Tensor:
        self.written = int(input_ids.shape[-1]) - self._read
        return torch.full((input_ids.shape[0],), self.asked, device=input_ids.device)


def _load(name: str) -> tuple[Any, Any]:
    path = Path(name)
    if path.suffix == ".gguf":
        folder, file = str(path.parent), path.name
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
        model = AutoModelForCausalLM.from_pretrained(
            folder, gguf_file=file, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
        )
        return model, tokenizer
    return (
        AutoModelForCausalLM.from_pretrained(name, dtype=torch.bfloat16, device_map="auto"),
        AutoTokenizer.from_pretrained(name),
    )


def _is_bare_call(text: str) -> bool:
    """Tell whether a text begins as a call without its tag, as far as it goes."""
    start = text.lstrip()
    return bool(start) and (start.startswith(_BARE_CALL) or _BARE_CALL.startswith(start))


def _whole_call(text: str) -> ToolCall | None:
    """Return the call that a text begins with once its JSON is whole."""
    try:
        _, end = json.JSONDecoder().raw_decode(text.lstrip())
    except json.JSONDecodeError:
        return None
    return parse_call(text.lstrip()[:end])


def _may_begin_call(text: str) -> bool:
    """Tell whether the text's end could be the beginning of a call mark."""
    return any(text.endswith(_CALL_MARK[:length]) for length in range(1, len(_CALL_MARK)))
