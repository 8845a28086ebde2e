"""The Gradio app: the shop's assistant beside a shelf of product cards, for trying a shop out in a browser."""

import logging
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import gradio as gr
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from assistant.app import App
from assistant.errors import RecordsError, SettingsError
from assistant.languages import language_of
from assistant.schema import Customer, Event, ProductCard
from retrieval.schema import Filters, Query
from ui.gradio_cards import PICTURES
from ui.gradio_screen import GUEST, Screen, Updates, begun_screen, lay_out, turn_screen, whole_screen
from ui.gradio_session import Session, Shelf
from ui.gradio_theme import HEAD, STYLES, SWITCH_THEME_JS, shop_theme
from ui.texts import text

_DEMO_SHOP = "Larkhill"
_STORY_CUSTOMERS = 6
_OTHER_CUSTOMERS = 4
_LISTED_CUSTOMERS = 200
_FAVOURITES = 8
# Turns at work at once; those behind them wait in Gradio's queue.
_TURNS = 8
_log = logging.getLogger(__name__)


def build_gradio_app(app: App, shop: str = _DEMO_SHOP) -> gr.Blocks:
    """Put the app for an open shop together; nothing is served before `launch`.

    It lets whoever opens it shop as any of the first customers: it is for trying a shop out, not for the public.
    """
    return _ShopFront(app, shop).build()


def launch(app: App, host: str, port: int, shop: str = _DEMO_SHOP, wait: bool = True) -> gr.Blocks:
    """Serve the app at `host` and `port`, 0 for any free one, and print the address; with `wait`, until interrupted.

    Without `wait`, return at once: the address is in `local_url`, and `close()` ends it. Raises SettingsError when
    the port is taken.
    """
    blocks = build_gradio_app(app, shop)
    try:
        blocks.launch(
            server_name=host,
            server_port=port or _free_port(host),
            prevent_thread_lock=not wait,
            share=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            run_history=False,
            enable_monitoring=False,
            show_error=False,
            inbrowser=False,
            footer_links=[],
            # Only the pictures: beside them lie the shop's records.
            app_kwargs={"routes": [picture_route(app.settings.store)]},
            theme=shop_theme(),
            css=STYLES.read_text(encoding="utf-8"),
            head=HEAD,
        )
    except OSError as error:
        raise SettingsError(f"Port {port} of {host} cannot be used: {error} Take another, or 0 for a free one.") from error
    return blocks


def picture_route(store: Path) -> Mount:
    """Return the route that serves a store's pictures, for the app or for a server that the app is mounted in."""
    return Mount(f"/{PICTURES}", StaticFiles(directory=store / PICTURES, check_dir=False))


class _ShopFront:
    """Wires the screen to the agent. What a browser does lives in its Session; nothing here changes after `build`."""

    def __init__(self, app: App, shop: str) -> None:
        self._app = app
        self._shop = shop
        self._customers = _some_customers(app)
        self._screen: Screen

    def build(self) -> gr.Blocks:
        title = text("page_title", "en", shop=self._shop)
        with gr.Blocks(title=title, analytics_enabled=False, fill_width=True, delete_cache=(86400, 86400)) as blocks:
            session = gr.State(None, delete_callback=_abandon)
            self._screen = screen = lay_out(self._shop, "en", self._customers)
            self._wire_conversation(blocks, session)
            self._wire_session(blocks, session)
        blocks.queue(default_concurrency_limit=_TURNS)
        return blocks

    def _wire_conversation(self, session: gr.State) -> None:
        ...
