"""The measure of grounding: 200 grounded and 200 ungrounded sentences, by a writer who hadn't seen the code.

Every other sentence of it has been tuned on since; finetune/LOG.md gives the figures of both halves.
"""

from pathlib import Path

import pytest
import yaml

from assistant.grounding import Grounder
from assistant.schema import Evidence

LEAST_CAUGHT = 0.98
MOST_FALSE_ALARMS = 0.02


@pytest.fixture(scope="module")
def held() -> list[tuple[bool, bool, str]]:
    """Every sentence as (is grounded, was held back, text)."""
    document = yaml.safe_load(Path(__file__).with_name("evaluation.yaml").read_text(encoding="utf-8"))
    evidence = {name: Evidence.model_validate(entry) for name, entry in document["evidence"].items()}
    grounder = Grounder()
    return [
        (entry["grounded"], not grounder.check(entry["text"], evidence[entry["evidence"]]).grounded, entry["text"])
        for entry in document["sentences"]
    ]


def test_ungrounded_sentences_are_caught(held: list[tuple[bool, bool, str]]) -> None:
    ungrounded = [(caught, text) for grounded, caught, text in held if not grounded]
    assert len(ungrounded) == 200
    assert sum(caught for caught, _ in ungrounded) / 200 >= LEAST_CAUGHT, [t for caught, t in ungrounded if not caught]


def test_grounded_sentences_are_not(held: list[tuple[bool, bool, str]]) -> None:
    grounded = [(caught, text) for grounded, caught, text in held if grounded]
    assert len(grounded) == 200
    assert sum(caught for caught, _ in grounded) / 200 <= MOST_FALSE_ALARMS, [t for caught, t in grounded if caught]
