"""What the agent notes of a turn while it is under way, beyond what its events tell."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from assistant.schema import Message, ProductDetails, ToolCall, ToolResult

_LISTS = ("products", "orders", "passages")


@dataclass
class Asked:
    """One time that the model was asked, and what it answered before anything was checked.

    The last `own` of the messages are of this turn.
    """

    messages: tuple[Message, ...]
    own: int
    choice: str
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    said: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)

    def hear(self, piece: str | ToolCall) -> None:
        """Note the next piece of the answer."""
        if isinstance(piece, ToolCall):
            self.calls.append(piece)
        else:
            self.said.append(piece)
        self.seconds = time.monotonic() - self.began


@dataclass
class Journal:
    """One turn's notes. `id` is that of the trace that will be made of them."""

    id: str = field(default_factory=lambda: uuid4().hex)
    asked: list[Asked] = field(default_factory=list)
    held_back: list[tuple[str, str]] = field(default_factory=list)
    found: dict[str, int] = field(default_factory=dict)
    looked_at: dict[str, None] = field(default_factory=dict)
    error: str | None = None

    def ask(self, messages: Sequence[Message], own: int, choice: str) -> Asked:
        """Note that the model is asked, and what it reads; the last `own` messages are of this turn."""
        self.asked.append(Asked(tuple(messages), own, choice))
        return self.asked[-1]

    def hold_back(self, sentence: str, reason: str) -> None:
        """Note a sentence that the customer doesn't read."""
        self.held_back.append((sentence.strip(), reason))

    def find(self, call: ToolCall, result: ToolResult) -> None:
        """Note how many things an answer lists, if it is a list, and which product it is about, if it is about one."""
        if isinstance(result, ProductDetails):
            self.looked_at[result.product.id] = None
        for name in _LISTS:
            if (things := getattr(result, name, None)) is not None:
                self.found[call.id] = len(things)
