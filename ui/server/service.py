"""What the routes work with: the open shop, who is asking, and the turns under way."""

from collections.abc import Generator, MutableMapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, cast

from cachetools import LRUCache
from fastapi import Depends, Header, HTTPException, Request
from opentelemetry.trace import Tracer

from assistant.app import App
from assistant.schema import Conversation, Event, TurnRefused
from assistant.telling.phrases import phrase
from ui.server.callers import Caller, Callers
from ui.server.limits import Limits
from ui.server.metrics import Metrics
from ui.server.spans import TurnSpans
from ui.server.turn_log import TurnLog
from ui.server.turns import LiveTurn, TurnOrder, Turns
from ui.server.watching import Watch, Watches

_KEPT = 10_000
"""Conversations without a visitor's id whose guests proved who they are."""


@dataclass(frozen=True)
class Service:
    """An open shop at the door of HTTP."""

    shop: App
    callers: Callers
    turns: Turns
    limits: Limits
    metrics: Metrics
    tracer: Tracer | None = None
    proven: MutableMapping[str, str] = field(default_factory=lambda: LRUCache(_KEPT))

    def conversation(self, conversation_id: str, caller: Caller) -> Conversation:
        """Return a conversation of the caller's. Raises HTTPException 404, also for one of somebody else's.

        One without a visitor's id goes on by its own id, which nobody else knows; a guest who has proven there who they
        are stays known as long as this process lives.
        """
        known = caller.customer_id or self.proven.get(conversation_id)
        found = self.shop.records.conversations.load(conversation_id, known, caller.visitor_id)
        if found is None and known != caller.customer_id:
            found = self.shop.records.conversations.load(conversation_id, caller.customer_id, caller.visitor_id)
        if found is None:
            raise HTTPException(404, "There is no such conversation.")
        return found

    def open_conversation(self, conversation_id: str | None, caller: Caller) -> Conversation:
        """Return the caller's conversation, or with None a new one. A guest who has signed in takes theirs along."""
        if conversation_id is None:
            conversation = self.shop.start_conversation(caller.customer_id)
            conversation.visitor_id = None if caller.customer_id else caller.visitor_id
            self.welcome(caller)
            return conversation
        conversation = self.conversation(conversation_id, caller)
        if caller.customer_id is not None:
            self.welcome(caller)
            # From here on it is the customer's alone: the browser's next user may have the same visitor's id.
            conversation.customer_id, conversation.visitor_id = caller.customer_id, None
        return conversation

    def welcome(self, caller: Caller) -> None:
        """Let a customer who was a visitor before keep the cart and what they looked at."""
        if caller.customer_id is not None and caller.visitor_id is not None:
            records = self.shop.records
            records.carts.merge(f"visitor:{caller.visitor_id}", caller.customer_id)
            records.interactions.adopt(caller.visitor_id, caller.customer_id)

    def last_turn(self, conversation_id: str, caller: Caller) -> LiveTurn:
        """Return the last turn of a conversation of the caller's. Raises HTTPException 404 where there is none."""
        turn = self.turns.last_of(conversation_id)
        # Without a visitor's id, the conversation's is enough, which nobody else knows.
        if turn is None or not (turn.order.caller in caller.names or turn.order.caller.startswith("address:")):
            raise HTTPException(404, "There is no turn of such a conversation.")
        return turn

    def begin(
        self,
        conversation: Conversation,
        caller: Caller,
        events: Generator[Event, None, None],
        trace_id: str,
        message: str | None = None,
        kept: bool = True,
    ) -> LiveTurn | TurnRefused:
        """Start a turn of the conversation, or say why not. `message` is what the customer said.

        What isn't `kept` leaves no record of the talk; what the agent did in it is audited all the same.
        """
        watch = self._watch(conversation, caller, trace_id, message)
        wait = self.limits.wait_for_turn(caller)
        if wait is not None:
            return _refused(watch, "rate_limited", conversation.language, wait)

        def ended() -> None:
            if not kept:
                return
            self.shop.records.conversations.save(conversation)
            if caller.customer_id is None and conversation.visitor_id is None and conversation.customer_id is not None:
                self.proven[conversation.id] = conversation.customer_id

        order = TurnOrder(
            conversation_id=conversation.id,
            caller=caller.key,
            language=conversation.language,
            events=events,
            ended=ended,
            greets=conversation.turns == 0 and kept,
            watch=watch,
            trace_id=trace_id,
        )
        return self.turns.start(order) or _refused(watch, "busy", conversation.language, None)

    def _watch(self, conversation: Conversation, caller: Caller, trace_id: str, message: str | None) -> Watch:
        told = message if self.shop.settings.log_messages else None
        spans = [TurnSpans(self.tracer, trace_id, conversation.id)] if self.tracer else []
        return Watches(self.metrics.watch(), TurnLog(trace_id, conversation.id, caller, told), *spans)


def _refused(
    watch: Watch, reason: Literal["busy", "rate_limited"], language: str, retry_after: int | None
) -> TurnRefused:
    refusal = TurnRefused(reason=reason, text=phrase(reason, language), retry_after=retry_after)
    watch.saw(refusal)
    return refusal


def service_of(request: Request) -> Service:
    """Return the service that answers this request."""
    return cast(Service, request.app.state.service)


ServiceHere = Annotated[Service, Depends(service_of)]


def caller_of(
    request: Request,
    service: ServiceHere,
    authorization: Annotated[str | None, Header(max_length=8192)] = None,
    x_shelftalk_visitor: Annotated[str | None, Header(max_length=2048)] = None,
) -> Caller:
    """Return who asks. Raises HTTPException 401 for a token or a visitor's id that proves nothing."""
    address = request.client.host if request.client else "unknown"
    return service.callers.caller(authorization, x_shelftalk_visitor, address)


CallerHere = Annotated[Caller, Depends(caller_of)]


def shopper_of(service: ServiceHere, caller: CallerHere) -> Caller:
    """Return who asks, welcomed. Raises HTTPException 401 for somebody of whom only the address is known."""
    if caller.is_nobody:
        raise HTTPException(401, "Say who is asking: X-Shelftalk-Visitor takes an id that GET /v1/visitor gives.")
    service.welcome(caller)
    return caller


ShopperHere = Annotated[Caller, Depends(shopper_of)]
