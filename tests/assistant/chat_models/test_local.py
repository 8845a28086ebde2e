"""The local chat model over a two-layer random model: its words mean nothing, but everything around them is real."""

import threading
from pathlib import Path

import pytest
import torch
from tokenizers import pre_tokenizers
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

from assistant.chat_models import ChatModelOptions, load_chat_model
from assistant.chat_models.local import LocalModel
from assistant.errors import ChatModelError
from assistant.schema import Message, ToolCall
from assistant.tools import ALL_TOOLS
from assistant.turns.turn_context import turn_context

TEMPLATE = (
    "{% for message in messages %}{{ message.role }} {{ message.content }} {% endfor %}{% if tools %}tools{% endif %}"
)
CALL = '<tool_call>\n{"name": "get_order", "arguments": {"order_id": "A1"}}\n</tool_call>'
MESSAGES = [Message(role="user", content="hello world")]
SPECS = [tool.spec for tool in ALL_TOOLS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder as a hub would give it."""
    torch.manual_seed(0)
    target = tmp_path_factory.mktemp("tiny-model")
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate(["<|endoftext|>", "<|im_end|>", *letters])}
    tokenizer = Qwen2Tokenizer(vocab=vocabulary, merges=[], eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(target)
    config = Qwen2Config(
        vocab_size=len(vocabulary), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=512, eos_token_id=1, pad_token_id=0,
    )  # fmt: skip
    Qwen2ForCausalLM(config).save_pretrained(target)
    return target


def test_a_folder_loads_and_streams_text_up_to_the_limit(folder: Path) -> None:
    options = ChatModelOptions(models=Path("unused"), model=str(folder), max_tokens=6)
    model = load_chat_model("local", options)
    pieces = list(model.stream(MESSAGES, SPECS))
    assert pieces and all(isinstance(piece, str) for piece in pieces)
    assert pieces == list(model.stream(MESSAGES, SPECS)), "greedy decoding says the same twice"


def test_what_is_read_and_written_is_counted_for_the_turn(folder: Path) -> None:
    model = load_chat_model("local", ChatModelOptions(models=Path("unused"), model=str(folder), max_tokens=6))
    with turn_context("t", threading.Event()) as usage:
        text = "".join(str(piece) for piece in model.stream(MESSAGES, []))
        # The tokenizer here has one token a byte.
        assert (usage.calls, usage.tokens_read) == (1, len("user hello world "))
        assert usage.tokens_written == 6 and text
        stream = model.stream(MESSAGES, [])
        next(stream)
        stream.close()  # type: ignore[attr-defined]
    assert usage.calls == 2 and 6 < usage.tokens_written <= 12


def test_leaving_the_stream_stops_the_generation_and_frees_the_model(folder: Path) -> None:
    model = load_chat_model("local", ChatModelOptions(models=Path("unused"), model=str(folder), max_tokens=200))
    stream = model.stream(MESSAGES, SPECS)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert next(model.stream(MESSAGES, SPECS))


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChatModelError, match="nowhere"):
        load_chat_model("local", ChatModelOptions(models=tmp_path, model=str(tmp_path / "nowhere")))
    with pytest.raises(ChatModelError, match="SHELFTALK_CHAT_MODEL_NAME"):
        load_chat_model("local", ChatModelOptions(models=tmp_path))


class Saying(LocalModel):
    """A local model whose generation is given, so that what is made of it can be looked at."""

    def __init__(self, text: str, folder: Path) -> None:
        super().__init__("saying", None, Qwen2Tokenizer.from_pretrained(folder), 10)
        self._text = text

    def _generate(self, prompt: str):  # type: ignore[no-untyped-def]
        yield from self._text


def test_words_then_calls(folder: Path) -> None:
    said = list(Saying("One moment. " + CALL + CALL, folder).stream(MESSAGES, SPECS))
    calls = [piece for piece in said if isinstance(piece, ToolCall)]
    assert "".join(piece for piece in said if isinstance(piece, str)) == "One moment. "
    assert [(call.name, call.arguments) for call in calls] == [("get_order", {"order_id": "A1"})] * 2


def test_a_call_without_its_tag_is_a_call_and_ends_the_generation(folder: Path) -> None:
    bare = '{"name": "get_order", "arguments": {"order_id": "A1"}}'
    (call,) = Saying(f'{bare}\n<|im_start|>\n{{"name": "calculate"}}', folder).stream(MESSAGES, SPECS)
    assert isinstance(call, ToolCall) and (call.name, call.arguments) == ("get_order", {"order_id": "A1"})
    for text in ('{"names": 1}', f"It is {bare}", '{"name'):
        assert "".join(map(str, Saying(text, folder).stream(MESSAGES, SPECS))) == text


def test_a_text_with_a_less_than_sign_is_all_told(folder: Path) -> None:
    assert "".join(map(str, Saying("2 < 3 and 5 <to", folder).stream(MESSAGES, SPECS))) == "2 < 3 and 5 <to"
