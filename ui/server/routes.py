"""What can be asked over HTTP. The agent's events are the wire format, one server-sent event each."""

from collections.abc import AsyncIterator, Generator, MutableMapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from cachetools import LRUCache
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Route

from assistant.app import App
from assistant.phrases import phrase
from assistant.schema import Conversation, Event, ProductCard, Proposal, TurnRefused
from assistant.shop.feedback import FeedbackEntry, Rating
from retrieval.errors import RetrievalError
from ui.auth import TokenRefused, Tokens
from ui.server.completions import CompletionRequest, chunks, remember, whole
from ui.server.limits import BodyLimit, RateLimit
from ui.server.metrics import Metrics
from ui.server.turns import LiveTurn, Turns

_MOST_BYTES = 64 * 1024
_LONGEST_MESSAGE = 4000
_KEPT = 10_000
"""Conversations of guests who proved who they are."""


class ChatRequest(BaseModel):
    """A message of the shopper's. Without a conversation's id a new one begins."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(max_length=_LONGEST_MESSAGE)
    conversation_id: str | None = Field(default=None, max_length=64)


class ConfirmRequest(BaseModel):
    """The shopper's yes or no to a proposal."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: str = Field(max_length=64)
    proposal_id: str = Field(max_length=64)
    accepted: bool


class FeedbackRequest(BaseModel):
    """What the shopper thought of a turn, counted from 1."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: str = Field(max_length=64)
    turn: int = Field(ge=1)
    rating: Rating
    comment: str = Field(default="", max_length=1000)


class SaidMessage(BaseModel):
    """What was said, by whom."""

    role: Literal["user", "assistant"]
    text: str


class ConversationView(BaseModel):
    """A conversation as a page needs it after a reload."""

    id: str
    language: str
    messages: list[SaidMessage]
    products: list[ProductCard]
    pending: Proposal | None
    ticket_id: str | None


@dataclass(frozen=True)
class _Service:
    """What the routes work with."""

    shop: App
    tokens: Tokens | None
    turns: Turns
    limit: RateLimit
    metrics: Metrics
    proven: MutableMapping[str, str] = field(default_factory=lambda: LRUCache(_KEPT))

    def customer_of(self, authorization: str | None) -> str | None:
        """Return who the token says is asking; None for a guest. Raises HTTPException 401 for a token that is wrong."""
        if authorization is None:
            return None
        kind, _, token = authorization.partition(" ")
        if kind.casefold() != "bearer" or self.tokens is None:
            raise HTTPException(401, "Only tokens of the shop's page are taken, and only where the shop has set a key.")
        try:
            customer_id = self.tokens.customer_id(token)
        except TokenRefused as error:
            raise HTTPException(401, str(error)) from None
        if self.shop.records.customers.find(customer_id) is None:
            raise HTTPException(401, "The token names a customer whom the shop doesn't know.")
        return customer_id

    def conversation(self, conversation_id: str, customer_id: str | None) -> Conversation:
        """Return a conversation of the caller's. Raises HTTPException 404, also for one of somebody else's.

        A guest who has proven in the talk who they are goes on with it by its id, which nobody else knows, as long as
        this process lives; after that they prove it anew.
        """
        known = customer_id or self.proven.get(conversation_id)
        found = self.shop.records.conversations.load(conversation_id, known)
        if found is None:
            raise HTTPException(404, "There is no such conversation.")
        return found

    def begin(
        self,
        conversation: Conversation,
        visitor: str,
        customer_id: str | None,
        events: Generator[Event, None, None],
        kept: bool = True,
    ) -> LiveTurn | TurnRefused:
        """Start a turn of the conversation, or say why not. `customer_id` is who the token says is asking.

        What isn't `kept` leaves no record of the talk; what the agent did in it is audited all the same.
        """
        language = conversation.language
        if not self.limit.admits(visitor):
            return self.refused("rate_limited", language)

        def ended() -> None:
            if not kept:
                return
            self.shop.records.conversations.save(conversation)
            if customer_id is None and conversation.customer_id is not None:
                self.proven[conversation.id] = conversation.customer_id

        counted = self.metrics.observed(events)
        return self.turns.start(conversation.id, language, counted, ended, customer_id) or self.refused(
            "busy", language
        )

    def refused(self, reason: Literal["busy", "rate_limited"], language: str) -> TurnRefused:
        """Count a turn that doesn't begin, and return its only event."""
        refusal = TurnRefused(reason=reason, text=phrase(reason, language))
        self.metrics.refused(refusal)
        return refusal


def build_service(
    shop: App, turns: Turns | None = None, rate_limit: str | None = None, metrics: Metrics | None = None
) -> FastAPI:
    """Return the API: an ASGI app whose paths stand below /v1."""
    key = shop.settings.token_key
    service = _Service(
        shop,
        Tokens(key.get_secret_value()) if key else None,
        turns or Turns(),
        RateLimit(rate_limit or shop.settings.rate_limit),
        metrics or Metrics(),
    )
    api = FastAPI(title=shop.settings.shop_name, docs_url=None, redoc_url=None)
    api.add_middleware(BodyLimit, most=_MOST_BYTES)
    if shop.settings.allowed_origins:
        api.add_middleware(
            CORSMiddleware,
            allow_origins=list(shop.settings.allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        )
    # Starlette's, of which FastAPI's is a child: also for a path that isn't there.
    api.add_exception_handler(StarletteHTTPException, _told)
    api.add_exception_handler(RequestValidationError, _unreadable)
    _add_routes(api, service)
    return api


def service_routes(shop: App) -> list[Mount | Route]:
    """Return what a server mounts: the API under /v1, and the two questions that a supervisor asks."""

    def ready(request: Request) -> JSONResponse:
        try:
            products = shop.catalogue.count()
        except RetrievalError as error:
            return JSONResponse({"ready": False, "error": str(error)}, status_code=503)
        return JSONResponse({"ready": True, "products": products, "chat_model": shop.chat_model.name})

    metrics = Metrics()
    return [
        Mount("/v1", build_service(shop, metrics=metrics)),
        Route("/metrics", lambda request: PlainTextResponse(metrics.text())),
        Route("/healthz", lambda request: JSONResponse({"alive": True})),
        Route("/readyz", ready),
    ]


def _add_routes(api: FastAPI, service: _Service) -> None:
    shop = service.shop

    def customer(authorization: Annotated[str | None, Header()] = None) -> str | None:
        return service.customer_of(authorization)

    Customer = Annotated[str | None, Depends(customer)]

    # What a turn needs is found before the stream begins: an error is then a status, not a broken stream.
    def chat_turn(body: ChatRequest, request: Request, customer_id: Customer) -> LiveTurn | TurnRefused:
        conversation = (
            service.conversation(body.conversation_id, customer_id)
            if body.conversation_id
            else shop.start_conversation(customer_id)
        )
        conversation.customer_id = conversation.customer_id or customer_id
        events = shop.reply(conversation, body.message, "http")
        return service.begin(conversation, _visitor(request, customer_id), customer_id, events)

    def confirm_turn(body: ConfirmRequest, request: Request, customer_id: Customer) -> LiveTurn | TurnRefused:
        conversation = service.conversation(body.conversation_id, customer_id)
        events = shop.confirm(conversation, body.proposal_id, body.accepted, "http")
        return service.begin(conversation, _visitor(request, customer_id), customer_id, events)

    def last_turn(conversation_id: str, customer_id: Customer) -> LiveTurn:
        turn = service.turns.last_of(conversation_id)
        if turn is None or turn.owner not in {None, customer_id}:
            raise HTTPException(404, "There is no turn of such a conversation.")
        return turn

    @api.post("/chat", response_class=EventSourceResponse)
    async def chat(turn: Annotated[LiveTurn | TurnRefused, Depends(chat_turn)]) -> AsyncIterator[ServerSentEvent]:
        """Say something; the turn's events follow, the last of them ends it."""
        async for event in _streamed(turn):
            yield event

    @api.post("/confirm", response_class=EventSourceResponse)
    async def confirm(turn: Annotated[LiveTurn | TurnRefused, Depends(confirm_turn)]) -> AsyncIterator[ServerSentEvent]:
        """Answer a proposal; the turn's events follow."""
        async for event in _streamed(turn):
            yield event

    def completion_turn(
        body: CompletionRequest, request: Request, customer_id: Customer
    ) -> tuple[CompletionRequest, Conversation, LiveTurn | TurnRefused]:
        *before, last = body.messages
        if last.role != "user":
            raise HTTPException(422, "The last message must be the user's.")
        conversation = shop.start_conversation(customer_id)
        remember(conversation, before)
        events = shop.agent.reply(conversation, last.content)
        turn = service.begin(conversation, _visitor(request, customer_id), customer_id, events, kept=False)
        return body, conversation, turn

    @api.post("/chat/completions", response_model=None)
    async def completions(
        begun: Annotated[tuple[CompletionRequest, Conversation, LiveTurn | TurnRefused], Depends(completion_turn)],
    ) -> StreamingResponse | JSONResponse:
        """Answer as OpenAI's chat completions do, streamed or whole."""
        body, conversation, turn = begun
        if isinstance(turn, TurnRefused):
            return JSONResponse({"error": {"message": turn.text, "type": turn.reason}}, status_code=429)
        if not body.stream:
            return JSONResponse(await whole(turn, conversation.id, body.model))
        documents = (f"data: {chunk}\n\n" async for chunk in chunks(turn, conversation.id, body.model))
        return StreamingResponse(documents, media_type="text/event-stream")

    @api.get("/conversations/{conversation_id}/events", response_class=EventSourceResponse)
    async def missed_events(
        turn: Annotated[LiveTurn, Depends(last_turn)],
        last_event_id: Annotated[int, Header(ge=0)] = 0,
    ) -> AsyncIterator[ServerSentEvent]:
        """Follow the last turn from the event behind Last-Event-ID, after a dropped line."""
        async for event in _streamed(turn, last_event_id):
            yield event

    @api.get("/conversations/{conversation_id}")
    def conversation(conversation_id: str, customer_id: Customer) -> ConversationView:
        """Return what was said, what is on the screen and what waits for a yes."""
        found = service.conversation(conversation_id, customer_id)
        said = [
            SaidMessage(role="user" if message.role == "user" else "assistant", text=message.content)
            for message in found.messages
            if message.role in {"user", "assistant"} and message.content
        ]
        cards = [ProductCard.of(product, found.language) for product in found.shown]
        return ConversationView(
            id=found.id, language=found.language, messages=said, products=cards, pending=found.pending,
            ticket_id=found.ticket_id,
        )  # fmt: skip

    @api.post("/feedback", status_code=204)
    def feedback(body: FeedbackRequest, customer_id: Customer) -> None:
        """Keep a thumb up or down; a second one for the same turn takes its place."""
        found = service.conversation(body.conversation_id, customer_id)
        if body.turn > found.turns:
            raise HTTPException(422, f"The conversation has {found.turns} turns.")
        shop.records.feedback.give(FeedbackEntry(**body.model_dump(), customer_id=found.customer_id))

    @api.get("/products/{product_id}")
    def product(product_id: str, language: Literal["en", "zh"] = "en") -> ProductCard:
        """Return a product's card."""
        found = shop.catalogue.get_products([product_id])
        if not found:
            raise HTTPException(404, "There is no such product.")
        return ProductCard.of(found[0], language)


async def _streamed(turn: LiveTurn | TurnRefused, after: int = 0) -> AsyncIterator[ServerSentEvent]:
    if isinstance(turn, TurnRefused):
        yield _event(1, turn)
        return
    async for number, event in turn.read(after):
        yield _event(number, event)


def _event(number: int, event: Event) -> ServerSentEvent:
    return ServerSentEvent(id=str(number), event=event.type, data=event)


def _visitor(request: Request, customer_id: str | None) -> str:
    return customer_id or (request.client.host if request.client else "unknown")


def _told(request: Request, error: Any) -> JSONResponse:
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


def _unreadable(request: Request, error: Any) -> JSONResponse:
    """Say what is wrong with a request, without giving back what was sent."""
    problems = "; ".join(f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in error.errors())
    return JSONResponse({"error": problems}, status_code=422)
