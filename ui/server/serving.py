"""The whole site in one process: the service, the shop's app, and an end that lets turns finish."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from starlette.routing import BaseRoute

from assistant.app import App
from assistant.errors import SettingsError
from assistant.shop.webhooks import Sender
from ui.server.connections import ImpatientProtocol, allow_many_connections
from ui.server.headers import SafeHeaders
from ui.server.metrics import Metrics
from ui.server.routes import build_service, build_turns, supervisor_routes
from ui.server.spans import build_tracer
from ui.server.turns import Turns

_OTHER_REQUESTS = 3
"""Seconds that requests without a turn have at the end: a page of Gradio's keeps a line open for ever."""
_log = logging.getLogger(__name__)


class Site:
    """What is served, and the turns that its end waits for.

    `routes` stand at its root; `mounted` may add to the app whatever takes the rest, as Gradio's does.
    """

    def __init__(
        self, shop: App, routes: Sequence[BaseRoute] = (), mounted: Callable[[FastAPI], None] = lambda app: None
    ) -> None:
        settings = shop.settings
        self.turns: Turns = build_turns(settings)
        metrics = Metrics()
        sender = _sender(shop)
        tracer, provider = build_tracer(settings.spans_url) if settings.spans_url else (None, None)

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            if sender is not None:
                sender.start()
            yield
            if sender is not None:
                await asyncio.to_thread(sender.stop)
            if provider is not None:
                provider.shutdown()

        self.app = FastAPI(title=settings.shop_name, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
        self.app.router.routes += supervisor_routes(shop, metrics, self.turns)
        self.app.mount("/v1", build_service(shop, self.turns, metrics, tracer))
        self.app.router.routes += routes
        mounted(self.app)
        self.app.add_middleware(SafeHeaders)


def _sender(shop: App) -> Sender | None:
    """Return what tells the shop's own system of changes, where there is one."""
    url, secret = shop.settings.webhook_url, shop.settings.webhook_secret
    return Sender(shop.records.outbox, url, secret.get_secret_value()) if url and secret else None


class PatientServer(uvicorn.Server):
    """uvicorn, but for its end: turns under way are finished while the line to their readers is still open."""

    def __init__(self, config: uvicorn.Config, turns: Turns, patience: float) -> None:
        super().__init__(config)
        self._turns = turns
        self._patience = patience

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin no turn any more, let those under way end, then close."""
        late = await asyncio.to_thread(self._turns.close, self._patience, lambda: self.force_exit)
        if late:
            _log.warning("%d turns were stopped: they took longer than %g seconds", late, self._patience)
        await super().shutdown(sockets)


def serve(site: Site, host: str, port: int, patience: float, told: Callable[[str], None]) -> None:
    """Serve until a signal ends it; `told` gets the address once it listens. Port 0 takes a free one.

    Raises SettingsError where the address cannot be had.
    """
    allow_many_connections()
    config = uvicorn.Config(
        site.app,
        http=ImpatientProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_OTHER_REQUESTS,
    )
    try:
        listening = socket.create_server((host, port), backlog=2048, reuse_port=False)
    except OSError as error:
        raise SettingsError(f"The app cannot listen at {host}, port {port}: {error}. Take another port.") from error
    with listening:
        told(f"http://{host}:{listening.getsockname()[1]}")
        PatientServer(config, site.turns, patience).run(sockets=[listening])
