"""Preference pairs, and TRL's DPO on a model of two random layers."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from assistant.grounding import Grounder
from assistant.schema import Evidence
from finetune.errors import TrainingDataError
from finetune.preferences import Pair, preference_pairs


def line(text: str, answer: dict[str, Any], *before: dict[str, Any]) -> str:
    messages = [{"role": "user", "content": text}, *before, {"role": "assistant", **answer}]
    return json.dumps({"known": True, "language": "en", "messages": messages, "learned": [len(messages) - 1]})


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"content": "", "tool_calls": [{"id": "1", "name": name, "arguments": arguments}]}


def result(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        {"role": "assistant", **call("search_products", query="tents")},
        {"role": "tool", "content": text, "tool_call_id": "1"},
    )


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "set.jsonl"
    rows = [
        line("how long can i return", call("search_policies", question="how long can i return")),
        line("what's the weather", {"content": "I only look after this shop."}),
        line("tents", {"content": "The Aurora Tent costs $99."}, *result("1. Aurora Tent | $99 [t1]")),
        line("boots", {"content": "The Moss Boot costs $50."}, *result("1. Moss Boot | $50 [b1]")),
    ]
    file.write_text("\n".join(rows), encoding="utf-8")
    return file


def test_each_answer_is_paired_with_a_worse_one(lines: Path) -> None:
    pairs = {pair.chosen: pair for pair in preference_pairs(lines, 1)}
    assert len(pairs) == 4
    refusal = next(pair for chosen, pair in pairs.items() if "look after" in chosen)
    assert '"search_products"' in refusal.rejected, "a tool is called where none is due"
    tent = next(pair for chosen, pair in pairs.items() if "Aurora" in chosen)
    assert "Moss Boot" in tent.rejected
    assert all(
        pair.prompt.endswith("<|im_start|>assistant\n") and pair.chosen != pair.rejected for pair in pairs.values()
    )


def test_words_of_another_talk_have_no_evidence(lines: Path) -> None:
    tent = next(pair for pair in preference_pairs(lines, 1) if "Aurora" in pair.chosen)
    said = tent.rejected.removesuffix("<|im_end|>\n")
    verdict = Grounder().check(said, Evidence(results=(), customer_texts=("tents",)))
    assert verdict.claims_without_evidence


def test_a_set_without_answers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(TrainingDataError, match="no answer"):
        preference_pairs(tmp_path / "set.jsonl", 1)


@pytest.mark.filterwarnings("ignore")
def test_the_preferred_answers_are_told_apart_in_the_end(tmp_path: Path) -> None:
    pytest.importorskip("trl")
    from finetune.train_preferences import train_preferences

    words = ["[UNK]", "[PAD]", "ask", "good", "bad", "words"]
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", eos_token="[PAD]", unk_token="[UNK]")
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2,
    )  # fmt: skip
    model = get_peft_model(Qwen2ForCausalLM(config), LoraConfig(r=4, target_modules=["q_proj", "v_proj", "up_proj"]))
    pairs = [Pair(prompt="ask", chosen=" good words", rejected=" bad words")] * 16
    assert train_preferences(model, fast, pairs, tmp_path, steps=8, rate=5e-2) == 1.0
    assert (tmp_path / "adapter_model.safetensors").is_file()
