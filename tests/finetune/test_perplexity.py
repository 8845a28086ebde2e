"""What quantising costs is measured on what the assistant writes, and on nothing else."""

import math
from typing import Any

import pytest
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from finetune.data import Talk
from finetune.perplexity import measure

PROMPT = [7, 8, 9]


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(3)
    config = Qwen2Config(
        vocab_size=64, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1,
    )  # fmt: skip
    return Qwen2ForCausalLM(config).eval()


def test_the_loss_is_that_of_the_written_tokens_behind_the_prompt(model: Any) -> None:
    talk = Talk(True, (20, 21, 22, 23), (0.0, 0.0, 3.0, 1.0))
    loss, likely = measure(model, [talk], {True: PROMPT})
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([[*PROMPT, *talk.tokens]])).logits[0].log_softmax(-1)
    places = [len(PROMPT) + 1, len(PROMPT) + 2]
    expected = -(logits[places[0], 22] + logits[places[1], 23]).item() / 2
    assert loss == pytest.approx(expected, rel=1e-4)
    assert likely == [int(logits[place].argmax()) for place in places]


def test_a_call_counts_by_the_token_that_opens_it(model: Any) -> None:
    plain = Talk(True, (20, 21, 22), (0.0, 0.0, 3.0))
    opened = Talk(True, plain.tokens, plain.learned, {2: 40})
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([[*PROMPT, *plain.tokens]])).logits[0, len(PROMPT) + 1].log_softmax(-1)
    assert measure(model, [opened], {True: PROMPT})[0] == pytest.approx(-logits[40].item(), rel=1e-4)
    assert measure(model, [plain], {True: PROMPT})[0] == pytest.approx(-logits[22].item(), rel=1e-4)


def test_several_talks_are_counted_token_by_token_each_behind_its_prompt(model: Any) -> None:
    short, long = Talk(True, (20, 21), (0.0, 1.0)), Talk(False, (30, 31, 32, 33), (0.0, 1.0, 1.0, 1.0))
    prompts = {True: PROMPT, False: [5]}
    (first, _), (second, _) = (measure(model, [talk], prompts) for talk in (short, long))
    both, likely = measure(model, [short, long], prompts)
    assert both == pytest.approx((first + 3 * second) / 4, rel=1e-4)
    assert len(likely) == 4 and math.isfinite(both)
