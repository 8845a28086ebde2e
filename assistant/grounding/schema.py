"""The values that grounding takes and gives."""

from retrieval.schema import Value


class Claim(Value):
    """Something a sentence says that no tool result bears out; `reason` can be told to the model."""

    kind: str
    text: str
    reason: str


class Focus(Value):
    """What 'it' and 'they' may refer to in the next sentence."""

    product_ids: tuple[str, ...] = ()
    order_id: str | None = None


class Verdict(Value):
    """What came of checking a sentence: its claims without evidence (none: show it) and the focus after it."""

    claims_without_evidence: tuple[Claim, ...] = ()
    focus: Focus = Focus()

    @property
    def grounded(self) -> bool:
        """Whether the sentence may be shown."""
        return not self.claims_without_evidence
