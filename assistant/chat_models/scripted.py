"""A chat model that says what a script says: for tests of everything around the model."""

from collections.abc import Iterable, Iterator, Sequence

from assistant.chat_models import ChatModelOptions, ToolChoice
from assistant.errors import ChatModelError
from assistant.schema import Message, ToolCall, ToolSpec


class ScriptedModel:
    """Plays its steps in order; a step is a text or a list of tool calls."""

    name = "scripted"

    def __init__(self, steps: Iterable[str | Sequence[ToolCall]], tuned: bool = False) -> None:
        self._steps = iter(steps)
        self.tuned = tuned
        self.seen: list[tuple[Message, ...]] = []

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        """Yield the next step. Raises ChatModelError when the script is over."""
        self.seen.append(tuple(messages))
        step = next(self._steps, None)
        if step is None:
            raise ChatModelError("The script has no further step: the agent asked the model more often than expected.")
        if isinstance(step, str):
            # In small pieces, as a real model writes.
            yield from (step[start : start + 7] for start in range(0, len(step), 7))
        else:
            yield from step


class SilentModel:
    """Does nothing at all. A scripted conversation that it passes tests nothing."""

    name = "silent"
    tuned = False

    def stream(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], tool_choice: ToolChoice = "auto"
    ) -> Iterator[str | ToolCall]:
        """Yield nothing."""
        yield from ()


def load_silent(options: ChatModelOptions) -> SilentModel:
    """Return the model that does nothing: scripts are handed to a ScriptedModel by the conversation runner."""
    return SilentModel()
