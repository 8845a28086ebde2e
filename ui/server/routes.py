"""The service put together: the API under /v1, and what a supervisor asks."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import Mount, Route

from assistant.app import App
from retrieval.errors import RetrievalError
from ui.server import cart_routes, completion_routes, conversation_routes, event_routes, shop_routes, talk_routes
from ui.server.body_limit import BodyLimit
from ui.server.callers import Callers
from ui.server.limits import build_limits
from ui.server.metrics import Metrics
from ui.server.places import Places
from ui.server.service import Service
from ui.server.turns import Turns

_MOST_BYTES = 64 * 1024


def build_service(shop: App, turns: Turns | None = None, metrics: Metrics | None = None) -> FastAPI:
    """Return the API: an ASGI app whose paths stand below /v1. Raises SettingsError."""
    settings = shop.settings
    turns = turns or Turns(Places(settings.places, settings.places_each, settings.longest_wait))
    metrics = metrics or Metrics()
    metrics.look_at(turns.places)
    api = FastAPI(title=settings.shop_name, docs_url=None, redoc_url=None)
    api.state.service = Service(
        shop,
        Callers(settings, shop.records),
        turns,
        build_limits(settings, shop.records.rate_counters),
        metrics,
    )
    api.add_middleware(BodyLimit, most=_MOST_BYTES)
    if settings.allowed_origins:
        api.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "X-Shelftalk-Visitor"],
        )
    # Starlette's, of which FastAPI's is a child: also for a path that isn't there.
    api.add_exception_handler(StarletteHTTPException, _told)
    api.add_exception_handler(RequestValidationError, _unreadable)
    for routes in (talk_routes, conversation_routes, shop_routes, cart_routes, event_routes, completion_routes):
        api.include_router(routes.router)
    return api


def service_routes(shop: App, turns: Turns | None = None) -> list[Mount | Route]:
    """Return what a server mounts: the API under /v1, and the questions that a supervisor asks."""

    def ready(request: Request) -> JSONResponse:
        try:
            products = shop.catalogue.count()
        except RetrievalError as error:
            return JSONResponse({"ready": False, "error": str(error)}, status_code=503)
        return JSONResponse({"ready": True, "products": products, "chat_model": shop.chat_model.name})

    metrics = Metrics()
    return [
        Mount("/v1", build_service(shop, turns, metrics)),
        Route("/metrics", lambda request: PlainTextResponse(metrics.text())),
        Route("/healthz", lambda request: JSONResponse({"alive": True})),
        Route("/readyz", ready),
    ]


def _told(request: Request, error: Any) -> JSONResponse:
    return JSONResponse({"error": error.detail}, status_code=error.status_code, headers=error.headers)


def _unreadable(request: Request, error: Any) -> JSONResponse:
    """Say what is wrong with a request, without giving back what was sent."""
    problems = "; ".join(f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in error.errors())
    return JSONResponse({"error": problems}, status_code=422)
