"""Who may open the shop's own view: whoever knows its password; without one, whoever sits at this machine."""

import hashlib
import hmac
import ipaddress
import secrets
from urllib.parse import parse_qs

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import SecretStr
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.console.door import closed_page, login_page

_TRIES = parse("10/minute")
"""Wrong passwords from one address."""
_HOURS = 12
_LONGEST_FORM = 4096
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_HEADERS = {
    b"cache-control": b"no-store",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"DENY",
    b"x-content-type-options": b"nosniff",
}


def guarded(app: ASGIApp, password: SecretStr | None, host: str, shop: str) -> ASGIApp:
    """Return `app` behind the door. `host` is the address that the server listens on.

    The session is a signed cookie of this path; another password ends all sessions, another process none.
    """
    if password is None:
        return _ThisMachine(app, host, shop)
    key = hashlib.sha256(b"console " + password.get_secret_value().encode()).hexdigest()
    return SessionMiddleware(
        _Door(app, password, shop),
        secret_key=key,
        session_cookie="shelftalk-console",
        max_age=_HOURS * 3600,
        path="/console",
        same_site="strict",
    )


class _Door:
    """Asks for the password."""

    def __init__(self, app: ASGIApp, password: SecretStr, shop: str) -> None:
        self._app = app
        self._password = password
        self._shop = shop
        self._tries = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path == "/login" and request.method == "POST":
            await (await self._log_in(request))(scope, receive, _with_headers(send))
        elif path == "/logout":
            request.session.clear()
            await RedirectResponse("./", 303)(scope, receive, _with_headers(send))
        elif request.session.get("open"):
            await self._app(scope, receive, _with_headers(send, path))
        elif path in ("", "/", "/login"):
            await HTMLResponse(login_page(self._shop, _language(request)), 401)(scope, receive, _with_headers(send))
        else:
            await Response(status_code=401)(scope, receive, _with_headers(send))

    async def _log_in(self, request: Request) -> Response:
        address, language = request.client.host if request.client else "", _language(request)
        if not self._tries.test(_TRIES, address):
            return HTMLResponse(login_page(self._shop, language, "too_many_tries"), 429)
        given = await _form_field(request, "password")
        if not hmac.compare_digest(given.encode(), self._password.get_secret_value().encode()):
            self._tries.hit(_TRIES, address)
            return HTMLResponse(login_page(self._shop, language, "wrong_password"), 401)
        request.session.update(open=True, nonce=secrets.token_hex(8))
        return RedirectResponse("./", 303)


class _ThisMachine:
    """Lets in who asks from this machine, by its own name, and through nobody else.

    A page elsewhere could point its own name at this machine, and a proxy would make everybody's address this one's.
    """

    def __init__(self, app: ASGIApp, host: str, shop: str) -> None:
        self._app = app
        self._listens_here = _is_here(host)
        self._shop = shop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        named = request.url.hostname or ""
        direct = not any(name in request.headers for name in _FORWARDED)
        address = request.client.host if request.client else ""
        if self._listens_here and direct and _is_here(named) and _is_here(address):
            await self._app(scope, receive, _with_headers(send, scope["path"].removeprefix(scope.get("root_path", ""))))
        else:
            page = HTMLResponse(closed_page(self._shop, _language(request)), 403)
            await page(scope, receive, _with_headers(send))


def _with_headers(send: Send, path: str = "") -> Send:
    """Let every answer say that it is nobody else's to frame, and, but for Gradio's own files, nobody's to keep."""
    set_here = {name: value for name, value in _HEADERS.items() if name != b"cache-control" or path[:7] != "/assets"}

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in set_here]
            message = {**message, "headers": [*kept, *set_here.items()]}
        await send(message)

    return sending


async def _form_field(request: Request, name: str) -> str:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            return ""
    return next(iter(parse_qs(body.decode(errors="replace")).get(name, [])), "")


def _language(request: Request) -> str:
    return "zh" if request.headers.get("accept-language", "").casefold().startswith("zh") else "en"


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
