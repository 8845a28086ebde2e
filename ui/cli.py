"""The command `shelftalk`. Every command reads the settings once, does one thing and says what to do when it can't."""

import json
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

# Chroma and Gradio report home unless told not to.
os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import typer

from assistant.app import open_configured_catalogue
from assistant.settings import load_settings
from ui.command_parts import Json, Store, check_customer, open_shop, told
from ui.data_commands import data
from ui.evaluate_commands import evaluate
from ui.models_commands import models
from ui.progress import console, progress_bars, waiting

app = typer.Typer(
    name="shelftalk",
    help="An assistant that a shop hosts itself.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
bench = typer.Typer(help="Measure speed on this machine.", no_args_is_help=True)
app.add_typer(data)
app.add_typer(bench, name="bench")
app.add_typer(evaluate, name="evaluate")
app.add_typer(models, name="models")


@app.command()
@told
def setup(
    store: Store = None,
    rebuild: Annotated[bool, typer.Option(help="Build the demo shop again, also if there is one.")] = False,
    weights_only: Annotated[bool, typer.Option(help="Fetch the models, and leave the store alone.")] = False,
) -> None:
    """Fetch and verify the models, and build the demo shop."""
    from ui.setup import fetch_models, set_up_demo

    settings = load_settings(store=store)
    fetch_models(settings)
    if not weights_only:
        set_up_demo(settings, rebuild)
    console.print("Ready.")


@app.command()
@told
def demo(store: Store = None, port: Annotated[int | None, typer.Option(help="Default: 7860.")] = None) -> None:
    """Set up what is missing and start the app on the demo shop."""
    setup(store=store, rebuild=False, weights_only=False)
    serve(store=store, port=port)


@app.command()
@told
def tidy(store: Store = None, json_: Json = False) -> None:
    """Remove what is older than the settings keep it: conversations, events, traces. `serve` does it at its start."""
    from assistant.app import open_shop_records
    from ui.tidy_command import tidied

    counts = tidied(open_shop_records(load_settings(store=store)), load_settings(store=store))
    if json_:
        print(json.dumps(counts))
    else:
        print("\n".join(f"{count:>8} {what}" for what, count in counts.items()))


@app.command()
@told
def serve(store: Store = None, port: Annotated[int | None, typer.Option(help="Default: 7860.")] = None) -> None:
    """Start the Gradio app, and the HTTP service under /v1, on a store that is set up."""
    from ui.gradio_app import mount_gradio
    from ui.logs import set_up_logs
    from ui.server.serving import Site
    from ui.server.serving import serve as serve_site
    from ui.tidy_command import tidied
    from ui.widget import widget_routes

    settings = load_settings(store=store, port=port)
    shop = open_shop(settings)
    shop.recommender.model.prepare()
    with waiting("Warming up…"):
        shop.warm_up()
    set_up_logs(settings)
    tidied(shop.records, settings)
    site = Site(shop, widget_routes(shop), lambda app: mount_gradio(shop, app))
    serve_site(
        site,
        settings.host,
        settings.port,
        settings.shutdown_seconds,
        lambda address: print(f"{settings.shop_name} is open at {address}", flush=True),
    )


@app.command()
@told
def outbox(
    store: Store = None,
    resend: Annotated[
        list[str] | None, typer.Option(help="Send these messages again, or with 'dead' all dead ones.")
    ] = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Only these: waiting, sent, confirmed, refused, dead.")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    json_: Json = False,
) -> None:
    """Show what the shop's own system was told of changes, and tell it again."""
    from ui.outbox_command import resend as send_again
    from ui.outbox_command import show_outbox

    settings = load_settings(store=store)
    if resend:
        send_again(settings, [] if "dead" in resend else resend)
    show_outbox(settings, state or (), limit, json_)


@app.command()
@told
def reindex(store: Store = None) -> None:
    """Build the search index anew from the products that the store holds."""
    from ui.setup import reindex as build_anew

    build_anew(load_settings(store=store))


@app.command()
@told
def search(
    text: Annotated[str, typer.Argument(help="What to look for.")],
    store: Store = None,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many hits.")] = 5,
    json_: Json = False,
) -> None:
    """Search the products, without the model."""
    from assistant.listening.languages import language_of
    from retrieval.schema import Query

    settings = load_settings(store=store)
    catalogue = open_configured_catalogue(settings)
    language = language_of(text, "en")
    hits = catalogue.search(Query(text=text, k=k, language=language))
    if not hits:
        print("Nothing in the shop fits.", file=sys.stderr)
    for hit in hits:
        if json_:
            print(hit.model_dump_json())
        else:
            stock = "" if hit.product.stock is None else ("in stock" if hit.product.stock else "sold out")
            print(f"{hit.product.text(language).title}  {hit.product.price or ''}  {stock}  [{hit.product.id}]")


@app.command()
@told
def ask(
    text: Annotated[str, typer.Argument(help="One message of a customer's.")],
    customer: Annotated[str | None, typer.Option(help="The id of the customer who asks.")] = None,
    store: Store = None,
    json_: Json = False,
) -> None:
    """Take one turn, and print its events."""
    from ui.terminal import print_events

    shop = open_shop(load_settings(store=store))
    check_customer(shop, customer)
    events = shop.reply(shop.start_conversation(customer), text, "terminal")
    if not json_:
        print_events(events)
        return
    for event in events:
        print(event.model_dump_json(), flush=True)


@app.command()
@told
def chat(
    customer: Annotated[str | None, typer.Option(help="The id of the customer who chats.")] = None, store: Store = None
) -> None:
    """Chat in the terminal. An empty line or Ctrl-D ends it."""
    from ui.terminal import converse

    shop = open_shop(load_settings(store=store))
    check_customer(shop, customer)
    with waiting("Warming up…"):
        shop.warm_up()
    converse(shop, shop.start_conversation(customer))


@app.command()
@told
def test(
    path: Annotated[Path, typer.Argument(help="A conversation file, or a folder of them.")],
    live: Annotated[bool, typer.Option(help="With the configured model instead of the script.")] = False,
    repeat: Annotated[int, typer.Option(min=1, max=20, help="How often each file is played (with --live).")] = 1,
    store: Store = None,
    json_: Json = False,
) -> None:
    """Play scripted conversations against the shop, and judge where they end."""
    from assistant.testing import run_tests

    settings = load_settings(store=store)
    with progress_bars() as report:
        outcome = run_tests(
            path, settings, live, repeat, lambda stage, done, total: report("Playing conversations", done, total)
        )
    print(outcome.as_json() if json_ else outcome.as_text())
    if not outcome.passed:
        raise typer.Exit(1)


@app.command()
@told
def trace(
    trace_id: Annotated[str | None, typer.Argument(metavar="ID", help="Its id, or how it begins.")] = None,
    last: Annotated[bool, typer.Option(help="The newest turn.")] = False,
    conversation: Annotated[str | None, typer.Option(help="All turns of the conversation with this id.")] = None,
    mask: Annotated[bool, typer.Option(help="Marks in the place of names, addresses, e-mails and orders.")] = False,
    prompt: Annotated[bool, typer.Option(help="All that the model read.")] = False,
    as_test: Annotated[
        Path | None, typer.Option(help="Write the whole conversation to this file, to be played by shelftalk test.")
    ] = None,
    store: Store = None,
    json_: Json = False,
) -> None:
    """Say what was done in a turn: what the model read and wrote, its calls, what was held back, and how long it took.

    The id of a turn that failed is in the log.
    """
    from ui.trace_command import told_traces, write_test

    if as_test is not None:
        count = write_test(load_settings(store=store), trace_id, last, conversation, as_test)
        console.print(f"{count} turns are in {as_test}. Play them with: shelftalk test {as_test}", highlight=False)
        return
    for line in told_traces(load_settings(store=store), trace_id, last, conversation, mask, prompt, json_):
        print(line)


@app.command("settings")
@told
def settings_() -> None:
    """Print every setting: its environment name, its value now and what it is for."""
    from ui.settings_table import settings_table

    print(settings_table(load_settings()))


@app.command()
def doctor(store: Store = None, json_: Json = False) -> None:
    """Say what is installed, which model and index are in use, what is missing and the line that mends it."""
    from ui.doctor import diagnose

    findings = diagnose(store)
    for finding in findings:
        print(finding.model_dump_json() if json_ else str(finding))
    if any(not finding.ok for finding in findings):
        raise typer.Exit(1)


@bench.command()
@told
def turns(
    store: Store = None,
    repeat: Annotated[int, typer.Option(min=1, max=20, help="Rounds over the ten messages.")] = 1,
    json_: Json = False,
) -> None:
    """Time ten fixed messages, warm: to the first card, to the first word, to the end of the turn."""
    from assistant.testing.turns import measure_turns

    shop = open_shop(load_settings(store=store))
    with waiting("Warming up…"):
        shop.warm_up()
    with progress_bars() as report:
        figures = measure_turns(shop, repeat, report)
    print(json.dumps(figures, indent=2) if json_ else "\n".join(f"{key:<16} {value}" for key, value in figures.items()))


def main() -> None:
    """Run the command, with those that other packages add in the entry-point group `shelftalk.commands`."""
    for entry in entry_points(group="shelftalk.commands"):
        command = entry.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=entry.name)
        else:
            app.command(entry.name)(command)
    try:
        app()
    except BrokenPipeError:
        sys.exit(0)
