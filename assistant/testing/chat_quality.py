"""A chat model in figures: single requests, scripted conversations live, and the retail tasks, one table a model."""

import hashlib
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from assistant.schema import Value
from assistant.settings import Settings
from assistant.testing.files import ConversationFile, load_conversations
from assistant.testing.kept_runs import keep_run, kept_run, runs_folder
from assistant.testing.requests import Outcome, Request, play_requests, read_requests, summarise
from assistant.testing.runner import RunResult, run_conversation
from assistant.testing.stage import ShopCopy
from assistant.testing.tau.play import passes_of

Progress = Callable[[str, int, int], None]
CaseType = TypeVar("CaseType", Request, ConversationFile)


class ChatCases(Value):
    """What is played: files of requests, conversations, how often each of these, and how many of them (None: all)."""

    requests: tuple[Path, ...] = ()
    conversations: Path | None = None
    repeats: int = 3
    sample: int | None = None


def measure_chat(
    shop: ShopCopy,
    settings: Settings,
    cases: ChatCases,
    customer: str,
    report: Progress = lambda stage, done, total: None,
    cache_folder: Path | None = None,
) -> dict[str, Any]:
    """Play the cases and return the figures, as `--json` prints them. What was played before isn't played again.

    `customer` asks the single requests. Raises ConversationFileError for a file that cannot be read.
    """
    figures: dict[str, Any] = {}
    asked = [request for file in cases.requests for request in read_requests(file)]
    if asked:
        kept = runs_folder("requests", settings, customer, cache_folder)
        asked = _sampled(asked, cases.sample, lambda request: request.request)
        figures["requests"] = summarise(_outcomes(shop, asked, customer, kept, report))
    if cases.conversations is not None:
        kept = runs_folder("conversations", settings, "", cache_folder)
        files = _sampled(load_conversations(cases.conversations), cases.sample, lambda file: Path(file.name).name)
        figures["conversations"] = _figures(_runs(shop, files, cases.repeats, kept, report), cases.repeats)
    return figures


def _outcomes(shop: ShopCopy, asked: Sequence[Request], customer: str, kept: Path, report: Progress) -> list[Outcome]:
    outcomes = []
    for done, request in enumerate(asked):
        report("Asking", done, len(asked))
        place = kept / f"{_hash(request.model_dump_json())}.json"
        outcome = kept_run(place, Outcome)
        if outcome is None:
            with shop.stage(shop.chat_model) as stage:
                (outcome,) = play_requests(stage.app, [request], customer)
            keep_run(place, outcome)
        outcomes.append(outcome)
    return outcomes


def _runs(
    shop: ShopCopy, files: Sequence[ConversationFile], repeats: int, kept: Path, report: Progress
) -> dict[str, list[RunResult]]:
    """Return by file the runs of it."""
    runs: dict[str, list[RunResult]] = {}
    for done, file in enumerate(files):
        for repeat in range(repeats):
            report("Talking", done * repeats + repeat, len(files) * repeats)
            case = _hash(file.model_dump_json(exclude={"name"}))
            place = kept / f"{case}-{repeat}.json"
            run = kept_run(place, RunResult)
            if run is None:
                with shop.stage(shop.chat_model) as stage:
                    run = keep_run(place, run_conversation(file, stage))
            runs.setdefault(file.name, []).append(run)
    return runs


def _figures(runs: Mapping[str, Sequence[RunResult]], repeats: int) -> dict[str, Any]:
    turns = [turn for played in runs.values() for run in played for turn in run.turns]
    said = sum(turn.sentences for turn in turns)
    held_back = sum(turn.held_back for turn in turns)
    seconds = sorted(turn.seconds for turn in turns) or [0.0]
    passed = {name: [run.passed for run in played] for name, played in runs.items()}
    return {
        "conversations": len(runs),
        "pass^1": passes_of(passed.values(), repeats, 1),
        f"pass^{repeats}": passes_of(passed.values(), repeats, repeats),
        "held_back_per_100": round(100 * held_back / max(said + held_back, 1), 2),
        "shown_not_named": sum(turn.unnamed for turn in turns),
        "other_language": sum(turn.other_language for turn in turns),
        "turn_p50_s": round(statistics.median(seconds), 2),
        "turn_p95_s": round(seconds[min(len(seconds) - 1, int(0.95 * len(seconds)))], 2),
        "failed": sorted(name for name, outcomes in passed.items() if not all(outcomes)),
    }


def _sampled(cases: Sequence[CaseType], sample: int | None, name: Callable[[CaseType], str]) -> list[CaseType]:
    """Return all cases, or `sample` of them: always the same, whatever order they come in."""
    return list(cases) if sample is None else sorted(cases, key=lambda case: _hash(name(case)))[:sample]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
