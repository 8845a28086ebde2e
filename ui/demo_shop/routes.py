"""The demo shop's addresses."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.resources import files
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from assistant.app import App
from assistant.errors import ToolError
from assistant.schema import Cart, Interaction, Value
from assistant.shop.checkout import cart_of_token
from retrieval.errors import ProductNotFound
from ui.demo_shop.pages import Pages, translator
from ui.demo_shop.shelves import PAGE, SORTS, Shelves
from ui.demo_shop.views import (
    chosen_variant,
    chosen_view,
    line_views,
    option_views,
    product_address,
    product_view,
    shelf_name,
)
from ui.demo_shop.visits import LANGUAGE, LANGUAGES, Visit, Visits, keep, remember

PATH = "/demo-shop"
_BASE = f"{PATH}/"
_FAVOURITES = 8
_LONGEST = 200


class _Field(Value):
    name: str
    type: str = "text"
    autocomplete: str


_FIELDS = (
    _Field(name="name", autocomplete="name"),
    _Field(name="email", type="email", autocomplete="email"),
    _Field(name="line1", autocomplete="address-line1"),
    _Field(name="city", autocomplete="address-level2"),
    _Field(name="postcode", autocomplete="postal-code"),
)


def demo_shop_routes(shop: App) -> list[BaseRoute]:
    """Return the shop front's routes, and the one that the catalogue's own product links lead to."""
    front = _Front(shop)
    static = StaticFiles(directory=str(files("ui.demo_shop") / "static"))
    return [
        Mount(
            PATH,
            routes=[
                Route("/", _threaded(front.home)),
                Route("/shelf", _threaded(front.shelf)),
                Route("/products/{product_id}", _threaded(front.product)),
                Route("/cart", _threaded(front.cart)),
                Route("/cart/add", _posted(front.add), methods=["POST"]),
                Route("/cart/change", _posted(front.change), methods=["POST"]),
                Route("/checkout", _threaded(front.checkout)),
                Route("/checkout", _posted(front.place), methods=["POST"]),
                Route("/language", _threaded(front.switch_language)),
                Mount("/static", static),
                Route("/{path:path}", _threaded(front.missing)),
            ],
        ),
        Route(PATH, lambda request: RedirectResponse(_BASE)),
        Route("/products/{product_id}", front.linked),
    ]


class _Front:
    """Answers for the shop front."""

    def __init__(self, shop: App) -> None:
        self._shop = shop
        self._shelves = Shelves(shop.catalogue)
        self._pages = Pages(shop, self._shelves, _BASE)
        self._visits = Visits(shop)

    # -- looking around ------------------------------------------------------------------------------------------------

    def home(self, request: Request) -> Response:
        visit = self._visits.of(request)
        best = self._shelves.find("", None, None, "best", visit.language)[:_FAVOURITES]
        views = [product_view(product, visit.language, visit.root, _BASE) for product in best]
        doors = [
            {"department": name, "image": visit.root + quote(image) if image else None}
            for name, image in self._shelves.doors.items()
        ]
        return keep(request, visit, self._pages.show("home.html", visit, favourites=views, doors=doors))

    def shelf(self, request: Request) -> Response:
        visit, asked = self._visits.of(request), request.query_params
        words = asked.get("q", "").strip()[:_LONGEST]
        department, category = asked.get("department"), asked.get("category")
        sort = asked.get("sort", "best") if asked.get("sort") in SORTS else "best"
        found = self._shelves.find(words, department, category, sort, visit.language)
        pages = max(1, -(-len(found) // PAGE))
        page = min(max(_number(asked.get("page"), 1), 1), pages)
        heading = self._heading(visit, words, department, category)
        kept = {"q": words, "department": department, "category": category}
        shown = self._pages.show(
            "shelf.html",
            visit,
            heading=heading,
            words=words,
            here=department,
            category=category,
            categories=self._shelves.categories.get(department or "", []),
            views=[
                product_view(product, visit.language, visit.root, _BASE)
                for product in found[(page - 1) * PAGE : page * PAGE]
            ],
            count=len(found),
            kept={name: value for name, value in kept.items() if value},
            sorts=list(SORTS),
            sort=sort,
            page=page,
            pages=pages,
        )
        return keep(request, visit, shown)

    def product(self, request: Request) -> Response:
        visit = self._visits.of(request)
        try:
            product = self._shop.catalogue.get_product(request.path_params["product_id"])
        except ProductNotFound:
            return self.missing(request)
        chosen = chosen_variant(product, request.query_params.get("variant"))
        texts = product.text(visit.language)
        shown = self._pages.show(
            "product.html",
            visit,
            product=product,
            here=product.department,
            view=product_view(product, visit.language, visit.root, _BASE),
            chosen=chosen_view(product, chosen, visit.language, visit.root),
            options=option_views(product, chosen),
            description=[paragraph for paragraph in texts.description.split("\n\n") if paragraph.strip()],
            attributes=texts.attributes or product.attributes,
            reviews=[review for review in product.reviews if review.language == visit.language] or product.reviews,
            similar=[
                product_view(other, visit.language, visit.root, _BASE)
                for other in self._shelves.similar(product, visit.language)
            ],
            refused="refused" in request.query_params,
        )
        return keep(request, visit, shown)

    def missing(self, request: Request) -> Response:
        """Say that there is no such page."""
        return self._pages.show("missing.html", self._visits.of(request), 404)

    def linked(self, request: Request) -> Response:
        """Lead the catalogue's own links, such as /products/tent-01, to the shop's page."""
        return RedirectResponse(product_address(request.path_params["product_id"], _BASE))

    def switch_language(self, request: Request) -> Response:
        """Speak the other language from here on."""
        wanted = request.query_params.get("to")
        back = RedirectResponse(_own_page(request), 303)
        if wanted in LANGUAGES:
            remember(request, back, LANGUAGE, wanted)
        return back

    # -- buying --------------------------------------------------------------------------------------------------------

    def cart(self, request: Request) -> Response:
        visit = self._visits.of(request)
        cart = self._shop.records.carts.of(visit.owner, visit.language)
        products = self._shop.catalogue.get_products([line.product_id for line in cart.lines])
        lines = line_views(cart, products, visit.language, visit.root, _BASE)
        refused = "refused" in request.query_params
        return keep(request, visit, self._pages.show("cart.html", visit, cart=cart, lines=lines, refused=refused))

    def add(self, request: Request, form: FormData) -> Response:
        """Put a product into the cart and show it; one that can't be had leads back to its page."""
        visit = self._visits.of(request)
        product_id, variant_id = str(form.get("product_id", "")), str(form.get("variant_id", "")) or None
        quantity = _number(form.get("quantity"), 1)
        try:
            self._shop.records.carts.add(visit.owner, product_id, variant_id, quantity)
        except (ToolError, ProductNotFound):
            query = f"?variant={quote(variant_id)}&refused=1" if variant_id else "?refused=1"
            return RedirectResponse(product_address(product_id, _BASE) + query, 303)
        return keep(request, visit, RedirectResponse(f"{_BASE}cart", 303))

    def change(self, request: Request, form: FormData) -> Response:
        """Change how many pieces of a line are in the cart."""
        visit = self._visits.of(request)
        product_id, variant_id = str(form.get("product_id", "")), str(form.get("variant_id", "")) or None
        quantity = 0 if form.get("remove") else _number(form.get("quantity"), 1)
        try:
            self._shop.records.carts.change(visit.owner, product_id, quantity, variant_id)
        except (ToolError, ProductNotFound):
            return RedirectResponse(f"{_BASE}cart?refused=1", 303)
        return RedirectResponse(f"{_BASE}cart", 303)

    def checkout(self, request: Request) -> Response:
        visit = self._visits.of(request)
        token = request.query_params.get("cart", "")
        _, cart = self._cart_of(visit, token)
        if not cart.lines:
            return RedirectResponse(f"{_BASE}cart")
        lines = line_views(cart, [], visit.language, visit.root, _BASE)
        return self._pages.show("checkout.html", visit, cart=cart, lines=lines, fields=_FIELDS, token=token)

    def place(self, request: Request, form: FormData) -> Response:
        """End the demonstration: the cart is empty again, and nothing of what was typed is kept."""
        visit = self._visits.of(request)
        records = self._shop.records
        owner, cart = self._cart_of(visit, str(form.get("cart", "")))
        bought = cart.lines
        records.carts.put(owner, [])
        # What a shop's own checkout reports, so that the shop's figures go on to their end.
        records.interactions.add(
            *(
                Interaction(
                    visitor_id=visit.visitor_id, product_id=line.product_id, kind="purchase", at=datetime.now(UTC)
                )
                for line in bought
            )
        )
        buyer = str(form.get("name", "")).strip()[:_LONGEST]
        return self._pages.show("placed.html", self._visits.of(request), buyer=buyer)

    def _cart_of(self, visit: Visit, token: str) -> tuple[str, Cart]:
        """Return the cart of a signed link and its owner; the visitor's own where there is no such link."""
        carts, key = self._shop.records.carts, self._shop.records.shared.secret("carts")
        cart_id = cart_of_token(token, key) if token else None
        found = carts.find(cart_id, visit.language) if cart_id else None
        return found or (visit.owner, carts.of(visit.owner, visit.language))

    def _heading(self, visit: Visit, words: str, department: str | None, category: str | None) -> str:
        if words:
            return translator(visit.language)("results", words=words)
        named = category or department
        return shelf_name(named, visit.language) if named else translator(visit.language)("everything")


def _own_page(request: Request) -> str:
    """Return the page of this shop that the visitor came from, else its first."""
    path = "/" + request.headers.get("referer", "").split("://", 1)[-1].partition("/")[2]
    return path if path.startswith(_BASE) and "/language" not in path else _BASE


def _number(text: object, otherwise: int) -> int:
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 6 else otherwise


def _threaded(answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Answer in a thread: the catalogue and the records are read synchronously."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return endpoint


def _posted(answer: Callable[[Request, FormData], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        async with request.form(max_files=0, max_fields=20) as form:
            return await run_in_threadpool(answer, request, form)

    return endpoint
