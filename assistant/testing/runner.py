"""One conversation, played against one agent on fresh records."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from assistant.grounding import named_products
from assistant.grounding.stream import split_sentences
from assistant.listening.addresses import one_line
from assistant.listening.consent import consent
from assistant.listening.languages import language_of
from assistant.schema import (
    ConfirmationRequested,
    Event,
    Product,
    ProductCard,
    ProductsShown,
    ToolCall,
    ToolCallStarted,
    TurnFinished,
    Value,
)
from assistant.testing.checks import check_end, check_ending, check_turn
from assistant.testing.files import ConversationFile, Turn
from assistant.testing.filling import CannotFill, fill
from assistant.testing.invariants import broken_invariants
from assistant.testing.script import Script
from assistant.testing.seen import SeenTurn
from assistant.testing.stage import Stage


class TurnResult(Value):
    """What the customer said and read in one turn, and what was wrong with it."""

    said: str
    reply: str = ""
    calls: tuple[ToolCall, ...] = ()
    failures: tuple[str, ...]
    sentences: int = 0
    held_back: int = 0
    unnamed: int = 0
    other_language: bool = False
    seconds: float = 0.0


class RunResult(Value):
    """One run of one conversation."""

    turns: tuple[TurnResult, ...] = ()
    end_failures: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return not self.failures

    @property
    def failures(self) -> tuple[str, ...]:
        """All that was wrong, each with where it was."""
        in_turns = [
            f"turn {number} ({turn.said[:40]}): {failure}"
            for number, turn in enumerate(self.turns, 1)
            for failure in turn.failures
        ]
        return (*in_turns, *(f"at the end: {failure}" for failure in self.end_failures))


def run_conversation(file: ConversationFile, stage: Stage, script: Script | None = None) -> RunResult:
    """Play the conversation to its end, and judge each turn and the end.

    With `script`, which must be what the stage's chat model plays, `expect_scripted` is judged besides.
    """
    began = time.monotonic()
    file.given.put(stage.app.records, datetime.now(UTC).date())
    if file.customer is not None and stage.app.records.customers.find(file.customer) is None:
        return RunResult(end_failures=(f"this shop knows no customer '{file.customer}'",))
    orders = stage.orders()
    play = _Play(file, stage, script)
    turns = tuple(play.turn(turn) for turn in file.turns)
    customer = stage.find_customer(file.customer) if file.customer else None
    address = one_line(customer.address) if customer else ""
    tickets = stage.tickets(play.conversation.id)
    end = tuple(check_end(file, orders, stage.orders(), tickets, address, play.fill))
    return RunResult(turns=turns, end_failures=end, seconds=round(time.monotonic() - began, 3))


class _Play:
    """A conversation as it goes on."""

    def __init__(self, file: ConversationFile, stage: Stage, script: Script | None) -> None:
        self.conversation = stage.app.start_conversation(file.customer)
        self._stage = stage
        self._script = script
        self._turns = 0
        self._cards: Sequence[ProductCard] = ()
        self._proposal_id = ""

    def turn(self, turn: Turn) -> TurnResult:
        """Play one turn and judge it."""
        try:
            turn = turn if turn.user is None else turn.model_copy(update={"user": self.fill(turn.user)})
        except CannotFill as error:
            return TurnResult(said=turn.user or "", failures=(f"the customer cannot say this: {error}",))
        if self._script:
            self._script.begin(turn.script, self.fill)
        began = time.monotonic()
        seen = self._see(turn)
        return TurnResult(
            said=turn.user if turn.user is not None else f"confirm: {'yes' if turn.confirm else 'no'}",
            reply=seen.reply,
            calls=tuple(event.call for event in seen.events if isinstance(event, ToolCallStarted)),
            failures=tuple(self._judge(turn, seen)),
            sentences=sum(1 for sentence in split_sentences(seen.reply) if sentence.strip()),
            held_back=sum(event.held_back for event in seen.events if isinstance(event, TurnFinished)),
            unnamed=len(seen.on_screen) - len(named_products(seen.reply, seen.on_screen)),
            other_language=language_of(seen.reply, self.conversation.language) != self.conversation.language,
            seconds=round(time.monotonic() - began, 3),
        )

    def _see(self, turn: Turn) -> SeenTurn:
        conversation = self.conversation
        known, may_write = len(conversation.messages), conversation.pending is not None and _is_yes(turn)
        before = self._stage.orders()
        first, self._turns = self._turns == 0, self._turns + 1
        events = tuple(self._events(turn))
        shows = any(isinstance(event, ProductsShown) for event in events)
        return SeenTurn(
            turn=turn,
            first=first,
            may_write=may_write,
            events=events,
            conversation=conversation,
            messages=tuple(conversation.messages[known:]),
            on_screen=tuple(self._read(self._cards) if shows else ()),
            orders_before=before,
            orders_after=self._stage.orders(),
            cart=self._stage.cart(conversation),
        )

    def _read(self, cards: Sequence[ProductCard]) -> list[Product]:
        return self._stage.app.catalogue.get_products([card.id for card in cards])

    def _events(self, turn: Turn) -> Iterator[Event]:
        agent, conversation = self._stage.app.agent, self.conversation
        if turn.user is not None:
            events = agent.reply(conversation, turn.user)
        else:
            # The last proposal's id also when it waits no more: a button can be pressed twice.
            events = agent.confirm(conversation, self._proposal_id, bool(turn.confirm))
        for event in events:
            if isinstance(event, ProductsShown):
                self._cards = event.products
            if isinstance(event, ConfirmationRequested):
                self._proposal_id = event.proposal.id
            yield event

    def _judge(self, turn: Turn, seen: SeenTurn) -> Iterator[str]:
        yield from broken_invariants(seen)
        expectations = [each for each in (turn.expect, turn.expect_scripted if self._script else None) if each]
        yield from check_ending(expectations[0] if expectations else None, seen)
        for expect in expectations:
            yield from check_turn(expect, seen, self.fill)
        if self._script and self._script.asked_too_often:
            yield f"the agent asked the model more often than the script's {len(turn.script)} steps"
        if self._script and self._script.left:
            yield f"the agent asked the model for {self._script.left} steps of the script fewer than there are"

    def fill(self, text: str) -> str:
        return fill(text, self._stage, self._cards)


def _is_yes(turn: Turn) -> bool:
    return bool(turn.confirm) if turn.user is None else consent(turn.user) is True
