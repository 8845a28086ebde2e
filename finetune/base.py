"""The base model as a folder that transformers trains: python -m finetune.base OUT."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.chat_models import DEFAULT_MODEL
from assistant.settings import load_settings
from retrieval.weights import load_weights


def write_base(out: Path, models: Path, name: str = DEFAULT_MODEL) -> Path:
    """Write the verified GGUF's weights in bf16 as safetensors, once; half a minute for 0.5 B. Needs gguf."""
    if (out / "config.json").is_file():
        return out
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    (source,) = load_weights(name, models).glob("*.gguf")
    model = AutoModelForCausalLM.from_pretrained(
        source.parent, gguf_file=source.name, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
    )
    partial = out.with_name(f".{out.name}.partial")
    AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(partial)
    model.save_pretrained(partial)
    partial.replace(out)
    return out


def main(out: Annotated[Path, typer.Argument(help="The folder to write.")]) -> None:
    """Write the base model for training."""
    typer.echo(write_base(out, load_settings().models))


if __name__ == "__main__":
    typer.run(main)
