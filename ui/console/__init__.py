"""The shop's own view at /console, behind a door: how it is going, conversations, searches, answers, what is in use."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route

from assistant.app import App
from ui.console.access import guarded
from ui.console.page import ConsolePage
from ui.gradio_theme import page_head, shop_theme

PATH = "/console"
_STYLES = ("colours.css", "console/console.css")


@dataclass(frozen=True)
class Console:
    """What a server needs: its routes, and what has to run as long as it does."""

    routes: tuple[BaseRoute, ...]
    lifespan: Callable[[Any], AbstractAsyncContextManager[Any]]

    def mount(self, site: FastAPI) -> None:
        """Put it into a site, to live as long as that."""
        before = site.router.lifespan_context

        @asynccontextmanager
        async def both(app: FastAPI) -> AsyncIterator[Any]:
            async with before(app) as state, self.lifespan(app):
                yield state

        site.router.routes += self.routes
        site.router.lifespan_context = both


def build_console(app: App, shop: str) -> Console:
    """Put the shop's own view together, for a server to take in.

    It opens with the password of the settings; without one only on this machine.
    """
    host = FastAPI(openapi_url=None)
    gr.mount_gradio_app(
        host,
        ConsolePage(app, shop).build(),
        PATH,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        theme=shop_theme(),
        head=page_head(_STYLES, ""),
    )
    mounted = next(route for route in host.routes if isinstance(route, Mount) and route.path == PATH)
    behind = guarded(mounted.app, app.settings.console_password, app.settings.host, shop)

    def lifespan(_: Any) -> AbstractAsyncContextManager[Any]:
        return host.router.lifespan_context(host)

    return Console((Route(PATH, lambda request: RedirectResponse(f"{PATH}/")), Mount(PATH, behind)), lifespan)
