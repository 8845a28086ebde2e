"""The Gradio app: the shop's assistant beside a shelf of product cards, for trying a shop out in a browser."""

import socket
from collections.abc import Sequence
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from assistant.app import App
from assistant.errors import SettingsError
from ui.console import build_console
from ui.gradio_cards import PICTURES
from ui.gradio_front import ShopFront
from ui.gradio_theme import HEAD, shop_theme

_DEMO_SHOP = "Larkhill"


def build_gradio_app(app: App, shop: str = _DEMO_SHOP) -> gr.Blocks:
    """Put the page of an open shop together; nothing is served before `launch`.

    Whoever opens it may shop as one of the shop's first customers: it is for trying a shop out, not for the public.
    """
    return ShopFront(app, shop).build()


def launch(
    app: App, host: str, port: int, shop: str = _DEMO_SHOP, wait: bool = True, routes: Sequence[BaseRoute] = ()
) -> gr.Blocks:
    """Serve the app at `host` and `port` (0: a free one), print the address and, with `wait`, go on until interrupted.

    The shop's own view is at /console; `routes` are served beside it. Without `wait` return at once: the address is in
    `local_url`, and `close()` ends it. Raises SettingsError when the address cannot be had.
    """
    blocks, console = build_gradio_app(app, shop), build_console(app, shop)
    try:
        blocks.launch(
            server_name=host,
            server_port=port or _free_port(host),
            prevent_thread_lock=True,
            share=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            quiet=True,
            app_kwargs={
                "routes": [picture_route(app.settings.store), *console.routes, *routes],
                "lifespan": console.lifespan,
            },
            theme=shop_theme(),
            head=HEAD,
        )
    except OSError as error:
        raise SettingsError(f"The app cannot listen at {host}, port {port}: {error}. Take another port.") from error
    print(f"{shop} is open at {blocks.local_url}", flush=True)
    if wait:
        blocks.block_thread()
    return blocks


def mount_gradio(app: App, site: FastAPI) -> None:
    """Put the app's page, the shop's own view and the store's pictures into a site of a server's own.

    The page takes what is left of the paths.
    """
    site.router.routes.append(picture_route(app.settings.store))
    build_console(app, app.settings.shop_name).mount(site)
    gr.mount_gradio_app(
        site,
        build_gradio_app(app, app.settings.shop_name),
        path="/",
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        theme=shop_theme(),
        head=HEAD,
    )


def picture_route(store: Path) -> Mount:
    """Return the route of a store's pictures, for this app or for a server that it is mounted in.

    Only that folder is served: beside it lie the shop's records.
    """
    return Mount(f"/{PICTURES}", _Pictures(directory=store / PICTURES, check_dir=False))


class _Pictures(StaticFiles):
    async def check_config(self) -> None:
        """Let the folder be missing: a shop whose pictures lie elsewhere has none, and what is asked of it is a 404."""


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
