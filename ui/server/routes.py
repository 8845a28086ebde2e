"""The service put together: the API under /v1, and what a supervisor asks."""

import logging
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from opentelemetry.trace import Tracer
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route

from assistant.app import App
from assistant.errors import AssistantError, RecordsError
from assistant.settings import Settings
from retrieval.errors import RetrievalError
from ui.server import (
    cart_routes,
    completion_routes,
    conversation_routes,
    event_routes,
    shop_routes,
    shop_updates,
    talk_routes,
)
from ui.server.bodies import PROBLEMS
from ui.server.body_limit import BodyLimit
from ui.server.callers import Callers
from ui.server.headers import AllowedOrigins
from ui.server.limits import build_limits
from ui.server.metrics import Metrics
from ui.server.places import Places
from ui.server.service import Service
from ui.server.turns import Turns

_MOST_BYTES = 64 * 1024
_BRIEF_FROM = 3
"""Turns at once from which on a model on this machine is spared words."""
_log = logging.getLogger(__name__)


def build_turns(settings: Settings) -> Turns:
    """Return turns with as many places as the settings say."""
    brief_from = settings.brief_from
    if brief_from is None:
        # A server has its own line, and is seldom so slow that words would keep anybody waiting.
        brief_from = 0 if settings.chat_model == "openai_compatible" else _BRIEF_FROM
    return Turns(Places(settings.places, settings.places_each, settings.longest_wait), brief_from=brief_from)


def build_service(
    shop: App, turns: Turns | None = None, metrics: Metrics | None = None, tracer: Tracer | None = None
) -> FastAPI:
    """Return the API: an ASGI app whose paths stand below /v1. Raises SettingsError."""
    settings = shop.settings
    turns = turns or build_turns(settings)
    metrics = metrics or Metrics()
    metrics.look_at(turns.places)
    api = FastAPI(title=settings.shop_name, docs_url=None, redoc_url=None, responses=PROBLEMS)
    limits = build_limits(settings, shop.records.rate_counters)
    api.state.service = Service(shop, Callers(settings, shop.records), turns, limits, metrics, tracer)
    api.add_middleware(BodyLimit, most=_MOST_BYTES)
    api.add_middleware(AllowedOrigins, allowed=settings.allowed_origins)
    if settings.allowed_origins:
        api.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "X-Shelftalk-Visitor"],
            expose_headers=["Retry-After"],
        )
    # Starlette's, of which FastAPI's is a child: also for a path that isn't there.
    api.add_exception_handler(StarletteHTTPException, _told)
    api.add_exception_handler(RequestValidationError, _unreadable)
    for broken in (AssistantError, RetrievalError):
        api.add_exception_handler(broken, _out_of_order)
    tables = (talk_routes, conversation_routes, shop_routes, cart_routes, event_routes, completion_routes, shop_updates)
    for routes in tables:
        api.include_router(routes.router)
    return api


def service_routes(shop: App, turns: Turns | None = None) -> list[BaseRoute]:
    """Return what a server mounts: the API under /v1, and the questions that a supervisor asks."""
    metrics, turns = Metrics(), turns or build_turns(shop.settings)
    return [Mount("/v1", build_service(shop, turns, metrics)), *supervisor_routes(shop, metrics, turns)]


def supervisor_routes(shop: App, metrics: Metrics, turns: Turns) -> list[Route]:
    """Return the questions whether the process lives, whether it can serve, and what it has counted."""

    def ready(request: Request) -> JSONResponse:
        if turns.is_closed:
            return JSONResponse({"ready": False, "error": "The service is about to end."}, status_code=503)
        try:
            products = shop.catalogue.check()
            shop.records.rate_counters.get("ready")
        except (RetrievalError, RecordsError) as error:
            return JSONResponse({"ready": False, "error": str(error)}, status_code=503)
        return JSONResponse({"ready": True, "products": products, "chat_model": shop.chat_model.name})

    return [
        Route("/metrics", lambda request: PlainTextResponse(metrics.text())),
        Route("/healthz", lambda request: JSONResponse({"alive": True})),
        Route("/readyz", ready),
    ]


def _told(request: Request, error: Any) -> JSONResponse:
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


def _out_of_order(request: Request, error: Exception) -> JSONResponse:
    """Say that something of ours doesn't work now; what it is stands in the log."""
    _log.error("%s %s was not answered: %s", request.method, request.url.path, error, exc_info=error)
    return JSONResponse({"error": "The shop cannot answer now. Try again in a moment."}, 503, {"Retry-After": "5"})


def _unreadable(request: Request, error: Any) -> JSONResponse:
    """Say what is wrong with a request, without giving back what was sent."""
    problems = "; ".join(f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in error.errors())
    return JSONResponse({"error": problems}, status_code=422)
