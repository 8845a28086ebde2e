"""One turn under way: what was said, looked up and held back, and how it is put into the record."""

import logging
import time
from dataclasses import dataclass, field

from assistant.errors import Missing, Refused
from assistant.grounding import Focus
from assistant.listening.several import request_under_way
from assistant.schema import Conversation, Errand, Message, TextDelta, ToolCall, ToolResult, TurnFinished
from assistant.telling.phrases import joined, phrase
from assistant.telling.replies import plain_reply
from assistant.tracing.journal import Journal

_log = logging.getLogger(__name__)
ERROR = "Error:"
"""How a tool message begins that tells of a refusal."""
_PARROTED = 12
"""Characters from which a sentence that stands in the note is taken from it."""
_OPENING = 16
"""Characters of the note's beginning, which no answer has."""


@dataclass
class Turn:
    """What one turn has done so far."""

    conversation: Conversation
    journal: Journal = field(default_factory=Journal)
    started: float = field(default_factory=time.monotonic)
    begun: int = 0
    note: str = ""
    said: list[str] = field(default_factory=list)
    unrecorded: list[str] = field(default_factory=list)
    results: list[ToolResult] = field(default_factory=list)
    told: list[ToolResult] = field(default_factory=list)
    put_off: str = ""
    calls: set[str] = field(default_factory=set)
    focus: Focus = field(default_factory=Focus)
    steps: int = 0
    earlier_steps: int = 0
    earlier_text: int = 0
    sentences: int = 0
    no_answer: bool = False
    goes_round: bool = False
    unproven: bool = False
    proof: tuple[tuple[str, ...], ...] = ()
    asked: Missing | None = None
    refused: Refused | None = None
    errand: Errand | None = None

    def __post_init__(self) -> None:
        self.begun = len(self.conversation.messages)

    @property
    def text(self) -> str:
        """What the customer has read of this turn."""
        return "".join(self.said)

    @property
    def answer(self) -> str:
        """What the customer has read for the request under way; `text`, where a message asks for one thing."""
        return self.text[self.earlier_text :]

    def begin_request(self) -> None:
        """Leave what one request brought behind, and turn to the next one of the same message."""
        self.record()
        self.results.clear()
        self.told.clear()
        self.note, self.put_off, self.sentences, self.proof, self.errand, self.refused = "", "", 0, (), None, None
        self.no_answer = self.goes_round = False
        self.earlier_steps, self.earlier_text = self.steps, len(self.text)

    @property
    def held_back(self) -> list[str]:
        """The sentences that the customer didn't read, each with why."""
        return [f"«{sentence}»: {reason}" for sentence, reason in self.journal.held_back]

    def hold_back(self, sentence: str, reason: str) -> None:
        """Keep a sentence from the customer."""
        self.journal.hold_back(sentence, reason)
        _log.info("held back: %s", self.held_back[-1])

    def say(self, text: str) -> TextDelta:
        """Keep a piece of the reply, and return its event."""
        self.said.append(text)
        self.unrecorded.append(text)
        return TextDelta(text=text)

    def record(self, calls: tuple[ToolCall, ...] = ()) -> None:
        """Put what was said since the last record, and the calls, into the conversation as one message."""
        if self.unrecorded or calls:
            text = "".join(self.unrecorded)
            self.conversation.messages.append(Message(role="assistant", content=text, tool_calls=calls))
            self.unrecorded.clear()

    def parrots_its_note(self, sentence: str) -> bool:
        """Tell whether a sentence only gives back what the model was told of its own held-back words."""
        core = sentence.strip(" \n.…»«")
        return bool(self.note) and (
            core.startswith(self.note[:_OPENING]) or (len(core) >= _PARROTED and core in self.note)
        )

    def gap(self) -> str:
        """Return what stands between what was said and the next sentence."""
        return "" if not self.text or self.text[-1].isspace() or self.conversation.language == "zh" else " "

    def stand_in(self) -> str:
        """Return what is said where the model has said nothing that could be shown."""
        if self.results:
            return plain_reply(self.results[-1], self.conversation.language)
        language = self.conversation.language
        if self.unproven:
            return phrase("not_proven", language)
        if self.proof:
            ways = [joined([phrase(f"proof_{thing}", language) for thing in way], language) for way in self.proof]
            things = phrase("list_or", language).join(ways)
            return phrase("sign_in", language, things=things)
        if self.conversation.ticket_id:
            return phrase("ticket_waits", language, ticket=self.conversation.ticket_id)
        return phrase("no_evidence", language)

    def finished(self) -> TurnFinished:
        """Record what was said, and return the event that ends the turn."""
        self.record()
        seconds = round(time.monotonic() - self.started, 3)
        return TurnFinished(text=self.text, steps=self.steps, held_back=len(self.held_back), seconds=seconds)


def close_calls(conversation: Conversation) -> None:
    """Answer the calls that a turn left open when it broke off: a model is confused by a call without its answer."""
    answered = {message.tool_call_id for message in conversation.messages if message.role == "tool"}
    for call in [call for message in conversation.messages for call in message.tool_calls if call.id not in answered]:
        message = Message(role="tool", content="Error: not answered, because the turn broke off.", tool_call_id=call.id)
        conversation.messages.append(message)


def customer_texts(conversation: Conversation) -> tuple[str, ...]:
    """Return what the customer said, in order; of several requests in a message the one under way comes last again."""
    said = [message.content for message in conversation.messages if message.role == "user"]
    under_way = request_under_way(conversation)
    return (*said, under_way) if under_way else tuple(said)
