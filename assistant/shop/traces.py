"""What was done in each turn, for the people who run the shop: what the model read, called and said, and how long."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, ValidationError
from sqlalchemy import ColumnElement, Engine, case, delete, func, select

from assistant.errors import RecordsError
from assistant.schema import Errand, LanguageCode, Message, Request, ToolCall, Value
from assistant.shop.sessions import transaction, writing
from assistant.shop.tables import TraceRow, TraceSearchRow, TraceShowingRow

Surface = Literal["terminal", "app", "http"]
Ended = Literal["turn_finished", "turn_failed", "turn_refused", "confirmation_requested", "broken_off"]
_SHORTEST_ID = 6
"""Characters of an id that may stand for all of it."""


class TracedCall(Value):
    """A tool call. `by` tells whose it was; code calls what a yes, a proof or a slot that was filled asks for."""

    id: str
    name: str
    arguments: dict[str, Any]
    by: Literal["model", "code"]
    ok: bool
    milliseconds: int
    results: int | None = Field(default=None, description="Products, orders or passages in the answer; None: no list.")


class HeldBack(Value):
    """A sentence that the customer didn't read, and why."""

    sentence: str
    reason: str


class Showing(Value):
    """Products that were put on the screen together."""

    attribution_id: str
    product_ids: tuple[str, ...]


class TracedStep(Value):
    """One time that the model was asked. What it read is the fixed prompt, `earlier` messages of the turns before, and
    `read`; where the step `follows`, all that the step before read, and `read`; where it stands `alone`, only `read`.
    """

    choice: str = Field(description="Whether it might call a tool: auto, none or required.")
    earlier: int = 0
    follows: bool = False
    alone: bool = False
    read: tuple[Message, ...]
    said: str = Field(description="Its words, before anything was checked.")
    calls: tuple[ToolCall, ...] = ()
    seconds: float


class Trace(Value):
    """One turn. `messages` are those it added to its conversation's, from place `begun` on. Times are in seconds."""

    id: str
    conversation_id: str
    turn: int = Field(description="Counted from 1 in its conversation; an answer to a question by button counts none.")
    customer_id: str | None
    visitor_id: str | None = None
    at: datetime
    surface: Surface
    accepted: bool | None = Field(default=None, description="The answer to a proposal, given by a button.")
    proposed: str | None = Field(default=None, description="The tool of the proposal that ended the turn.")
    language: LanguageCode
    begun: int
    messages: tuple[Message, ...]
    reply: str = Field(description="All that the customer read.")
    steps: tuple[TracedStep, ...] = ()
    calls: tuple[TracedCall, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    showings: tuple[Showing, ...] = ()
    errands: tuple[Errand, ...] = Field(default=(), description="What the customer asked for and is not done yet.")
    requests: tuple[Request, ...] = Field(default=(), description="The several things that one message asked for.")
    prompt_sha256: str
    model: str
    tuned: bool = Field(default=False, description="Whether it was trained for the prompt.")
    adapter: str | None = Field(description="The SHA-256 of the adapter's weights.")
    index: str | None = Field(description="The generation of the search index.")
    first_card: float | None = None
    first_word: float | None = None
    seconds: float
    ended: Ended
    error: str | None = Field(default=None, description="What failed, in the operator's words.")

    @property
    def said(self) -> str:
        """What the customer said."""
        return self.messages[0].content if self.messages and self.messages[0].role == "user" else ""

    @property
    def searches(self) -> tuple[tuple[str, int], ...]:
        """The words of each search that was run, and how many products it found."""
        return tuple(
            (str(call.arguments.get("query", "")), call.results)
            for call in self.calls
            if call.name == "search_products" and call.results is not None
        )


class SearchCount(Value):
    """Words that were searched: how often, how often nothing was found, and when last."""

    words: str
    times: int
    without_hits: int
    last: datetime


class Traces:
    """The traces in the shop's records, the turn's words and all: they are personal data, and go with the person's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, trace: Trace) -> None:
        """Keep a trace."""
        row = TraceRow(
            id=trace.id,
            conversation_id=trace.conversation_id,
            customer_id=trace.customer_id,
            visitor_id=trace.visitor_id,
            at=trace.at,
            ended=trace.ended,
            held_back=len(trace.held_back),
            seconds=trace.seconds,
            first_card=trace.first_card,
            first_word=trace.first_word,
            document=trace.model_dump_json(),
        )
        searches = [
            TraceSearchRow(trace_id=trace.id, position=position, words=" ".join(words.casefold().split()), hits=hits)
            for position, (words, hits) in enumerate(trace.searches)
        ]
        with writing(self._engine) as session:
            session.add(row)
            session.flush()
            session.add_all(searches)
            session.add_all(
                TraceShowingRow(attribution_id=showing.attribution_id, product_id=product_id, trace_id=trace.id)
                for showing in trace.showings
                for product_id in dict.fromkeys(showing.product_ids)
            )

    def get(self, trace_id: str) -> Trace | None:
        """Return the trace with this id, of which the first characters will do where they fit one only."""
        fits = TraceRow.id.startswith(trace_id, autoescape=True)
        found = self._read(fits, limit=2) if len(trace_id) >= _SHORTEST_ID else []
        return found[0] if len(found) == 1 else None

    def last(self) -> Trace | None:
        """Return the newest trace."""
        return next(iter(self._read(limit=1)), None)

    def of_conversation(self, conversation_id: str) -> tuple[Trace, ...]:
        """Return a conversation's traces, oldest first."""
        return tuple(reversed(self._read(TraceRow.conversation_id == conversation_id)))

    def showing_of(self, conversation_id: str, product_id: str) -> str | None:
        """Return the latest showing of a product in a conversation, None where it wasn't shown before."""
        found = (
            select(TraceShowingRow.attribution_id)
            .join(TraceRow, TraceRow.id == TraceShowingRow.trace_id)
            .where(TraceRow.conversation_id == conversation_id, TraceShowingRow.product_id == product_id)
            .order_by(TraceRow.at.desc())
            .limit(1)
        )
        with transaction(self._engine) as session:
            return session.scalar(found)

    def list(
        self, limit: int = 100, since: datetime | None = None, ended: Ended | None = None, held_back: bool = False
    ) -> tuple[Trace, ...]:
        """Return traces, newest first: of turns that ended so, and only those with sentences `held_back`, if asked."""
        wanted: list[ColumnElement[bool]] = []
        if since is not None:
            wanted.append(TraceRow.at >= since)
        if ended is not None:
            wanted.append(TraceRow.ended == ended)
        if held_back:
            wanted.append(TraceRow.held_back > 0)
        return tuple(self._read(*wanted, limit=limit))

    def searches(self, limit: int = 50, since: datetime | None = None) -> tuple[SearchCount, ...]:
        """Return what was searched, that which found nothing most often first."""
        without = func.sum(case((TraceSearchRow.hits == 0, 1), else_=0))
        counted = (
            select(TraceSearchRow.words, func.count(), without, func.max(TraceRow.at))
            .join(TraceRow, TraceRow.id == TraceSearchRow.trace_id)
            .group_by(TraceSearchRow.words)
            .order_by(without.desc(), func.count().desc(), TraceSearchRow.words)
            .limit(limit)
        )
        if since is not None:
            counted = counted.where(TraceRow.at >= since)
        with transaction(self._engine) as session:
            return tuple(
                SearchCount(words=words, times=times, without_hits=int(none), last=last)
                for words, times, none, last in session.execute(counted)
            )

    def prune(self, before: datetime) -> int:
        """Remove what is older; return how many traces that was."""
        return self._remove(TraceRow.at < before)

    def forget(
        self, customer_id: str | None = None, visitor_id: str | None = None, conversation_id: str | None = None
    ) -> int:
        """Remove the traces of a customer, of a visitor or of a conversation; return how many there were."""
        named = {"customer_id": customer_id, "visitor_id": visitor_id, "conversation_id": conversation_id}
        return sum(self._remove(getattr(TraceRow, name) == value) for name, value in named.items() if value is not None)

    def _remove(self, which: ColumnElement[bool]) -> int:
        with writing(self._engine) as session:
            ids = session.scalars(select(TraceRow.id).where(which)).all()
            if ids:
                session.execute(delete(TraceRow).where(which))
            return len(ids)

    def _read(self, *wanted: ColumnElement[bool], limit: int | None = None) -> "Sequence[Trace]":
        newest = select(TraceRow.document).where(*wanted).order_by(TraceRow.at.desc(), TraceRow.id).limit(limit)
        with transaction(self._engine) as session:
            documents = session.scalars(newest).all()
        try:
            return [Trace.model_validate_json(document) for document in documents]
        except ValidationError as error:
            raise RecordsError(f"A trace cannot be read: {error.errors()[0]['msg']}.") from error
