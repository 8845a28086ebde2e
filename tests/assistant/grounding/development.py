"""The development set, read: sentences with the evidence and the focus they were written on."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.grounding import Focus
from assistant.schema import Evidence

_FILE = Path(__file__).with_name("development.yaml")


@dataclass(frozen=True)
class Sentence:
    text: str
    evidence: Evidence
    focus: Focus
    grounded: bool


@cache
def load_evidence() -> dict[str, Evidence]:
    """Return the evidence by name."""
    return {name: Evidence.model_validate(held) for name, held in _read()["evidence"].items()}


@cache
def load_sentences() -> tuple[Sentence, ...]:
    """Return every sentence of the set."""
    return tuple(
        Sentence(
            item if isinstance(item, str) else item["text"], load_evidence()[name], _focus(item), side == "grounded"
        )
        for side in ("grounded", "ungrounded")
        for name, items in _read()[side].items()
        for item in items
    )


@cache
def _read() -> Any:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))


def _focus(item: Any) -> Focus:
    if isinstance(item, str):
        return Focus()
    ids = item["it"] if isinstance(item["it"], list) else [item["it"]]
    return Focus(product_ids=tuple(ids))
