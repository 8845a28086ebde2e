"""Whether a candidate may take the place of what is in use: only if no figure falls and one rises."""

from collections.abc import Mapping
from typing import Any

from assistant.schema import Value

BETTER_HIGH = frozenset({"first_call_accuracy", "tool_accuracy", "refusal_right", "pass^1", "ndcg@10", "mrr@10"})
BETTER_LOW = frozenset({"over_refusal", "held_back_per_100", "shown_not_named", "other_language"})
"""The figures that count. Seconds don't: another process on the machine moves them more than a model does."""


class Verdict(Value):
    """What was measured before and after, and what follows."""

    before: Mapping[str, float]
    after: Mapping[str, float]
    rose: tuple[str, ...]
    fell: tuple[str, ...]

    @property
    def passes(self) -> bool:
        """Whether the candidate goes live."""
        return bool(self.rose) and not self.fell

    def line(self) -> str:
        """Return the verdict in one line, for whoever started the training."""
        if self.passes:
            return f"Goes live: {self._told(self.rose)}."
        if self.fell:
            return f"Stays out: {self._told(self.fell)} got worse."
        return "Stays out: nothing got better."

    def _told(self, names: tuple[str, ...]) -> str:
        return ", ".join(f"{name} {self.before[name]:g} → {self.after[name]:g}" for name in names)


def judge(before: Mapping[str, Any], after: Mapping[str, Any]) -> Verdict:
    """Compare the figures that both have, also those by language; `conversations.pass^1` names one of a group.

    Raises ValueError where there is none that counts: what isn't measured doesn't go live.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    both = sorted(old.keys() & new.keys())
    if not both:
        raise ValueError("Nothing was measured on both models.")
    gains = {name: (new[name] - old[name]) * (1 if _last(name) in BETTER_HIGH else -1) for name in both}
    return Verdict(
        before={name: old[name] for name in both},
        after={name: new[name] for name in both},
        rose=tuple(name for name in both if gains[name] > 0),
        fell=tuple(name for name in both if gains[name] < 0),
    )


def _flat(figures: Mapping[str, Any], of: str = "") -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for name, value in figures.items():
        if name in {"by_intent", "f1_by_argument", "wrong"}:
            continue
        if isinstance(value, Mapping):
            found += _flat(value, f"{of}{name}.")
        elif name in BETTER_HIGH | BETTER_LOW and isinstance(value, int | float):
            found.append((f"{of}{name}", float(value)))
    return found


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1]
