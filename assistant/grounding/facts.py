"""What the tool results say, arranged for looking up: products, orders, policies and the customer's own words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from assistant.grounding.numbers import amounts, measures, values
from assistant.grounding.text import fold
from assistant.grounding.told import told_passages
from assistant.schema import (
    AccountFound,
    AddressChanged,
    Calculated,
    Cart,
    CartLine,
    CartShown,
    Customer,
    DeliveryEstimated,
    Evidence,
    ExchangeRequested,
    HandedOver,
    Money,
    Order,
    OrderCancelled,
    OrderChanged,
    OrderDetails,
    OrderLine,
    OrdersFound,
    Passage,
    PoliciesFound,
    ProductDetails,
    ProductsCompared,
    ProductsFound,
    ProductsRecommended,
    PurchasesFound,
    Reason,
    ReturnRequested,
    SizeAdvised,
    Ticket,
    ToolResult,
)
from retrieval.schema import Product, ProductTexts, Variant

_TERM = re.compile(r"(\d+(?:\.\d+)?)\s*[*×x]\s*(\d+(?:\.\d+)?)")
Listing = ProductsFound | ProductsCompared | ProductsRecommended
"""A list of products that is shown."""
Settled = OrderCancelled | OrderChanged | ReturnRequested | ExchangeRequested
"""What was done with an order after the customer's yes."""


@dataclass(frozen=True)
class Facts:
    """An index over the evidence. Of a product or an order that came back twice the newer record counts."""

    evidence: Evidence

    @cached_property
    def products(self) -> dict[str, Product]:
        """Every product that came back, by id; of one that only stands in an order, what the order says of it."""
        ordered = {line.product_id: _from_line(line) for order in self.orders.values() for line in order.lines}
        ordered |= {line.product_id: _from_cart(line) for line in (self.cart.lines if self.cart else ())}
        return ordered | {product.id: product for result in self.evidence.results for product in products_of(result)}

    @cached_property
    def shown(self) -> tuple[Product, ...]:
        """The products of the latest answer about products, in its order; single details in a row go together."""
        shown: list[Product] = []
        for result in reversed(self.evidence.results):
            if isinstance(result, Listing):
                return tuple(shown) or result.products
            if isinstance(result, ProductDetails | SizeAdvised):
                shown.insert(0, result.product)
            elif shown:
                break
        return tuple(shown)

    @cached_property
    def listings(self) -> tuple[Listing, ...]:
        """Every list of products, newest first."""
        results = reversed(self.evidence.results)
        return tuple(result for result in results if isinstance(result, Listing))

    @cached_property
    def orders(self) -> dict[str, Order]:
        """Every order that came back, by id."""
        return {order.id: order for result in self.evidence.results for order in orders_of(result)}

    @cached_property
    def latest_orders(self) -> tuple[Order, ...]:
        """The orders of the latest answer about orders, newest first; single details in a row go together."""
        single: dict[str, Order] = {}
        for result in reversed(self.evidence.results):
            if isinstance(result, OrderDetails):
                single.setdefault(result.order.id, self.orders[result.order.id])
            elif single:
                break
            elif isinstance(result, OrdersFound | PurchasesFound | Settled):
                return tuple(orders_of(result))
        return tuple(single.values())

    @cached_property
    def latest_is_about_orders(self) -> bool:
        """Whether the newest answer about products or orders is about orders."""
        for result in reversed(self.evidence.results):
            if isinstance(result, OrdersFound | PurchasesFound | OrderDetails | Settled):
                return True
            if isinstance(result, Listing | ProductDetails):
                return False
        return False

    @cached_property
    def cancellations(self) -> tuple[OrderCancelled, ...]:
        """The orders that were cancelled in this conversation."""
        return tuple(result for result in self.evidence.results if isinstance(result, OrderCancelled))

    @cached_property
    def refunds(self) -> dict[str, frozenset[Decimal]]:
        """By order what goes back to the customer, as the results of what was done say."""
        found: dict[str, set[Decimal]] = {}
        for result in self.evidence.results:
            if isinstance(result, OrderCancelled | OrderChanged) and result.refund:
                found.setdefault(result.order.id, set()).add(result.refund.amount)
            elif isinstance(result, ReturnRequested):
                found.setdefault(result.order.id, set()).add(result.request.refund.amount)
            elif isinstance(result, ExchangeRequested) and result.request.difference.amount < 0:
                found.setdefault(result.order.id, set()).add(-result.request.difference.amount)
        return {order_id: frozenset(amounts) for order_id, amounts in found.items()}

    @cached_property
    def fees(self) -> frozenset[Decimal]:
        """What is taken off for items that come back."""
        returns = (result for result in self.evidence.results if isinstance(result, ReturnRequested))
        return frozenset(result.request.fee.amount for result in returns)

    @cached_property
    def requested(self) -> tuple[tuple[str, int], ...]:
        """What was asked to be sent back or swapped: the product's id and how many pieces."""
        found: list[tuple[str, int]] = []
        for result in self.evidence.results:
            if isinstance(result, ReturnRequested):
                lines = result.order.lines
                found += [(lines[line.position].product_id, line.quantity) for line in result.request.lines]
            elif isinstance(result, ExchangeRequested):
                lines = result.order.lines
                found += [
                    (lines[line.position].product_id, lines[line.position].quantity) for line in result.request.lines
                ]
        return tuple(found)

    @cached_property
    def changes_made(self) -> bool:
        """Whether anything but a cancellation was done after the customer's yes."""
        done = OrderChanged | ReturnRequested | ExchangeRequested | AddressChanged
        return any(isinstance(result, done) for result in self.evidence.results)

    @cached_property
    def cart(self) -> Cart | None:
        """The cart as it was shown last."""
        return next((result.cart for result in reversed(self.evidence.results) if isinstance(result, CartShown)), None)

    @cached_property
    def coupons(self) -> frozenset[str]:
        """The coupon codes that were tried or count, folded."""
        shown = [result for result in self.evidence.results if isinstance(result, CartShown)]
        return frozenset(fold(code) for result in shown for code in (result.code, result.cart.coupon) if code)

    @cached_property
    def coupon_minimum(self) -> Money | None:
        """What a cart must come to for the coupon that was tried last."""
        shown = [result for result in self.evidence.results if isinstance(result, CartShown)]
        return shown[-1].minimum if shown else None

    @cached_property
    def delivery(self) -> DeliveryEstimated | None:
        """The delivery as it was estimated last."""
        results = reversed(self.evidence.results)
        return next((result for result in results if isinstance(result, DeliveryEstimated)), None)

    @cached_property
    def sizing(self) -> SizeAdvised | None:
        """The size as it was advised last."""
        return next((result for result in reversed(self.evidence.results) if isinstance(result, SizeAdvised)), None)

    @cached_property
    def cart_deeds(self) -> frozenset[str]:
        """What was done with the cart in this conversation."""
        return frozenset(result.done for result in self.evidence.results if isinstance(result, CartShown))

    @cached_property
    def tickets(self) -> tuple[Ticket, ...]:
        """The hand-overs of this conversation."""
        return tuple(result.ticket for result in self.evidence.results if isinstance(result, HandedOver))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages of policies that came back, and what is told of cart, delivery and sizes."""
        policies = (result for result in self.evidence.results if isinstance(result, PoliciesFound))
        found = [passage for result in policies for passage in result.passages]
        return (*found, *told_passages(self.evidence.results))

    @cached_property
    def calculated(self) -> frozenset[Decimal]:
        """The values that were calculated."""
        return frozenset(result.value for result in self.evidence.results if isinstance(result, Calculated))

    @cached_property
    def subtotals(self) -> frozenset[Decimal]:
        """What the terms of the sums come to that were calculated: 75 of '6 * 12.50 + 46'."""
        found = (result for result in self.evidence.results if isinstance(result, Calculated))
        terms = (_TERM.fullmatch(term.strip()) for result in found for term in re.split(r"[+-]", result.expression))
        return frozenset(Decimal(term[1]) * Decimal(term[2]) for term in terms if term)

    @cached_property
    def operands(self) -> frozenset[Decimal]:
        """The numbers that went into what was calculated."""
        found = (result for result in self.evidence.results if isinstance(result, Calculated))
        return frozenset[Decimal]().union(*(values(result.expression.replace("*", " * ")) for result in found))

    @cached_property
    def closest_prices(self) -> frozenset[Decimal]:
        """The lowest prices beyond the limits of searches that left nothing."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsFound))
        return frozenset(result.closest_price.amount for result in found if result.closest_price)

    @cached_property
    def closest_currencies(self) -> frozenset[str]:
        """The currencies of those prices."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsFound))
        return frozenset(result.closest_price.currency for result in found if result.closest_price)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of every recommendation."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsRecommended))
        return tuple(reason for result in found for reason in result.reasons.values())

    def reasons_of(self, product_ids: set[str]) -> tuple[Reason, ...]:
        """Return the reasons of some of the recommended products."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsRecommended))
        return tuple(r for result in found for product_id, r in result.reasons.items() if product_id in product_ids)

    @cached_property
    def reason_months(self) -> frozenset[int]:
        """The months of purchases and looks that reasons speak of."""
        return frozenset(reason.at.month for reason in self.reasons if reason.at)

    @cached_property
    def policy_text(self) -> str:
        """All policies, folded."""
        return "\n".join(fold(f"{passage.title}\n{passage.text}") for passage in self.passages)

    @cached_property
    def customer_text(self) -> str:
        """All that the customer said, folded."""
        return "\n".join(fold(text) for text in self.evidence.customer_texts)

    @cached_property
    def order_text(self) -> str:
        """What the orders say in words, folded."""
        return "\n".join(fold(line) for order in self.orders.values() for line in order_lines(order))

    @cached_property
    def account_text(self) -> str:
        """What the shop has saved of the customer in words: name, address, e-mail, ways to pay; folded."""
        found = (result for result in self.evidence.results if isinstance(result, AccountFound | AddressChanged))
        return "\n".join(fold(line) for result in found for line in customer_lines(result.customer))

    @cached_property
    def balances(self) -> frozenset[Decimal]:
        """What is left on the customer's gift cards."""
        found = (result for result in self.evidence.results if isinstance(result, AccountFound))
        return frozenset(card.balance.amount for result in found for card in result.gift_cards)

    @cached_property
    def said_text(self) -> str:
        """What the results say in passing: searches and their notes, reasons of tickets, folded."""
        found = [result for result in self.evidence.results if isinstance(result, ProductsFound)]
        said = [text for result in found for text in (result.query, result.note or "", *result.limits.values())]
        return "\n".join(fold(text) for text in [*said, *(ticket.reason for ticket in self.tickets)])

    @cached_property
    def customer_values(self) -> frozenset[Decimal]:
        """The numbers that the customer named."""
        return frozenset[Decimal]().union(*(values(text) for text in self.evidence.customer_texts))

    @cached_property
    def limits(self) -> frozenset[Decimal]:
        """The numbers in the limits of the searches."""
        found = (result for result in self.evidence.results if isinstance(result, ProductsFound))
        return frozenset[Decimal]().union(*(values(text) for result in found for text in result.limits.values()))


def _from_line(line: OrderLine) -> Product:
    texts = ProductTexts(title=line.title, short_name=re.split(r"\s*[,，(（|]\s*|\s+-\s+", line.title)[0] or line.title)
    return Product(id=line.product_id, texts={"en": texts}, attributes=line.options)


def _from_cart(line: CartLine) -> Product:
    texts = ProductTexts(title=line.title, short_name=line.title)
    return Product(id=line.product_id, texts={"en": texts}, attributes=line.options, price=line.price)


def products_of(result: ToolResult) -> Iterable[Product]:
    """Return the products that a result holds."""
    if isinstance(result, ProductsRecommended):
        return (*result.because, *result.products)
    if isinstance(result, Listing):
        return result.products
    if isinstance(result, DeliveryEstimated):
        return (result.product,) if result.product else ()
    return (result.product,) if isinstance(result, ProductDetails | SizeAdvised) else ()


def orders_of(result: ToolResult) -> Iterable[Order]:
    """Return the orders that a result holds."""
    if isinstance(result, OrdersFound | PurchasesFound):
        return result.orders
    return (result.order,) if isinstance(result, OrderDetails | Settled) else ()


def customer_lines(customer: Customer) -> Iterator[str]:
    """Yield what is saved of a customer in words."""
    address = customer.address
    yield from (customer.name, customer.email, address.name)
    parts = (address.line1, address.line2, address.city, address.region, address.postcode, address.country)
    yield from (part for part in parts if part)
    yield from (method.label for method in customer.payment_methods)


def order_lines(order: Order) -> Iterator[str]:
    """Yield what an order says in words."""
    for line in order.lines:
        yield line.title
        yield from line.options.values()
    address = order.address
    parts = (
        address.name,
        address.line1,
        address.line2,
        address.city,
        address.region,
        address.postcode,
        address.country,
    )
    yield from (part for part in parts if part)
    yield order.payment_method.label
    yield from (text for text in (order.carrier, order.cancel_reason) if text)


def order_dates(order: Order) -> dict[str, date]:
    """Return the order's days by what happened on them."""
    days = {"placed": order.placed_at.date(), "expected": order.expected_on, "delivered": order.delivered_on}
    return {what: day for what, day in days.items() if day is not None}


def product_texts(product: Product) -> Iterator[str]:
    """Yield every text of a product that may bear out a claim; reviews are opinions and are left out."""
    for texts in product.texts.values():
        yield texts.title
        yield texts.short_name
        yield texts.description
    yield from (text for text in (product.brand, product.category, product.department) if text)
    for name, value in product_attributes(product):
        yield f"{name}: {value}"
    for variant in product.variants:
        yield variant.title


def product_attributes(product: Product) -> Iterator[tuple[str, str]]:
    """Yield the structured attributes in every language, and what the variants differ in."""
    yield from product.attributes.items()
    for texts in product.texts.values():
        yield from texts.attributes.items()
    for variant in product.variants:
        yield from variant.options.items()
        for options in variant.options_in.values():
            yield from options.items()


def corpus(product: Product) -> str:
    """Return all of a product's texts, folded, one a line."""
    return "\n".join(fold(text) for text in product_texts(product))


def reviews_of(product: Product) -> str:
    """Return what customers wrote of a product, folded."""
    return "\n".join(fold(review.text) for review in product.reviews)


def product_measures(product: Product) -> set[tuple[str, Decimal]]:
    """Return every measure that the product's texts name."""
    return {measure for text in product_texts(product) for measure in measures(text)}


def product_values(product: Product) -> set[Decimal]:
    """Return every number of a product: in its texts and in its fields."""
    found = {value for text in product_texts(product) for value in values(text)}
    found.update(price for price in prices(product))
    found.update(Decimal(number) for number in (product.stock, product.rating_count) if number is not None)
    found.update(Decimal(variant.stock) for variant in product.variants if variant.stock is not None)
    if product.rating is not None:
        found.add(Decimal(str(product.rating)))
    return found


def prices(product: Product, variants: tuple[Variant, ...] = ()) -> set[Decimal]:
    """Return what the product costs, or only these variants of it."""
    chosen = {variant.price.amount for variant in variants if variant.price}
    if chosen:
        return chosen
    every = {variant.price.amount for variant in product.variants if variant.price}
    return every | ({product.price.amount} if product.price else set())


def list_prices(product: Product) -> set[Decimal]:
    """Return what the product and its variants cost before a reduction."""
    prices = [product.list_price, *(variant.list_price for variant in product.variants)]
    return {price.amount for price in prices if price}


def currency_of(product: Product) -> str | None:
    """Return the currency of the product's prices, if it has one."""
    if product.price:
        return product.price.currency
    return next((variant.price.currency for variant in product.variants if variant.price), None)


def text_amounts(product: Product) -> set[Decimal]:
    """Return the amounts of money in a product's texts, such as a gift card's value."""
    return {amount for text in product_texts(product) for amount, _ in amounts(text)}


def order_amounts(order: Order) -> dict[str, set[Decimal]]:
    """Return an order's amounts by what they are: 'total', 'shipping', 'line'."""
    pieces = {line.price.amount for line in order.lines}
    whole = {line.price.amount * line.quantity for line in order.lines}
    subtotal = sum((line.price.amount * line.quantity for line in order.lines), Decimal())
    return {"total": {order.total.amount}, "shipping": {order.shipping.amount}, "line": pieces | whole | {subtotal}}
