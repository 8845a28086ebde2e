"""The tasks played with a model, each in a fresh copy of the benchmark's shop, and judged by their end state."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from assistant.chat_models import ChatModel
from assistant.chat_models.scripted import SilentModel
from assistant.errors import ToolError
from assistant.schema import ConfirmationRequested, Event, Proposal, TextDelta, TurnFailed, Value
from assistant.settings import Settings
from assistant.shop.rules import WatchedRules
from assistant.shop.sessions import transaction
from assistant.shop.tables import IdempotencyKeyRow
from assistant.testing.kept_runs import keep_run, kept_run, runs_folder
from assistant.testing.stage import ShopCopy, Stage, copy_shop
from assistant.testing.tau.customer import ScriptedCustomer
from assistant.testing.tau.end_state import recorded_state, reference_state
from assistant.testing.tau.replay import propose, replay
from assistant.testing.tau.tasks import Action, Benchmark, Task
from assistant.testing.tau.wants import Want, customer_of, identity_of, wants_of
from assistant.testing.tau.world import benchmark_store
from assistant.tools import ALL_TOOLS, ToolContext
from retrieval.schema import Encoder

_TURNS = 20
_TOOLS = {tool.name: tool for tool in ALL_TOOLS}
Progress = Callable[[str, int, int], None]


class Run(Value):
    """One conversation about one task."""

    task: str
    passed: bool
    state_right: bool
    said: bool
    turns: int
    seconds: float
    transcript: tuple[str, ...]


class TauReport(Value):
    """The figures of a set of tasks. `repeats` is how often each was played."""

    tasks: int
    repeats: int
    expressible: float
    reference_replay: float
    passes: dict[str, float]
    runs: tuple[Run, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        failed = [run.model_dump() for run in self.runs if not run.passed]
        plain = self.model_dump(include={"tasks", "repeats", "expressible", "reference_replay"})
        return {**self.passes, **plain, "failed": failed}


@dataclass(frozen=True)
class _Prepared:
    """A task with what its customer wants, and what our tools make of the reference."""

    task: Task
    customer_id: str
    wants: Sequence[Want]
    replayed: bool
    expressible: bool


def evaluate_tau(
    benchmark: Benchmark,
    settings: Settings,
    encoder: Encoder,
    model: ChatModel | None,
    repeats: int = 1,
    sample: int | None = None,
    progress: Progress = lambda stage, done, total: None,
    cache_folder: Path | None = None,
) -> TauReport:
    """Play the tasks, or `sample` of them, `repeats` times each, and replay the references.

    Without a model only the references are replayed. A run that is in the cache isn't played again: it is kept by the
    model, the code, the prompt and the task.
    """
    store = benchmark_store(benchmark, encoder, progress, cache_folder)
    kept = runs_folder("tau-runs", settings, benchmark.hash, cache_folder)
    tasks = sorted(benchmark.tasks, key=lambda task: task.hash)[:sample]
    runs: list[Run] = []
    prepared = []
    with copy_shop(
        settings.model_copy(update={"store": store, "chroma_url": None}), model or SilentModel(), encoder
    ) as shop:
        for position, task in enumerate(tasks):
            progress("Replaying", position, len(tasks))
            prepared.append(_prepare(benchmark, shop, task, store))
        for position, entry in enumerate(prepared if model else ()):
            for repeat in range(repeats):
                progress("Playing", position * repeats + repeat, len(tasks) * repeats)
                file = kept / f"{entry.task.hash}-{repeat}.json"
                runs.append(kept_run(file, Run) or keep_run(file, _play(benchmark, shop, entry, store)))
    count = max(len(prepared), 1)
    return TauReport(
        tasks=len(prepared),
        repeats=repeats,
        expressible=round(sum(entry.expressible for entry in prepared) / count, 4),
        reference_replay=round(sum(entry.replayed for entry in prepared) / count, 4),
        passes={f"pass^{k}": passes(runs, repeats, k) for k in sorted({1, repeats})} if model else {},
        runs=tuple(runs),
    )


def passes(runs: Sequence[Run], repeats: int, k: int) -> float:
    """Return pass^k of the tasks; see `passes_of`."""
    by_task: dict[str, list[bool]] = {}
    for run in runs:
        by_task.setdefault(run.task, []).append(run.passed)
    return passes_of(by_task.values(), repeats, k)


def passes_of(cases: Iterable[Sequence[bool]], repeats: int, k: int) -> float:
    """Return pass^k (Yao et al. 2024, arXiv 2406.12045): the mean chance that k of a case's runs, drawn without
    putting back, all pass."""
    chances = [comb(sum(passed), k) / comb(repeats, k) for passed in cases]
    return round(sum(chances) / max(len(chances), 1), 4)


def _prepare(benchmark: Benchmark, shop: ShopCopy, task: Task, store: Path) -> _Prepared:
    customer_id = customer_of(benchmark, task)
    with shop.stage(SilentModel()) as stage:
        context = _context(stage, customer_id, store)
        methods = {method.id: method for method in stage.app.records.customers.get(customer_id).payment_methods}
        wants = wants_of(benchmark, task, methods)
        expressible = identity_of(task).is_enough and _said_in_words(context, wants)
    with shop.stage(SilentModel()) as stage:
        replay(_context(stage, customer_id, store), task)
        reached = recorded_state(stage.app.records, customer_id)
    expected = reference_state(benchmark, customer_id, task.writes)
    return _Prepared(task, customer_id, wants, reached == expected, expressible)


def _said_in_words(context: ToolContext, wants: Sequence[Want]) -> bool:
    """Tell whether the wants, in words, come to the same proposals as the reference; each is done for the next."""
    for want in wants:
        right = _try(propose, context, want.action)
        spoken = _try(_TOOLS[want.tool].propose, context, want.arguments)
        if (right and _read(right)) != (spoken and _read(spoken)):
            return False
        # What the reference wants and the shop refuses changes nothing.
        if right is not None:
            _TOOLS[right.tool].apply(context, right, right.id)
    return True


def _try(make: Callable[[ToolContext, Any], Proposal], context: ToolContext, what: Any) -> Proposal | None:
    try:
        return make(context, what)
    except ToolError:
        return None


def _play(benchmark: Benchmark, shop: ShopCopy, entry: _Prepared, store: Path) -> Run:
    started = time.monotonic()
    with shop.stage(shop.chat_model) as stage:
        context = _context(stage, entry.customer_id, store)
        customer = ScriptedCustomer(entry.task, entry.wants, lambda action: _shown(context, action))
        transcript, turns = _talk(stage, customer)
        state = recorded_state(stage.app.records, entry.customer_id)
        alone = _touched_nobody_else(stage, entry.customer_id)
    right = alone and state == reference_state(benchmark, entry.customer_id, entry.task.writes)
    words = " ".join(text for text in transcript if text.startswith("assistant: ")).replace(",", "").casefold()
    said = all(text.replace(",", "").casefold() in words for text in entry.task.to_be_said)
    return Run(
        task=entry.task.id,
        passed=right and said,
        state_right=right,
        said=said,
        turns=turns,
        seconds=round(time.monotonic() - started, 1),
        transcript=tuple(transcript),
    )


def _talk(stage: Stage, customer: ScriptedCustomer) -> tuple[list[str], int]:
    """Let the two talk to the end; return what was said and how many turns it took."""
    agent, conversation = stage.app.agent, stage.app.start_conversation()
    message = customer.opening()
    transcript = [f"customer: {message}"]
    events = list(agent.reply(conversation, message))
    for turn in range(1, _TURNS + 1):
        text, proposal = _heard(events)
        transcript.append(f"assistant: {text}")
        if any(isinstance(event, TurnFailed) for event in events):
            return transcript, turn
        answer = customer.answer(text, proposal)
        if answer is None:
            return transcript, turn
        transcript.append(f"customer: {answer}")
        if proposal is not None and answer in ("yes", "no"):
            events = list(agent.confirm(conversation, proposal.id, answer == "yes"))
        else:
            events = list(agent.reply(conversation, answer))
    return transcript, _TURNS


def _heard(events: Sequence[Event]) -> tuple[str, Proposal | None]:
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    asked = [event.proposal for event in events if isinstance(event, ConfirmationRequested)]
    return text, asked[-1] if asked else None


def _touched_nobody_else(stage: Stage, customer_id: str) -> bool:
    others = select(func.count()).select_from(IdempotencyKeyRow).where(IdempotencyKeyRow.customer_id != customer_id)
    with transaction(stage.engine) as session:
        return session.scalar(others) == 0


def _context(stage: Stage, customer_id: str, store: Path) -> ToolContext:
    app = stage.app
    return ToolContext(
        app.catalogue, app.records, app.policies, customer_id=customer_id, rules=WatchedRules(store).current
    )


def _shown(context: ToolContext, action: Action) -> tuple[str, ...]:
    """Return what a proposal of this action shows now; nothing where our tools refuse it."""
    try:
        return _read(propose(context, action))
    except ToolError:
        return ()


def _read(proposal: Proposal) -> tuple[str, ...]:
    return (proposal.summary, *proposal.changes)
