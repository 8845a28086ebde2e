"""`shelftalk evaluate …`: quality in figures."""

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import AssistantError
from assistant.settings import load_settings
from ui.command_parts import Json, Store, check_customer, open_shop, quiet_libraries, told
from ui.evaluation_table import print_side_by_side
from ui.progress import progress_bars, waiting

evaluate = typer.Typer(help="Measure quality.", no_args_is_help=True)
SAMPLED = 0.7
"""The temperature at which a task is played more than once."""


@evaluate.command()
@told
def requests(
    file: Annotated[
        Path, typer.Argument(help="Tab-separated: lang, request, tool, args; see assistant/testing/requests.py.")
    ],
    customer: Annotated[str, typer.Option(help="The customer who asks.")] = "C001",
    store: Store = None,
    json_: Json = False,
) -> None:
    """Ask single requests; the share whose first tool call is right."""
    from assistant.testing.requests import play_requests, read_requests, summarise

    asked = read_requests(file)
    shop = open_shop(load_settings(store=store))
    check_customer(shop, customer)
    with progress_bars() as report:
        summary = summarise(play_requests(shop, asked, customer, report))
    if json_:
        print(json.dumps(summary, ensure_ascii=False, indent=2))
        return
    for name, shares in {"all": summary, **summary["by_language"], **summary["by_intent"]}.items():
        right, tool_alone = shares["first_call_accuracy"], shares["tool_accuracy"]
        print(f"{name:<24} {shares['requests']:>4}  {right:.2f}  tool alone {tool_alone:.2f}")


@evaluate.command()
@told
def chat(
    requests: Annotated[list[Path] | None, typer.Option(help="A file of single requests; may be given again.")] = None,
    conversations: Annotated[Path | None, typer.Option(help="A folder of scripted conversations, played live.")] = None,
    adapters: Annotated[str, typer.Option(help="One or more of shipped, none and folders, side by side.")] = "shipped",
    model: Annotated[str | None, typer.Option(help="The chat model: embedded, local, openai_compatible.")] = None,
    repeat: Annotated[int, typer.Option(min=1, max=16, help="How often each conversation is played.")] = 3,
    sample: Annotated[int | None, typer.Option(min=1, help="Play that many of each.")] = None,
    customer: Annotated[str, typer.Option(help="The customer who asks the single requests.")] = "C001",
    store: Store = None,
    json_: Json = False,
) -> None:
    """Measure a chat model: first calls, whole conversations, what is held back, seconds; adapters side by side."""
    from assistant.testing.chat_quality import ChatCases, measure_chat
    from assistant.testing.stage import copy_shop

    if not requests and conversations is None:
        raise AssistantError("Say what to play: --requests FILE, --conversations FOLDER, or both.")
    cases = ChatCases(requests=tuple(requests or ()), conversations=conversations, repeats=repeat, sample=sample)
    figures = {}
    for adapter in adapters.split(","):
        settings = load_settings(store=store, chat_model=model, adapter=adapter)
        with waiting("Opening the shop…"), quiet_libraries():
            opened = copy_shop(settings)
        with opened as shop, progress_bars() as report:
            figures[adapter] = measure_chat(shop, settings, cases, customer, report)
    if json_:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    print_side_by_side(figures)


@evaluate.command("search")
@told
def evaluate_search_(
    catalogue: Annotated[Path, typer.Option(help="A product feed in any format that import reads.")],
    queries: Annotated[Path, typer.Option(help="CSV: query_id, query.")],
    qrels: Annotated[Path, typer.Option(help="CSV: query_id, product_id, gain; or a TREC file.")],
    systems: Annotated[
        str | None, typer.Option(help="Of lexical,dense,fused,reranked. Default: all that the settings allow.")
    ] = None,
    per_query: Annotated[Path | None, typer.Option(help="Write NDCG@10 by query to this file, as TSV.")] = None,
    json_: Json = False,
) -> None:
    """Rank a whole catalogue for judged queries: quality and speed, a line a system."""
    from ui.evaluation_table import measure_search, print_evaluation, write_per_query

    settings = load_settings()
    with progress_bars() as report, quiet_libraries():
        evaluation = measure_search(settings, catalogue, queries, qrels, systems, report)
    print_evaluation(evaluation, json_)
    if per_query is not None:
        write_per_query(per_query, evaluation.ndcg)


@evaluate.command()
@told
def recommend(
    interactions: Annotated[
        Path, typer.Option(help="CSV or parquet: user_id, item_id, timestamp, event; or user_id, history, target.")
    ],
    items: Annotated[Path, typer.Option(help="CSV or parquet: item_id, title; brand, category and price where known.")],
    folds: Annotated[int, typer.Option(min=2, max=20, help="Each part of the users is ranked by the others.")] = 5,
    json_: Json = False,
) -> None:
    """Rank every product for what each user took last: popularity, co-occurrence, content and ours, in one run."""
    from ui.recommend_evaluation import measure_recommending, print_recommending

    with progress_bars() as report, quiet_libraries():
        figures, read = measure_recommending(load_settings(), interactions, items, folds, report)
    print_recommending(figures, read, json_)


@evaluate.command()
@told
def tau(
    data: Annotated[Path, typer.Option(help="The folder with the benchmark's database, policy and tasks.")],
    tasks: Annotated[str, typer.Option(help="dev (tau2) or train (tau1's).")] = "dev",
    model: Annotated[str | None, typer.Option(help="A chat model; 'none' replays the reference only.")] = None,
    repeat: Annotated[int, typer.Option(min=1, max=16, help="How often each task is played: pass^1 to pass^K.")] = 1,
    sample: Annotated[int | None, typer.Option(min=1, help="Play that many of the tasks.")] = None,
    json_: Json = False,
) -> None:
    """Play the retail tasks of tau-bench with a scripted customer; replay their references through our tools.

    Played more than once, the model samples, at 0.7 unless SHELFTALK_TEMPERATURE says otherwise.
    """
    from assistant.app import chat_model_options, load_configured_encoder
    from assistant.chat_models import load_chat_model
    from assistant.testing.tau import TASK_SETS, evaluate_tau, read_benchmark

    if tasks not in TASK_SETS:
        raise AssistantError(f"There are no tasks '{tasks}'. There are: {', '.join(TASK_SETS)}.")
    settings = load_settings(chat_model=None if model == "none" else model)
    if repeat > 1 and not settings.temperature:
        # The likeliest words are the same every time.
        settings = settings.model_copy(update={"temperature": SAMPLED})
    benchmark = read_benchmark(data, tasks)
    with waiting("Loading the models…"), quiet_libraries():
        encoder = load_configured_encoder(settings)
        chat_model = None if model == "none" else load_chat_model(settings.chat_model, chat_model_options(settings))
    with progress_bars() as report:
        figures = evaluate_tau(benchmark, settings, encoder, chat_model, repeat, sample, report).as_json()
    if json_:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    for name, value in figures.items():
        if name != "failed":
            print(f"{name:<18} {value}")
