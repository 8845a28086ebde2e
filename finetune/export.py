"""What a trained adapter becomes: a folder to ship, with its card; and the merged model as a GGUF.

python -m finetune.export card RUN OUT --data SET.jsonl     the adapter in bf16 with card.json, named by its base
python -m finetune.export gguf OUT.gguf --adapter FOLDER    the merged model, for llama.cpp, Ollama, transformers
"""

import hashlib
import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from safetensors.torch import load_file, save_file

from assistant.chat_models import DEFAULT_MODEL
from assistant.chat_models.adapters import CARD_FILE, WEIGHTS_FILE, AdapterCard, load_adapter
from assistant.chat_models.gguf_files import QUANTIZATIONS, write_gguf
from assistant.prompting import prompt_hash
from assistant.settings import load_settings
from finetune.errors import AdapterError
from retrieval.weights import load_weights

MOST_BYTES = 16 * 2**20
"""The greatest file of an adapter that ships."""

app = typer.Typer(help="Export what was trained.", no_args_is_help=True)


def write_adapter(run: Path, out: Path, base_gguf: Path, trained: dict[str, Any]) -> AdapterCard:
    """Write a run's adapter in bf16 with its card into `out`, which it replaces whole.

    Raises AdapterError for a run without an adapter, and for one that is too big to ship.
    """
    if not (run / WEIGHTS_FILE).is_file():
        raise AdapterError(f"{run} holds no adapter: the run has not saved one yet.")
    partial = out.with_name(f".{out.name}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.to(torch.bfloat16) for name, weight in load_file(run / WEIGHTS_FILE).items()}
    save_file(weights, partial / WEIGHTS_FILE, metadata={"format": "pt"})
    if (size := (partial / WEIGHTS_FILE).stat().st_size) > MOST_BYTES:
        raise AdapterError(f"The adapter has {size} bytes; {MOST_BYTES} may ship. Train it with a lower rank.")
    config = json.loads((run / "adapter_config.json").read_text(encoding="utf-8"))
    # Where the base lay on the machine that trained is nobody's business.
    config["base_model_name_or_path"] = DEFAULT_MODEL
    (partial / "adapter_config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    with base_gguf.open("rb") as opened:
        base_sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    card = AdapterCard(base=DEFAULT_MODEL, base_sha256=base_sha256, prompt_sha256=prompt_hash(), trained=trained)
    (partial / CARD_FILE).write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    out.mkdir(parents=True, exist_ok=True)
    for file in partial.iterdir():
        file.replace(out / file.name)
    partial.rmdir()
    return card


def run_facts(run: Path, data: Path) -> dict[str, Any]:
    """Return what a card tells of a run: when, where, how long, on what, to what loss."""
    log = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    steps = [entry for entry in log if "loss" in entry]
    checks = [entry["held_out_loss"] for entry in log if "held_out_loss" in entry]
    config = json.loads((run / "adapter_config.json").read_text(encoding="utf-8"))
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "minutes": steps[-1]["minutes"],
        "steps": len(steps),
        "held_out_loss": min(checks),
        "rank": config["r"],
        "data_sha256": hashlib.sha256(data.read_bytes()).hexdigest(),
        "talks": sum(1 for line in data.open(encoding="utf-8") if line.strip()),
    }


@app.command("card")
def card_command(
    run: Annotated[Path, typer.Argument(help="Where finetune.train_chat wrote.")],
    out: Annotated[Path, typer.Argument(help="The adapter's folder.")],
    data: Annotated[Path, typer.Option(help="The set it was trained on.")],
) -> None:
    """Write the adapter that ships."""
    (gguf_file,) = load_weights(DEFAULT_MODEL, load_settings().models).glob("*.gguf")
    typer.echo(write_adapter(run, out, gguf_file, run_facts(run, data)).model_dump_json(indent=1))


@app.command("gguf")
def gguf_command(
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    adapter: Annotated[Path | None, typer.Option(help="The adapter to merge; none leaves the base as it is.")] = None,
    quantization: Annotated[str, typer.Option(help=" or ".join(QUANTIZATIONS))] = "q8_0",
) -> None:
    """Write the merged model as a GGUF."""
    (gguf_file,) = load_weights(DEFAULT_MODEL, load_settings().models).glob("*.gguf")
    partial = out.with_suffix(".partial")
    write_gguf(gguf_file, partial, quantization, load_adapter(adapter) if adapter else None)
    partial.replace(out)
    typer.echo(f"{out}, {out.stat().st_size} bytes")


if __name__ == "__main__":
    app()
