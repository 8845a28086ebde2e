"""The chat widget that a shop puts on its pages with one script tag, and how it is served."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from assistant.app import App
from ui.demo_shop import demo_shop_routes
from ui.widget.bundle import BuiltFile, build_widget, panel_path

__all__ = ["widget_routes"]

_CHECKED = "public, max-age=300, stale-while-revalidate=86400"
_FOR_EVER = "public, max-age=31536000, immutable"


def widget_routes(shop: App) -> list[BaseRoute]:
    """Return what a server mounts at its root: the widget's files, and the demo shop to try it in."""
    widget = build_widget()
    return [
        Route("/widget.js", _endpoint(widget.loader, _CHECKED)),
        *(
            Route(f"/{panel_path(language, panel)}", _endpoint(panel, _FOR_EVER))
            for language, panel in widget.panels.items()
        ),
        *demo_shop_routes(shop),
    ]


def _endpoint(file: BuiltFile, caching: str) -> Callable[[Request], Response]:
    return lambda request: _answer(request, file, caching)


def _answer(request: Request, file: BuiltFile, caching: str) -> Response:
    """Answer with a script that any page may load; with 304 where the browser has it already."""
    headers = {
        "Cache-Control": caching,
        "ETag": f'"{file.version}"',
        "Vary": "Accept-Encoding",
        # A module of another origin is only run with this; the file holds nothing of anybody's.
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(file.gzipped, media_type="text/javascript", headers=headers)
    return Response(file.content, media_type="text/javascript", headers=headers)
