"""Who visits the demo shop: the language and the cart that the browser's cookies name."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from assistant.app import App
from assistant.shop.carts import cart_owner
from ui.auth import TokenRefused
from ui.server.callers import Callers

LANGUAGE = "demo_language"
LANGUAGES = ("en", "zh")
_VISITOR = "demo_visitor"
_YEAR = 365 * 24 * 3600
_BARE = "without-widget"
"""A query that leaves the widget out, to see what it costs a page."""


@dataclass(frozen=True)
class Visit:
    """One request of a browser's. `visitor` is the signed id that the widget sends as well, so both have one cart."""

    language: str
    root: str
    visitor: str
    visitor_id: str
    owner: str
    pieces: int
    widget: bool


class Visits:
    """Tells who visits, by the same signed ids as the service."""

    def __init__(self, shop: App) -> None:
        self._carts = shop.records.carts
        self._visitors = Callers(shop.settings, shop.records).visitors

    def of(self, request: Request) -> Visit:
        """Return the visit that a request belongs to; a browser that comes without an id, or with a bad one, is new."""
        token = request.cookies.get(_VISITOR) or self._visitors.issue()
        try:
            visitor_id = self._visitors.visitor_id(token)
        except TokenRefused:
            token = self._visitors.issue()
            visitor_id = self._visitors.visitor_id(token)
        owner = cart_owner(None, visitor_id, None)
        root = f"{request.scope.get('app_root_path', '')}/"
        pieces = self._carts.of(owner).pieces
        return Visit(_language_of(request), root, token, visitor_id, owner, pieces, _BARE not in request.query_params)


def keep(request: Request, visit: Visit, response: Response) -> Response:
    """Let the browser come back as the same visitor."""
    remember(request, response, _VISITOR, visit.visitor)
    return response


def remember(request: Request, response: Response, name: str, value: str) -> None:
    """Keep a value in the browser, out of reach of scripts and of other sites."""
    if request.cookies.get(name) != value:
        response.set_cookie(
            name, value, max_age=_YEAR, httponly=True, samesite="lax", secure=request.url.scheme == "https"
        )


def _language_of(request: Request) -> str:
    """Return the language chosen before, else the browser's first that the shop has."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in LANGUAGES:
        return chosen
    accepted = request.headers.get("accept-language", "").lower().split(",")
    return next((language[:2] for language in map(str.strip, accepted) if language[:2] in LANGUAGES), "en")
