"""Makes a trace of each turn that a surface plays, and puts it into the shop's records."""

import logging
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assistant.errors import RecordsError
from assistant.schema import (
    ConfirmationRequested,
    Conversation,
    Event,
    Interaction,
    Message,
    ProductsShown,
    TextDelta,
    ToolCall,
    ToolCallFinished,
    ToolCallStarted,
    TurnFailed,
    TurnFinished,
    TurnRefused,
)
from assistant.shop.interactions import Interactions
from assistant.shop.traces import Ended, HeldBack, Showing, Surface, Trace, TracedCall, TracedStep, Traces
from assistant.tracing.journal import Asked, Journal

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recorder:
    """Follows turns. `prompt` is what every talk begins with; `index` and `adapter` name what is in use at the time."""

    traces: Traces
    interactions: Interactions
    prompt: Sequence[Message]
    prompt_sha256: str
    model: str
    tuned: bool
    adapter: Callable[[], str | None]
    index: Callable[[], str | None]
    keep: timedelta

    def follow(
        self,
        conversation: Conversation,
        journal: Journal,
        events: Generator[Event, None, None],
        surface: Surface,
        visitor_id: str | None = None,
        accepted: bool | None = None,
    ) -> Generator[Event, None, None]:
        """Pass a turn's events on; when it is over, or broken off, keep its trace and what was looked at in it.

        The shopper has had the answer by then: records that don't take it are told to the operator only.
        """
        seen = _Seen(conversation, journal)
        try:
            for event in events:
                seen.see(event)
                yield event
        finally:
            events.close()
            try:
                self.traces.add(self._trace(seen, surface, visitor_id, accepted))
                self.interactions.add(*self._interests(seen, visitor_id))
                self.traces.prune(datetime.now(UTC) - self.keep)
            except RecordsError as error:
                _log.error("trace %s was not kept: %s", journal.id, error, exc_info=error)

    def _interests(self, seen: "_Seen", visitor_id: str | None) -> Generator[Interaction, None, None]:
        """Yield the products that the shopper asked about: a click where the talk had shown them, else a view."""
        conversation = seen.conversation
        if conversation.customer_id is None and visitor_id is None:
            return
        for product_id in seen.journal.looked_at:
            showing = self.traces.showing_of(conversation.id, product_id)
            yield Interaction(
                customer_id=conversation.customer_id,
                visitor_id=visitor_id,
                product_id=product_id,
                kind="click" if showing else "view",
                at=seen.at,
                source="chat",
                conversation_id=conversation.id,
                attribution_id=showing,
            )

    def _trace(self, seen: "_Seen", surface: Surface, visitor_id: str | None, accepted: bool | None) -> Trace:
        conversation, journal = seen.conversation, seen.journal
        return Trace(
            id=journal.id,
            conversation_id=conversation.id,
            turn=conversation.turns,
            customer_id=conversation.customer_id,
            visitor_id=visitor_id,
            at=seen.at,
            surface=surface,
            accepted=accepted,
            proposed=seen.proposed,
            language=conversation.language,
            begun=seen.begun,
            messages=tuple(conversation.messages[seen.begun :]),
            reply="".join(seen.said),
            steps=tuple(self._steps(journal.asked)),
            calls=tuple(seen.calls),
            held_back=tuple(HeldBack(sentence=sentence, reason=reason) for sentence, reason in journal.held_back),
            showings=tuple(seen.showings),
            errands=tuple(conversation.errands),
            requests=tuple(each for each in conversation.requests if each.place is None or each.place >= seen.begun),
            prompt_sha256=self.prompt_sha256,
            model=self.model,
            tuned=self.tuned,
            adapter=self.adapter(),
            index=self.index(),
            first_card=seen.first_card,
            first_word=seen.first_word,
            seconds=round(time.monotonic() - seen.began, 3),
            ended=seen.ended,
            error=journal.error,
        )

    def _steps(self, asked: Sequence[Asked]) -> Generator[TracedStep, None, None]:
        """Yield the steps; the fixed prompt, earlier turns and what the step before read aren't kept again."""
        before: tuple[Message, ...] = ()
        for each in asked:
            follows = bool(before) and each.messages[: len(before)] == before
            first = len(before) if follows else len(each.messages) - each.own
            yield TracedStep(
                choice=each.choice,
                follows=follows,
                earlier=0 if follows or not first else first - len(self.prompt),
                alone=not first,
                read=each.messages[first:],
                said="".join(each.said),
                calls=tuple(each.calls),
                seconds=round(each.seconds, 3),
            )
            before = each.messages


class _Seen:
    """What the events of a turn told."""

    def __init__(self, conversation: Conversation, journal: Journal) -> None:
        self.conversation = conversation
        self.journal = journal
        self.began = time.monotonic()
        self.at = datetime.now(UTC)
        self.begun = len(conversation.messages)
        self.said: list[str] = []
        self.calls: list[TracedCall] = []
        self.showings: list[Showing] = []
        self.first_card: float | None = None
        self.first_word: float | None = None
        self.proposed: str | None = None
        self.ended: Ended = "broken_off"
        self._open: dict[str, tuple[ToolCall, float]] = {}

    def see(self, event: Event) -> None:
        """Take in the next event."""
        match event:
            case ToolCallStarted(call=call):
                self._open[call.id] = (call, time.monotonic())
            case ToolCallFinished(call_id=call_id):
                call, began = self._open.pop(call_id)
                self.calls.append(
                    TracedCall(
                        id=call.id,
                        name=call.name,
                        arguments=call.arguments,
                        by="model" if self._is_the_models(call.id) else "code",
                        ok=event.ok,
                        milliseconds=round(1000 * (time.monotonic() - began)),
                        results=self.journal.found.get(call.id),
                    )
                )
            case ProductsShown(products=cards, attribution_id=attribution_id):
                self.first_card = self._elapsed() if self.first_card is None else self.first_card
                ids = tuple(card.id for card in cards)
                self.showings.append(Showing(attribution_id=attribution_id, product_ids=ids))
            case TextDelta(text=text):
                self.first_word = self._elapsed() if self.first_word is None else self.first_word
                self.said.append(text)
            case TurnFinished() | TurnFailed() | TurnRefused() | ConfirmationRequested():
                self.ended = event.type
                if isinstance(event, ConfirmationRequested):
                    self.proposed = event.proposal.tool
                if isinstance(event, TurnFailed | TurnRefused):
                    self.said.append(event.text)

    def _is_the_models(self, call_id: str) -> bool:
        return any(call.id == call_id for asked in self.journal.asked for call in asked.calls)

    def _elapsed(self) -> float:
        return round(time.monotonic() - self.began, 3)
