"""What quantising costs: python -m finetune.perplexity SET.jsonl --base FOLDER --adapter FOLDER.

The perplexity of the merged model on what the assistant writes in a set's talks, in bf16 and read back from the GGUFs
that ship or might; beside it how often the most likely next token stays the same as in bf16.
"""

import json
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from assistant.chat_models import DEFAULT_MODEL
from assistant.chat_models.adapters import Adapter, load_adapter
from assistant.chat_models.gguf_files import QUANTIZATIONS, write_gguf
from assistant.prompting import system_prompts
from assistant.schema import Value
from assistant.settings import load_settings
from finetune.data import Talk, read_talks
from retrieval.weights import load_weights


class Loss(Value):
    """A model's perplexity on the tokens to be written, and the share of them that it would write as bf16 would."""

    perplexity: float
    same_token: float


def measure(model: Any, talks: Sequence[Talk], prompts: dict[bool, list[int]]) -> tuple[float, list[int]]:
    """Return the mean loss of the tokens to be written, and the most likely token at each of their places."""
    losses: list[float] = []
    likely: list[int] = []
    for talk in talks:
        prompt = prompts[talk.known]
        ids = torch.tensor([[*prompt, *talk.tokens]])
        written = [place for place, learned in enumerate(talk.learned) if learned]
        places = torch.tensor(written) + len(prompt) - 1
        targets = torch.tensor([talk.target(place) for place in written])
        with torch.no_grad():
            logits = model.lm_head(model.model(input_ids=ids).last_hidden_state[0, places]).float()
        losses += cross_entropy(logits, targets, reduction="none").tolist()
        likely += logits.argmax(-1).tolist()
    return sum(losses) / len(losses), likely


def compare(lines: Path, base: Path, adapter: Adapter | None, most: int) -> dict[str, Loss]:
    """Return the figures in bf16 and for each quantisation, on the last `most` talks of a set."""
    tokenizer = AutoTokenizer.from_pretrained(base)

    def encode(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])

    talks = read_talks(lines, encode).talks[-most:]
    prompts = {known: encode(text) for known, text in system_prompts().items()}
    plain = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
    if adapter is not None:
        _merge(plain, adapter)
    loss, likely = measure(plain, talks, prompts)
    figures = {"bf16": Loss(perplexity=round(math.exp(loss), 4), same_token=1.0)}
    (source,) = load_weights(DEFAULT_MODEL, load_settings().models).glob("*.gguf")
    for name in QUANTIZATIONS:
        with tempfile.TemporaryDirectory() as folder:
            write_gguf(source, Path(folder) / "model.gguf", name, adapter)
            model = AutoModelForCausalLM.from_pretrained(
                folder, gguf_file="model.gguf", dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
            )
        loss, tokens = measure(model, talks, prompts)
        same = sum(mine == theirs for mine, theirs in zip(tokens, likely, strict=True)) / len(likely)
        figures[name] = Loss(perplexity=round(math.exp(loss), 4), same_token=round(same, 4))
    return figures


def _merge(model: Any, adapter: Adapter) -> None:
    modules = dict(model.named_modules())
    with torch.no_grad():
        for name, (up, down) in adapter.deltas().items():
            modules[name].weight += torch.from_numpy(up @ down).to(modules[name].weight.dtype)


def main(
    lines: Annotated[Path, typer.Argument(help="A set that wasn't trained on, or the end of one.")],
    base: Annotated[Path, typer.Option(help="The base model, see finetune.base.")],
    adapter: Annotated[Path | None, typer.Option(help="The adapter to merge.")] = None,
    most: Annotated[int, typer.Option(min=1, help="Talks to read, from the end.")] = 40,
) -> None:
    """Print the figures as JSON."""
    figures = compare(lines, base, load_adapter(adapter) if adapter else None, most)
    typer.echo(json.dumps({name: figure.model_dump() for name, figure in figures.items()}, indent=1))


if __name__ == "__main__":
    typer.run(main)
