"""Renders the demo shop's pages."""

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from assistant.app import App
from ui.demo_shop.shelves import Shelves
from ui.demo_shop.views import shelf_name
from ui.demo_shop.visits import Visit

_POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' https:",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What every page says of itself: only this server's scripts, styles and answers, and nothing written into the page."""


class Pages:
    """Makes pages of templates; what comes from the catalogue or from a visitor is escaped."""

    def __init__(self, shop: App, shelves: Shelves, base: str) -> None:
        self._shop, self._shelves, self._base = shop, shelves, base
        self._templates = Environment(
            loader=PackageLoader("ui.demo_shop"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def show(self, template: str, visit: Visit, status: int = 200, **shown: Any) -> HTMLResponse:
        """Return a page for a visit."""
        defaults = {"product": None, "here": None, "words": "", "refused": False}
        content = self._templates.get_template(template).render(
            **defaults | shown,
            visit=visit,
            base=self._base,
            shop_name=self._shop.settings.shop_name,
            departments=list(self._shelves.doors),
            t=translator(visit.language),
            name=lambda name: shelf_name(name, visit.language),
            shelf=self.shelf_address,
        )
        # A page tells its visitor's cart and id: nobody between keeps it.
        return HTMLResponse(content, status, HEADERS | {"Cache-Control": "no-store"})

    def shelf_address(self, **chosen: object) -> str:
        """Return where a shelf is, such as that of a department."""
        named = {name: value for name, value in chosen.items() if value}
        return f"{self._base}shelf{'?' if named else ''}{urlencode(named)}"


def translator(language: str) -> Callable[..., str]:
    """Return the function that a template looks its texts up with."""
    table = _texts()[language]

    def translated(name: str, /, **values: object) -> str:
        return table[name].format(**values)

    return translated


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("ui.demo_shop").joinpath("texts.toml").read_text(encoding="utf-8"))
