"""`shelftalk train …`: the training that a shop runs itself."""

import json
from pathlib import Path
from typing import Annotated

import typer

from finetune.errors import TrainingError

app = typer.Typer(help="Train the shop's own models.", no_args_is_help=True)


@app.callback()
def train() -> None:
    """Train the shop's own models."""


@app.command()
def chat(
    out: Annotated[Path, typer.Option(help="Where the adapter goes.")],
    store: Annotated[Path | None, typer.Option(help="The store to play conversations in.")] = None,
    conversations: Annotated[
        Path | None, typer.Option(help="Scripted conversations that test the model; what is close to them is left out.")
    ] = None,
    recipe: Annotated[str, typer.Option(help="cpu, or gpu.")] = "cpu",
    minutes: Annotated[float | None, typer.Option(min=1, help="Train at most this long.")] = None,
    requests: Annotated[int, typer.Option(min=0, help="Single requests in the set.")] = 6500,
    played: Annotated[int, typer.Option(min=0, help="Conversations played through the store.")] = 420,
) -> None:
    """Make a training set by playing conversations in the store, and train an adapter of the chat model on it.

    Started again with the same folder, it goes on where it was. Set SHELFTALK_ADAPTER to the folder to use it.
    """
    from assistant.chat_models import DEFAULT_MODEL
    from assistant.chat_models.scripted import SilentModel
    from assistant.settings import load_settings
    from assistant.testing.stage import copy_shop
    from finetune.base import write_base
    from finetune.data import read_talks
    from finetune.export import run_facts, write_adapter
    from finetune.synthesize import Source, spoken_in_tests, write_set
    from finetune.train_chat import load_recipe, train
    from retrieval.weights import load_weights

    try:
        chosen = load_recipe(recipe, minutes)
        settings = load_settings(store=store)
        out.mkdir(parents=True, exist_ok=True)
        lines = out / "set.jsonl"
        if not lines.is_file():
            typer.echo("Playing conversations…", err=True)
            tested = tuple(spoken_in_tests(conversations)) if conversations else ()
            source = Source(requests=requests, played=played, tested=tested)
            with copy_shop(settings, SilentModel()) as shop:
                write_set(lines, shop, source)
        # A set that cannot be learned from is told of before anything long begins.
        read_talks(lines, encode=lambda text: [])
        typer.echo(f"Training, {chosen.minutes:.0f} minutes at most…", err=True)
        base = write_base(settings.models / "base-for-training", settings.models)
        loss, reading = train(lines, base, out / "run", chosen)
        (gguf_file,) = load_weights(DEFAULT_MODEL, settings.models).glob("*.gguf")
        write_adapter(out / "run", out / "adapter", gguf_file, run_facts(out / "run", lines))
    except TrainingError as error:
        typer.echo(f"shelftalk: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(json.dumps({"adapter": str(out / "adapter"), "held_out_loss": loss, "talks": len(reading.talks)}))
