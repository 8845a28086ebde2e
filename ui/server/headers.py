"""What every answer tells the browser, and whose pages may ask at all."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_DATA = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""For answers that are data and never a page: nothing of them is ever loaded, framed or kept."""
_PAGES = {
    "Content-Security-Policy": "base-uri 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""For Gradio's pages, whose own scripts and styles stand in the page itself."""
_DATA_PATHS = ("/v1", "/metrics", "/healthz", "/readyz")


class SafeHeaders:
    """ASGI middleware that adds headers where an answer hasn't set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        is_data = any(path == start or path.startswith(f"{start}/") for start in _DATA_PATHS)
        wanted = _ALWAYS | (_DATA if is_data else _PAGES)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in wanted.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sent)


class AllowedOrigins:
    """ASGI middleware that refuses what another site's page asks for: it would spend this shop's model."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from no page, from this server's own or from an allowed one; answer 403 to the rest."""
        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        origin = headers.get("origin")
        if origin is None or origin in self._allowed or urlsplit(origin).netloc == headers.get("host"):
            await self._app(scope, receive, send)
            return
        error = f"Pages of {origin[:200]} may not call this service. SHELFTALK_ALLOWED_ORIGINS names those that may."
        await JSONResponse({"error": error}, status_code=403)(scope, receive, send)
