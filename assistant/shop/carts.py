"""Carts: what shoppers mean to buy. The records keep what is in them; what it costs is read from the catalogue."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol
from uuid import uuid4

from pydantic import Field
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assistant.errors import Missing, Refused, ToolError
from assistant.schema import Cart, Coupon, Product, ProductDetails, Value
from assistant.shop.cart_prices import Priced, price_cart
from assistant.shop.coupons import CouponRefused, discount_of, find_coupon, hold, let_go, plain_code
from assistant.shop.sessions import Clock, transaction, utc_now, writing
from assistant.shop.tables import CartLineRow, CartRow, CouponUseRow
from assistant.telling.phrases import phrase
from retrieval.errors import ProductNotFound
from retrieval.schema import Variant

MOST_PIECES = 99
"""Pieces of one variant in a cart, at most."""
MOST_LINES = 50

Checkout = Callable[[str], str | None]
"""Makes the link to check out from a cart's id; None where the shop has no page for it."""


class CartItem(Value):
    """What a page puts into a cart."""

    product_id: str = Field(max_length=200)
    variant_id: str | None = Field(default=None, max_length=200)
    quantity: int = Field(default=1, ge=1, le=MOST_PIECES)


class Products(Protocol):
    """Where a cart's products are read from."""

    def get_product(self, product_id: str) -> Product:
        """Return a product. Raises ProductNotFound."""
        ...


class NoProducts:
    """A catalogue without products, for who opens the records alone: every cart is empty then."""

    def get_product(self, product_id: str) -> Product:
        """Raise ProductNotFound."""
        raise ProductNotFound(f"No product has the id '{product_id}'.")


def no_checkout(cart_id: str) -> None:
    """Return that there is no page to check out on."""


def cart_owner(customer_id: str | None, visitor_id: str | None, conversation_id: str | None) -> str:
    """Return whose cart it is: the customer's, else the visitor's, else the conversation's."""
    if customer_id is not None:
        return customer_id
    return f"visitor:{visitor_id}" if visitor_id is not None else f"conversation:{conversation_id}"


class Carts:
    """The carts in the shop's records, one an owner (see `cart_owner`).

    What changes a cart returns it as it is then, and raises ToolError for what the shop doesn't sell or hasn't enough
    of. `language` is that of the titles; the shop's own where none is named.
    """

    def __init__(
        self, engine: Engine, products: Products | None = None, checkout: Checkout = no_checkout, clock: Clock = utc_now
    ) -> None:
        self._engine = engine
        self._products = products or NoProducts()
        self._checkout = checkout
        self._clock = clock

    def of(self, owner: str, language: str | None = None) -> Cart:
        """Return the owner's cart; one with version 0 and without lines where there is none."""
        with transaction(self._engine) as session:
            row = session.get(CartRow, owner)
            return Cart(id="") if row is None else self._shown(session, row, language)

    def count(self, owner: str) -> int:
        """Return how many pieces the owner put in, without a look at the catalogue."""
        pieces = select(func.coalesce(func.sum(CartLineRow.quantity), 0)).where(CartLineRow.owner == owner)
        with transaction(self._engine) as session:
            return session.scalar(pieces) or 0

    def find(self, cart_id: str, language: str | None = None) -> tuple[str, Cart] | None:
        """Return the owner and the cart of this id, or None."""
        with transaction(self._engine) as session:
            row = session.scalar(select(CartRow).where(CartRow.id == cart_id))
            return None if row is None else (row.owner, self._shown(session, row, language))

    def put(
        self, owner: str, lines: Iterable[CartItem], coupon: str | None = None, language: str | None = None
    ) -> Cart:
        """Make the cart hold exactly these lines and this coupon."""
        wanted: dict[tuple[str, str | None], int] = {}
        chosen: dict[tuple[str, str | None], Product] = {}
        for line in lines:
            product, variant = self._chosen(line.product_id, line.variant_id)
            key = (product.id, variant.id if variant else None)
            wanted[key], chosen[key] = wanted.get(key, 0) + line.quantity, product
            _check_stock(product, variant, wanted[key])
        if len(wanted) > MOST_LINES:
            raise ToolError(f"A cart holds at most {MOST_LINES} different items.")
        with self._changing(owner) as (session, row):
            row.lines.clear()
            session.flush()
            for (product_id, variant_id), quantity in wanted.items():
                _append(row, chosen[product_id, variant_id], variant_id, quantity)
            self._put_coupon(session, row, coupon)
            return self._shown(session, row, language)

    def add(
        self,
        owner: str,
        product_id: str,
        variant_id: str | None = None,
        quantity: int = 1,
        language: str | None = None,
    ) -> Cart:
        """Put pieces into the cart, beside those that are in it; a variant has to be named where there are several."""
        if quantity < 1:
            raise ToolError("At least one piece has to be added.")
        product, variant = self._chosen(product_id, variant_id)
        with self._changing(owner) as (session, row):
            line = _line(row, product.id, variant)
            _check_stock(product, variant, quantity + (line.quantity if line else 0))
            if line:
                line.quantity += quantity
            elif len(row.lines) >= MOST_LINES:
                raise ToolError(f"A cart holds at most {MOST_LINES} different items.")
            else:
                _append(row, product, variant.id if variant else None, quantity)
            return self._shown(session, row, language)

    def change(
        self,
        owner: str,
        product_id: str,
        quantity: int,
        variant_id: str | None = None,
        language: str | None = None,
    ) -> Cart:
        """Let the cart hold this many pieces; 0 takes the line out, with no variant named all of the product's.

        Raises ToolError, beside the usual, when the product isn't in the cart, or several variants of it are.
        """
        if quantity < 0:
            raise ToolError("Fewer than none can't be in a cart.")
        with self._changing(owner) as (session, row):
            lines = [line for line in row.lines if line.product_id == product_id]
            lines = [line for line in lines if variant_id in (None, line.variant_id)]
            if not lines:
                raise ToolError("That is not in the cart.")
            if quantity and len(lines) > 1:
                raise ToolError("Several variants of it are in the cart. Say which one.", missing=Missing("product_id"))
            for line in lines:
                if quantity == 0:
                    row.lines.remove(line)
                    continue
                if quantity > line.quantity:
                    _check_stock(*self._chosen(line.product_id, line.variant_id), quantity)
                line.quantity = quantity
            if not row.lines:
                self._put_coupon(session, row, None)
            return self._shown(session, row, language)

    def merge(self, from_owner: str, to_owner: str) -> None:
        """Put what is in one cart, and its coupon, into the other, as when a guest signs in; the first one is gone."""
        if from_owner == to_owner:
            return
        # A look first: mostly there is no such cart, and nobody has to wait for that.
        with transaction(self._engine) as session:
            if session.get(CartRow, from_owner) is None:
                return
        with writing(self._engine) as session:
            if session.get(CartRow, from_owner) is None:
                return
            # In the same order by everybody, so that two who merge don't wait for each other for ever.
            rows = {owner: _locked(session, owner, self._clock) for owner in sorted((from_owner, to_owner))}
            source, target = rows[from_owner], rows[to_owner]
            held = {(line.product_id, line.variant_id): line for line in target.lines}
            for line in source.lines:
                there = held.get((line.product_id, line.variant_id))
                if there:
                    there.quantity = min(MOST_PIECES, there.quantity + line.quantity)
                elif len(target.lines) < MOST_LINES:
                    _put_line(target, line.product_id, line.variant_id, line.title, line.quantity)
            coupon = source.coupon
            let_go(session, [source.id])
            session.delete(source)
            session.flush()
            if coupon and target.coupon is None:
                self._keep_coupon(session, target, coupon)

    def apply_coupon(self, owner: str, code: str, language: str | None = None) -> Cart:
        """Let the coupon take something off the cart, in the place of another one.

        Raises CouponRefused, and leaves the cart as it was, for one that doesn't count for it.
        """
        with self._changing(owner) as (session, row):
            self._put_coupon(session, row, code)
            return self._shown(session, row, language)

    def drop_coupon(self, owner: str, language: str | None = None) -> Cart:
        """Let the cart do without a coupon."""
        with self._changing(owner) as (session, row):
            self._put_coupon(session, row, None)
            return self._shown(session, row, language)

    def ordered(self, cart_id: str, order_id: str) -> bool:
        """Empty a cart that became an order, which uses its coupon up for good; tell whether there was such a cart."""
        with writing(self._engine) as session:
            row = session.scalar(select(CartRow).where(CartRow.id == cart_id))
            if row is None:
                return False
            row = _locked(session, row.owner, self._clock)
            if row.id != cart_id:
                return False
            if row.coupon:
                session.merge(CouponUseRow(code=row.coupon, cart_id=cart_id, until=None, order_id=order_id))
            row.lines.clear()
            # The next cart is another one: the link to check out this one opens it no more.
            row.coupon, row.id = None, uuid4().hex
            return True

    def forget(self, owner: str) -> None:
        """Remove the owner's cart."""
        with writing(self._engine) as session:
            row = session.get(CartRow, owner)
            if row is not None:
                let_go(session, [row.id])
                session.execute(delete(CartRow).where(CartRow.owner == owner))

    @contextmanager
    def _changing(self, owner: str) -> Iterator[tuple[Session, CartRow]]:
        with writing(self._engine) as session:
            yield session, _locked(session, owner, self._clock)

    def _chosen(self, product_id: str, variant_id: str | None) -> tuple[Product, Variant | None]:
        """Return the product and its variant. Raises ToolError where there is none like that, or several."""
        try:
            product = self._products.get_product(product_id)
        except ProductNotFound:
            raise ToolError(f"No product has the id '{product_id}'. Search first.") from None
        variants = {variant.id: variant for variant in product.variants}
        if variant_id in variants:
            return product, variants[variant_id]
        if variant_id is None and len(variants) <= 1:
            return product, next(iter(variants.values()), None)
        evidence = ProductDetails(product=product)
        if variant_id is None:
            raise ToolError(f"{product.short_name} comes in {len(variants)} variants. Say which.", evidence=evidence)
        raise ToolError(f"{product.short_name} has no variant '{variant_id}'.", evidence=evidence)

    def _put_coupon(self, session: Session, row: CartRow, code: str | None) -> None:
        if code is None or plain_code(code) != row.coupon:
            let_go(session, [row.id])
        row.coupon = None
        if code is None:
            return
        # Locked before its uses are counted, so that the last one goes to one cart.
        coupon = find_coupon(session, code, lock=True)
        if coupon is None:
            raise CouponRefused(plain_code(code), "unknown")
        priced = self._priced(row, None)
        if priced.subtotal is None:
            raise CouponRefused(coupon.code, "empty_cart")
        discount_of(coupon, priced.lines, priced.subtotal, self._clock())
        hold(session, coupon, row.id, self._clock())
        row.coupon = coupon.code

    def _keep_coupon(self, session: Session, row: CartRow, code: str) -> None:
        try:
            self._put_coupon(session, row, code)
        except CouponRefused:
            row.coupon = None

    def _shown(self, session: Session, row: CartRow, language: str | None) -> Cart:
        session.flush()
        priced = self._priced(row, language)
        coupon: Coupon | None = find_coupon(session, row.coupon) if row.coupon else None
        return price_cart(session, row, priced, coupon, self._checkout, self._clock())

    def _priced(self, row: CartRow, language: str | None) -> Priced:
        return Priced.of(row.lines, self._products, language)


def _locked(session: Session, owner: str, clock: Clock) -> CartRow:
    """Return the owner's cart, made where there is none, its version raised; others wait until the transaction ends."""
    # One statement that writes: whoever comes second waits here, on SQLite for the file and else for the row.
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    now = clock()
    statement = (
        insert(CartRow)
        .values(owner=owner, id=uuid4().hex, coupon=None, version=1, changed_at=now)
        .on_conflict_do_update(index_elements=[CartRow.owner], set_={"version": CartRow.version + 1, "changed_at": now})
    )
    session.execute(statement)
    return session.get_one(CartRow, owner, populate_existing=True)


def _line(row: CartRow, product_id: str, variant: Variant | None) -> CartLineRow | None:
    key = (product_id, variant.id if variant else None)
    return next((line for line in row.lines if (line.product_id, line.variant_id) == key), None)


def _append(row: CartRow, product: Product, variant_id: str | None, quantity: int) -> None:
    _put_line(row, product.id, variant_id, product.short_name, quantity)


def _put_line(row: CartRow, product_id: str, variant_id: str | None, title: str, quantity: int) -> None:
    position = max((line.position for line in row.lines), default=-1) + 1
    row.lines.append(
        CartLineRow(position=position, product_id=product_id, variant_id=variant_id, title=title, quantity=quantity)
    )


class TooFewLeft(Refused):
    """More pieces were asked for than there are."""

    def __init__(self, product: Product, variant: Variant | None, stock: int) -> None:
        self._product, self._variant, self._stock = product, variant, stock
        how_many = Missing("quantity") if stock else None
        evidence = ProductDetails(product=product)
        super().__init__(f"Not put into the cart: {self.told('en')}", evidence=evidence, missing=how_many)

    def told(self, language: str) -> str:
        """Say how many there are."""
        name = self._product.text(language).short_name
        options = self._variant.shown_options(language) if self._variant else {}
        if options:
            name = phrase("named_with", language, name=name, told=phrase("list_comma", language).join(options.values()))
        return phrase("few_left" if self._stock else "none_left", language, name=name, count=self._stock)


def _check_stock(product: Product, variant: Variant | None, quantity: int) -> None:
    """Raise ToolError, with the product as evidence, for more pieces than there are, or than a cart holds."""
    if quantity > MOST_PIECES:
        raise ToolError(f"At most {MOST_PIECES} of one item can be ordered. A person can help with more.")
    stock = variant.stock if variant else product.stock
    if stock is not None and quantity > stock:
        raise TooFewLeft(product, variant, stock)
