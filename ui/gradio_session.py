"""What one browser sees: its conversation, the turns so far, the shelf beside them and what it may say next."""

import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from assistant.schema import (
    Conversation,
    Event,
    HandOverChanged,
    Passage,
    ProductCard,
    ProductsShown,
    QuickRepliesOffered,
    SourcesShown,
    TextDelta,
    Ticket,
    TicketMessage,
    ToolCallFinished,
    ToolCallStarted,
    TurnFailed,
    TurnFinished,
    TurnRefused,
)
from assistant.shop.feedback import Rating
from assistant.telling.phrases import phrase, phrase_list
from ui.texts import text


@dataclass
class Step:
    """One tool call. `ok` is None while the tool is at work."""

    call_id: str
    name: str
    arguments: dict[str, Any]
    content: str = ""
    ok: bool | None = None


@dataclass
class TurnView:
    """One turn as the screen shows it."""

    said: str
    number: int = 0
    """Which turn of the conversation it is, from 1, as the record counts."""
    text: str = ""
    steps: list[Step] = field(default_factory=list)
    sources: tuple[Passage, ...] = ()
    ticket: str | None = None
    seconds: float = 0.0
    by: str | None = None
    """Which person of the shop's wrote it; None: the assistant."""
    stopped: bool = False
    failed: bool = False
    over: bool = False


@dataclass(frozen=True)
class Shelf:
    """The product cards on the screen, and what they are: the name of the tool that found them, or 'favourites'."""

    kind: str
    cards: tuple[ProductCard, ...]
    attribution_id: str | None = None

    def holds(self, product_id: str) -> bool:
        """Tell whether one of the cards is of this product."""
        return any(card.id == product_id for card in self.cards)


class Session:
    """A browser's own state; `customer` is the name that it shops under.

    Turns run one at a time; `stop` may be called from another thread.
    """

    def __init__(
        self, conversation: Conversation, shelf: Shelf, customer: str | None = None, visitor_id: str = ""
    ) -> None:
        self.conversation = conversation
        self.visitor_id = visitor_id
        """Which browser it is, as far as a guest's cart and interests go."""
        self.customer = customer
        self.shelf = shelf
        self.opened: str | None = None
        """The id of the product that is looked at closely."""
        self.tab = "shelf"
        """What stands beside the talk."""
        self.for_you = Shelf("for_you", ())
        self.thumbs: dict[str, str] = {}
        """What was thought of a recommended product: like or dislike, by its id."""
        self.ratings: dict[int, Rating] = {}
        """What was thought of a turn, by its number."""
        self.ticket: Ticket | None = None
        self.asked_why: int | None = None
        """The turn that was just thought badly of, while the screen asks for a word of why."""
        self.turns: list[TurnView] = []
        self.replies = phrase_list("greeting_replies", conversation.language)
        self._in_turn = threading.Lock()
        self._stop_wanted = False
        self.left = False

    @property
    def language(self) -> str:
        """The language that the screen speaks: the conversation's."""
        return self.conversation.language

    @property
    def greeting(self) -> str:
        """The first thing the assistant says: that it is one, and whom it takes the shopper for."""
        disclosure = phrase("disclosure", self.language)
        return (
            f"{disclosure}\n\n{text('shopping_as', self.language, name=self.customer)}" if self.customer else disclosure
        )

    def showing_of(self, product_id: str) -> str | None:
        """Return the showing that has this product on the screen, if any has."""
        shelves = (self.for_you, self.shelf) if self.tab == "for_you" else (self.shelf, self.for_you)
        return next((shelf.attribution_id for shelf in shelves if shelf.holds(product_id)), None)

    @property
    def busy(self) -> bool:
        """Whether a turn is under way."""
        return self._in_turn.locked()

    def stop(self) -> None:
        """End the turn that is under way at the model's next sentence."""
        self._stop_wanted = True

    def leave(self) -> None:
        """Stop, and show nothing more: the shopper has closed the page or begun another conversation."""
        self.left = True
        self.stop()

    def follow(self, said: str, events: Iterator[Event], stoppable: bool) -> Generator[TurnView, None, None]:
        """Play a turn's events, yielding its view after each; while another turn is under way do nothing."""
        if not self._in_turn.acquire(blocking=False):
            return
        self._stop_wanted = False
        turn = TurnView(said)
        self.turns.append(turn)
        self.replies = ()
        try:
            with closing(_closable(events)) as stream:
                yield turn
                for event in stream:
                    self._see(turn, event)
                    if stoppable and self._stop_wanted and not _ends(event):
                        turn.stopped = True
                        break
                    yield turn
        finally:
            turn.over = True
            turn.number = self.conversation.turns
            self._in_turn.release()

    def hear(self, ticket: Ticket, written: Sequence[TicketMessage]) -> bool:
        """Take in how the hand-over stands and what a person wrote; tell whether any of it is new."""
        new = ticket != self.ticket or bool(written)
        self.ticket = ticket
        self.turns += [TurnView("", text=message.text, by=message.name or "", over=True) for message in written]
        return new

    def _see(self, turn: TurnView, event: Event) -> None:
        match event:
            case ToolCallStarted(call=call):
                turn.steps.append(Step(call.id, call.name, call.arguments))
            case ToolCallFinished():
                for step in turn.steps:
                    if step.call_id == event.call_id:
                        step.ok, step.content = event.ok, event.content
            case ProductsShown(products=cards, attribution_id=attribution_id):
                self.opened = None
                self.shelf = Shelf(turn.steps[-1].name if turn.steps else "", cards, attribution_id)
            case SourcesShown(sources=sources):
                turn.sources = sources
            case QuickRepliesOffered(replies=replies):
                self.replies = replies
            case HandOverChanged(ticket=ticket):
                self.ticket = ticket
                turn.ticket = ticket.id if ticket.state == "open" else None
            case TextDelta(text=words):
                turn.text += words
            case TurnFinished(seconds=seconds):
                turn.seconds = seconds
            case TurnFailed(text=words) | TurnRefused(text=words):
                turn.text = f"{turn.text}\n\n{words}".strip()
                turn.failed = True


def _closable(events: Iterator[Event]) -> Generator[Event, None, None]:
    """Give an iterator a `close` that reaches the model, so that stopping stops the generation."""
    yield from events


def _ends(event: Event) -> bool:
    return isinstance(event, TurnFinished | TurnFailed | TurnRefused)
