"""A set of sentences judged by hand, and what grounding makes of each.

    python -m tests.assistant.grounding.measured FILE [--half even|odd] [--wrong]

prints the figures alone, so that a set stays unseen; --wrong prints the sentences that were judged wrongly. A file has
`evidence`, by name what assistant.schema.Evidence holds (or `evidence_of`, files that have it), and `sentences` with
`text`, `evidence` and `grounded`.
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assistant.grounding import Grounder
from assistant.schema import Evidence

HALVES = {"even": 0, "odd": 1}
"""By a sentence's place in its file, counted from 0."""


@dataclass(frozen=True)
class Measured:
    text: str
    grounded: bool
    held: bool
    reasons: tuple[str, ...] = ()


def measure(name: str | Path, half: str | None = None) -> list[Measured]:
    """Return every sentence of a set, a path or a name beside this module, with whether it was held back."""
    document = _read(name)
    held = dict(document.get("evidence", {}))
    for other in document.get("evidence_of", ()):
        held |= _read(other)["evidence"]
    named = {entry["evidence"] for entry in document["sentences"]}
    evidence = {key: Evidence.model_validate(entry) for key, entry in held.items() if key in named}
    grounder = Grounder()
    return [
        _measured(grounder, entry, evidence[entry["evidence"]])
        for place, entry in enumerate(document["sentences"])
        if half is None or place % 2 == HALVES[half]
    ]


def _read(name: str | Path) -> Any:
    # The C loader reads these files ten times as fast.
    return yaml.load(Path(__file__).parent.joinpath(name).read_text(encoding="utf-8"), yaml.CSafeLoader)


def _measured(grounder: Grounder, entry: dict[str, Any], evidence: Evidence) -> Measured:
    claims = grounder.check(entry["text"], evidence).claims_without_evidence
    reasons = tuple(f"{claim.kind}: {claim.reason}" for claim in claims)
    return Measured(text=entry["text"], grounded=entry["grounded"], held=bool(claims), reasons=reasons)


def figures(sentences: Sequence[Measured]) -> str:
    """Say how many of the ungrounded were caught, and how many of the grounded were held back."""
    lies, truths = ([one for one in sentences if one.grounded is side] for side in (False, True))
    caught, alarms = (sum(one.held for one in side) for side in (lies, truths))
    return (
        f"caught {caught} of {len(lies)} ({caught / max(len(lies), 1):.3f}), "
        f"false alarms {alarms} of {len(truths)} ({alarms / max(len(truths), 1):.3f})"
    )


def _print() -> None:
    parser = ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--half", choices=HALVES)
    parser.add_argument("--wrong", action="store_true")
    asked = parser.parse_args()
    sentences = measure(asked.file.absolute(), asked.half)
    print("all:", figures(sentences))
    for language, chinese in (("en", False), ("zh", True)):
        print(f"{language}:", figures([one for one in sentences if _han(one.text) is chinese]))
    if asked.wrong:
        for one in sentences:
            if one.held is one.grounded:
                print("ALARM" if one.held else "MISSED", one.text, *one.reasons, sep="\n    ")


def _han(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


if __name__ == "__main__":
    _print()
