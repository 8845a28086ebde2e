"""`shelftalk models …`: the models that the shop trained itself."""

import json
from typing import Annotated

import typer

from assistant.kept_models import KINDS, KeptModels, ModelKind
from assistant.settings import load_settings
from ui.command_parts import Json, Store, told

models = typer.Typer(help="The models that the shop trained itself: list them, use one, go back.", no_args_is_help=True)
Kind = Annotated[ModelKind, typer.Option("--kind", help="Which kind of model.")]


@models.command("list")
@told
def list_(store: Store = None, json_: Json = False) -> None:
    """List the models of each kind, the one in use marked, with the figures that they were let in with."""
    folder = load_settings(store=store).store
    kept = {kind: KeptModels(folder, kind) for kind in KINDS}
    if json_:
        told_of = {
            kind: {"in_use": held.in_use(), "models": {name: dict(held.figures(name)) for name in held.names()}}
            for kind, held in kept.items()
        }
        print(json.dumps(told_of, indent=2))
        return
    for kind, held in kept.items():
        for name in held.names():
            mark = "*" if name == held.in_use() else " "
            figures = "  ".join(f"{figure} {value:g}" for figure, value in held.figures(name).items())
            print(f"{kind:<9} {mark} {name:<20} {figures}".rstrip())


@models.command()
@told
def use(
    name: Annotated[str, typer.Argument(help="A name from the list; 'shipped' is what comes with the project.")],
    kind: Kind = "chat",
    store: Store = None,
) -> None:
    """Put a model into use, from the next start on."""
    KeptModels(load_settings(store=store).store, kind).use(name)
    print(f"In use from the next start on: {name}.")


@models.command()
@told
def rollback(kind: Kind = "chat", store: Store = None) -> None:
    """Go back to the model that was in use before."""
    name = KeptModels(load_settings(store=store).store, kind).rollback()
    print(f"In use from the next start on: {name}.")
