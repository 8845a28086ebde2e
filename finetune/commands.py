"""`shelftalk train …`: the training that a shop runs itself."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from assistant.errors import AssistantError
from finetune.errors import TrainingError
from finetune.options import Anyway, Out, Sets, Steps, Work
from retrieval.errors import RetrievalError

_SEARCH_WORK = Path("search-training")
app = typer.Typer(help="Train the shop's own models.", no_args_is_help=True)


@app.callback()
def train() -> None:
    """Train the shop's own models."""


@app.command()
def chat(
    out: Annotated[Path, typer.Option(help="Where the set, the run and the adapter go.")],
    store: Annotated[Path | None, typer.Option(help="The shop's store.")] = None,
    requests_file: Annotated[
        list[Path] | None, typer.Option("--requests", help="Single requests to measure with; may be given again.")
    ] = None,
    conversations: Annotated[
        Path | None, typer.Option(help="Scripted conversations to measure with; what is close to them isn't learned.")
    ] = None,
    recipe: Annotated[str, typer.Option(help="cpu, or gpu.")] = "cpu",
    minutes: Annotated[float | None, typer.Option(min=1, help="Train at most this long.")] = None,
    made_up: Annotated[int, typer.Option(min=0, help="Made-up single requests in the set.")] = 6500,
    played: Annotated[int, typer.Option(min=0, help="Made-up conversations, played in a copy of the store.")] = 420,
    repeat: Annotated[int, typer.Option(min=1, max=16, help="How often each conversation is measured.")] = 1,
    sample: Annotated[int | None, typer.Option(min=1, help="Measure with that many of each.")] = None,
    customer: Annotated[str, typer.Option(help="The customer who asks the single requests.")] = "C001",
) -> None:
    """Train an adapter of the chat model on made-up shoppers and the shop's own talks; let it in if it is better.

    Of the shop's talks only those of customers who agreed are used, with everything personal replaced. Started again
    with the same folder, a training goes on where it was. What is measured decides: the adapter goes live only if no
    figure falls and one rises. `shelftalk models` lists what there is, and goes back.
    """
    from assistant.settings import load_settings
    from finetune.chat_loop import cases_of, judged, let_in, source_of, train_candidate
    from finetune.train_chat import load_recipe

    try:
        chosen = load_recipe(recipe, minutes)
        settings = load_settings(store=store)
        source = source_of(made_up, played, conversations, requests_file or ())
        with _bars() as report:
            trained = train_candidate(out, settings, source, chosen, partial(typer.echo, err=True), report)
        told: dict[str, object] = trained.model_dump()
        if requests_file or conversations:
            cases = cases_of(tuple(requests_file or ()), conversations, repeat, sample)
            with _bars() as report:
                verdict = judged(out / "adapter", settings, cases, customer, report)
            told["kept_as"] = let_in(out / "adapter", verdict, settings.store, datetime.now(UTC))
            told |= {"goes_live": verdict.passes, "rose": verdict.rose, "fell": verdict.fell}
            typer.echo(verdict.line(), err=True)
        else:
            typer.echo("Not measured, so not let in: give --requests, --conversations, or both.", err=True)
    except (TrainingError, AssistantError, OSError, ValueError) as error:
        typer.echo(f"shelftalk: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(json.dumps(told))


@app.command()
def reranker(
    out: Annotated[Path, typer.Option(help="Where the ranker goes.")],
    store: Annotated[Path | None, typer.Option(help="The shop's store.")] = None,
) -> None:
    """Train what orders the search's hits on what the shop's shoppers searched and then clicked or bought.

    It is measured on searches that it hasn't seen, and goes live only if it orders them better than the one in use.
    """
    from assistant.app import open_shop_records
    from assistant.kept_models import KeptModels
    from assistant.settings import load_settings
    from finetune.gate import judge
    from finetune.shop_search import shop_judgments, train_shop_ranker
    from retrieval.database import open_database
    from retrieval.product_store import ProductStore

    try:
        settings = load_settings(store=store)
        judgments = shop_judgments(open_shop_records(settings))
        products = list(ProductStore(open_database(settings.store)).all())
        with _bars() as report:
            before, after = train_shop_ranker(out, settings, products, judgments, report)
        verdict = judge(before, after)
        models = KeptModels(settings.store, "reranker")
        name = models.keep(out, after, datetime.now(UTC))
        if verdict.passes:
            models.use(name)
    except (TrainingError, AssistantError, OSError) as error:
        typer.echo(f"shelftalk: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(verdict.line(), err=True)
    told = {"searches": len(judgments.queries), "before": before, "after": after, "goes_live": verdict.passes}
    typer.echo(json.dumps({**told, "kept_as": name}))


@app.command()
def recommend(
    interactions: Annotated[
        list[Path] | None, typer.Option(help="Tables of other shops' events: user_id, item_id, timestamp, event.")
    ] = None,
    items: Annotated[list[Path] | None, typer.Option(help="Their products, in the same order: item_id, title.")] = None,
    own: Annotated[bool, typer.Option(help="Whether the shop's own events and orders are learned from.")] = True,
    out: Annotated[Path | None, typer.Option(help="Where the model goes; unset: into the shop's folder.")] = None,
    note: Annotated[str, typer.Option(help="What the card is to say of the data and its licences.")] = "",
    store: Annotated[Path | None, typer.Option(help="The shop's folder.")] = None,
) -> None:
    """Train the ranking of recommendations on the shop's own events and orders; used from the next start on.

    Written only where it ranks people who were held back better than the formula does.
    """
    from assistant.app import RECOMMENDER_FOLDER
    from assistant.settings import load_settings
    from finetune.recommender_data import other_shops, own_shop
    from finetune.train_recommender import train_recommender

    settings = load_settings(store=store)
    now = datetime.now(UTC)
    with _told():
        if len(interactions or []) != len(items or []):
            raise TrainingError("Give as many --items as --interactions, in the same order.")
        tables = list(zip(interactions or [], items or [], strict=True))
        shops = [*([own_shop(settings, now)] if own else []), *other_shops(settings, tables)]
        trained = train_recommender(shops, now, out or settings.store / RECOMMENDER_FOLDER, note)
    typer.echo(trained.model_dump_json(indent=2))


@app.command()
def cross_encoder(sets: Sets, out: Out, work: Work = _SEARCH_WORK, steps: Steps = 0, anyway: Anyway = False) -> None:
    """Train a cross-encoder on judged searches, and write it where cross-validation proves it better."""
    from finetune.train_reranker import main

    with _told():
        main(sets, _encoder_folder(), work, out, steps=steps, anyway=anyway)


@app.command()
def encoder(sets: Sets, out: Out, work: Work = _SEARCH_WORK, steps: Steps = 0, anyway: Anyway = False) -> None:
    """Fine-tune the encoder on judged searches, and write it where cross-validation proves it better."""
    from finetune.train_encoder import main

    with _told():
        main(sets, _encoder_folder(), work, out, steps=steps, anyway=anyway)


@contextmanager
def _told() -> Iterator[None]:
    """Say in one line what went wrong."""
    try:
        yield
    except (TrainingError, AssistantError, RetrievalError) as error:
        typer.echo(f"shelftalk: {error}", err=True)
        raise typer.Exit(2) from None


def _encoder_folder() -> Path:
    from assistant.settings import load_settings
    from retrieval.weights import load_weights

    settings = load_settings()
    return load_weights(settings.encoder, settings.models)


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """Show one bar a stage; what is handed out moves them."""
    columns = (TextColumn("{task.description:<24}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=max(total, 1))
            bars.update(tasks[stage], completed=done, total=max(total, 1))

        yield report
