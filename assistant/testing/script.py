"""What the scripted model does, turn by turn."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from uuid import uuid4

from assistant.errors import ConversationFileError
from assistant.schema import ToolCall
from assistant.testing.files import ScriptStep
from assistant.testing.filling import CannotFill

Fill = Callable[[str], str]


class Script:
    """The steps of the present turn, as ScriptedModel takes them. It may run dry, and go on with the next turn."""

    def __init__(self) -> None:
        self._steps: deque[ScriptStep] = deque()
        self._fill: Fill = str
        self.asked_too_often = False

    def begin(self, steps: Iterable[ScriptStep], fill: Fill) -> None:
        """Take up the steps of a turn; `fill` puts values in the place of placeholders when a step is played."""
        self._steps = deque(steps)
        self._fill = fill
        self.asked_too_often = False

    @property
    def left(self) -> int:
        """How many steps the agent hasn't asked for."""
        return len(self._steps)

    def __iter__(self) -> "Script":
        return self

    def __next__(self) -> str | Sequence[ToolCall]:
        if not self._steps:
            self.asked_too_often = True
            raise StopIteration
        step = self._steps.popleft()
        try:
            if step.say is not None:
                return self._fill(step.say)
            return [
                ToolCall(id=uuid4().hex, name=call.name, arguments=_filled(call.arguments, self._fill))
                for call in step.call
            ]
        except CannotFill as error:
            # The agent turns it into turn_failed, and the runner fails the run.
            raise ConversationFileError(f"The script cannot go on: {error}.") from None


def _filled(arguments: object, fill: Fill) -> object:
    match arguments:
        case str():
            return fill(arguments)
        case dict():
            return {name: _filled(value, fill) for name, value in arguments.items()}
        case list():
            return [_filled(value, fill) for value in arguments]
        case _:
            return arguments
