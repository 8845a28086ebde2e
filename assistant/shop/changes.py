"""What an import of people or orders did."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, Self

from assistant.schema import Value

Outcome = Literal["added", "changed", "unchanged"]


class Changes(Value):
    """How many records were written."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Self:
        """Count what became of each record."""
        return cls.model_validate(Counter(outcomes))
