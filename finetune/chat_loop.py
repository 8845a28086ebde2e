"""The shop's own loop for the chat model: its talks, a candidate, figures beside those of the one in use, the gate."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.app import adapter_folder, open_shop_records
from assistant.chat_models import DEFAULT_MODEL
from assistant.chat_models.scripted import SilentModel
from assistant.kept_models import KeptModels
from assistant.schema import Value
from assistant.settings import Settings
from assistant.testing.chat_quality import ChatCases, measure_chat
from assistant.testing.stage import copy_shop
from finetune.base import write_base
from finetune.data import read_talks
from finetune.export import run_facts, write_adapter
from finetune.files import whole
from finetune.gate import Verdict, judge
from finetune.shop_talks import shop_lines
from finetune.synthesize import Source, asked_in_measures, spoken_in_tests, write_set
from finetune.train_chat import Recipe, estimate_minutes, train
from retrieval.weights import load_weights

Report = Callable[[str, int, int], None]


class Trained(Value):
    """What a run of the loop came to."""

    adapter: str
    held_out_loss: float
    talks: int
    of_the_shop: int
    left_out: dict[str, int]


def make_set(out: Path, settings: Settings, source: Source, report: Report) -> tuple[int, Counter[str]]:
    """Write the set, once: made-up shoppers played in a copy of the store, and the shop's own talks behind them.

    Returns how many lines are of the shop's own talks, and what was left out of these by reason.
    """
    report("Playing conversations", 0, 1)
    with copy_shop(settings, SilentModel()) as shop:
        write_set(out, shop, source)
    left_out: Counter[str] = Counter()
    lines = list(shop_lines(open_shop_records(settings), left_out))
    with whole(out) as partial, partial.open("w", encoding="utf-8") as file:
        file.write(out.read_text(encoding="utf-8"))
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    report("Playing conversations", 1, 1)
    return len(lines), left_out


def train_candidate(
    folder: Path, settings: Settings, source: Source, recipe: Recipe, say: Callable[[str], None], report: Report
) -> Trained:
    """Make the set where there is none yet, and train an adapter from the one in use. Raises TrainingError."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = folder / "set.jsonl"
    own: tuple[int, Counter[str]] = (0, Counter())
    if not lines.is_file():
        own = make_set(lines, settings, source, report)
    # A set that cannot be learned from is told of before anything long begins; one token stands for every text.
    read_talks(lines, encode=lambda text: [0])
    base = write_base(settings.models / "base-for-training", settings.models)
    say(f"Training, about {estimate_minutes(lines, base, recipe):.0f} minutes, {recipe.minutes:.0f} at most…")
    start = adapter_folder(settings)
    loss, reading = train(lines, base, folder / "run", recipe, start, report)
    (gguf_file,) = load_weights(DEFAULT_MODEL, settings.models).glob("*.gguf")
    write_adapter(folder / "run", folder / "adapter", gguf_file, run_facts(folder / "run", lines))
    return Trained(
        adapter=str(folder / "adapter"),
        held_out_loss=loss,
        talks=len(reading.talks),
        of_the_shop=own[0],
        left_out=dict(own[1]),
    )


def judged(candidate: Path, settings: Settings, cases: ChatCases, customer: str, report: Report) -> Verdict:
    """Measure what is in use and the candidate on the same cases, and compare them. Raises ValueError: see `judge`."""
    in_use = adapter_folder(settings)
    figures: list[dict[str, Any]] = []
    for adapter in (str(in_use) if in_use else "none", str(candidate)):
        measured = settings.model_copy(update={"adapter": adapter})
        with copy_shop(measured) as shop:
            figures.append(measure_chat(shop, measured, cases, customer, report))
    return judge(*figures)


def let_in(candidate: Path, verdict: Verdict, store: Path, at: datetime) -> str:
    """Keep the candidate with its figures, and put it into use if it passes; return the name that it has."""
    models = KeptModels(store, "chat")
    name = models.keep(candidate, verdict.after, at)
    if verdict.passes:
        models.use(name)
    return name


def cases_of(requests: tuple[Path, ...], conversations: Path | None, repeats: int, sample: int | None) -> ChatCases:
    """Return what a candidate is measured on."""
    return ChatCases(requests=requests, conversations=conversations, repeats=repeats, sample=sample)


def source_of(requests: int, played: int, conversations: Path | None, measured: Sequence[Path] = ()) -> Source:
    """Return what the made-up part of a set is made of, clear of what the model is measured on."""
    tested = (*(spoken_in_tests(conversations) if conversations else ()), *asked_in_measures(measured))
    return Source(requests=requests, played=played, tested=tested)
