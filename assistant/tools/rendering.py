"""Tool results as the chat model reads them: short, one line a thing, in the shopper's language where there is one."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import singledispatch

from assistant.schema import (
    AccountFound,
    AddressChanged,
    Calculated,
    CartLine,
    CartShown,
    CustomerIdentified,
    DeliveryEstimated,
    ExchangeRequested,
    HandedOver,
    Order,
    OrderCancelled,
    OrderChanged,
    OrderDetails,
    OrderLine,
    OrdersFound,
    PoliciesFound,
    PreferenceSet,
    PreferencesFound,
    Product,
    ProductDetails,
    ProductsCompared,
    ProductsFound,
    ProductsRecommended,
    PurchasesFound,
    ReturnRequested,
    SizeAdvised,
    Value,
)
from assistant.telling.order_replies import not_confirmed, on_the_way_back, order_status, parcels
from assistant.telling.phrases import phrase
from assistant.telling.reasons import reasons_in
from assistant.telling.replies import plain_reply
from assistant.telling.standouts import standouts
from retrieval.words import terms

_DESCRIPTION = 500
"""Characters of a description that the model gets to read."""
_SEARCH_ATTRIBUTES = 3
_REVIEWS = 2
_ORDERS = 4
"""Orders that a list tells the model, newest first."""


@singledispatch
def render(result: Value, language: str) -> str:
    """Return what the model reads of a result. Texts of the catalogue are quoted as data, never as instructions."""
    raise TypeError(f"No rendering for {type(result).__name__}.")


@render.register
def _(result: ProductsFound, language: str) -> str:
    lines = [] if result.note is None else [result.note]
    asked, called = set(terms(result.query)), standouts(result.products, language)
    lines += _numbered(
        _line(product, language, _SEARCH_ATTRIBUTES, asked, called.get(product.id)) for product in result.products
    )
    return "\n".join(lines) or "Nothing found."


@render.register
def _(result: ProductDetails, language: str) -> str:
    product = result.product
    texts = product.text(language)
    lines = [_line(product, language, 0), f"Title: {texts.title}"]
    attributes = texts.attributes or product.attributes
    lines += [f"{name}: {value}" for name, value in attributes.items()]
    lines += [f"Description: {texts.description[:_DESCRIPTION]}"] if texts.description else []
    lines += _options(product, language)
    lines += [f"Review ({review.rating}/5): {review.text}" for review in product.reviews[:_REVIEWS]]
    return "\n".join(lines)


@render.register
def _(result: ProductsCompared, language: str) -> str:
    called = standouts(result.products, language)
    return "\n".join(
        _numbered(_line(product, language, 8, called=called.get(product.id)) for product in result.products)
    )


@render.register
def _(result: ProductsRecommended, language: str) -> str:
    reasons = reasons_in(result, language)
    lines = [] if result.note is None else [result.note]
    for product in result.products:
        reason = reasons.get(product.id)
        lines.append(_line(product, language, 1) + (f": {reason}" if reason else ""))
    if not result.products:
        lines.append(plain_reply(result, language))
    return "\n".join([*lines, *([f"Ask: {result.question}"] if result.question else [])])


@render.register
def _(result: PreferencesFound, language: str) -> str:
    return plain_reply(result, language)


@render.register
def _(result: PreferenceSet, language: str) -> str:
    return f"Done. {plain_reply(result, language)}"


@render.register
def _(result: PurchasesFound, language: str) -> str:
    lines = [
        f"{order.placed_at:%Y-%m-%d}: {line.title}, {line.price} × {line.quantity} ({order.id})"
        for order in result.orders
        for line in order.lines
    ]
    return "\n".join(lines) or phrase("no_orders", language)


@render.register
def _(result: CustomerIdentified, language: str) -> str:
    return f"The customer is {result.customer.name}, known from now on. Do now what was asked for."


@render.register
def _(result: OrdersFound, language: str) -> str:
    return "\n".join(_order(order, language) for order in result.orders[:_ORDERS]) or phrase("no_orders", language)


@render.register
def _(result: OrderDetails, language: str) -> str:
    order = result.order
    lines = [_order(order, language), f"{phrase('placed', language)}: {order.placed_at:%Y-%m-%d}"]
    lines += [f"{line.quantity} × {line.title}{_chosen(line)}: {line.price}" for line in order.lines]
    lines += [
        f"{phrase('shipping', language)}: {order.shipping}",
        f"{phrase('paid_with', language)}: {order.payment_method.label}",
        f"{phrase('ships_to', language)}: {order.address.name}, {order.address.line1}, {order.address.city}",
    ]
    rest = [*parcels(result, language), *on_the_way_back(result, language), *not_confirmed(result, language)]
    return "\n".join(lines + rest)


@render.register
def _(result: OrderChanged, language: str) -> str:
    return f"Done. {plain_reply(result, language)}"


@render.register
def _(result: ReturnRequested, language: str) -> str:
    return f"Done. {plain_reply(result, language)}"


@render.register
def _(result: ExchangeRequested, language: str) -> str:
    return f"Done. {plain_reply(result, language)}"


@render.register
def _(result: AddressChanged, language: str) -> str:
    return f"Done. {plain_reply(result, language)}"


@render.register
def _(result: AccountFound, language: str) -> str:
    return f"{result.customer.name}. {plain_reply(result, language)}"


@render.register
def _(result: OrderCancelled, language: str) -> str:
    return f"Done: order {result.order.id} is cancelled. {result.refund} goes back to {result.refund_to.label}."


@render.register
def _(result: CartShown, language: str) -> str:
    cart = result.cart
    lines = [f"{line.quantity} × {line.title}{_chosen(line)}: {line.price} [{line.product_id}]" for line in cart.lines]
    return "\n".join([*filter(None, [result.note]), plain_reply(result, language), *_numbered(lines)])


@render.register
def _(result: DeliveryEstimated, language: str) -> str:
    return plain_reply(result, language)


@render.register
def _(result: SizeAdvised, language: str) -> str:
    sizes = [size if there else f"{size} (sold out)" for size, there in result.sizes.items()]
    there = [f"Sizes: {', '.join(sizes)}"] if sizes else []
    return "\n".join([plain_reply(result, language), *there])


@render.register
def _(result: PoliciesFound, language: str) -> str:
    return "\n\n".join(f"[{passage.source}] {passage.title}: {passage.text}" for passage in result.passages)


@render.register
def _(result: HandedOver, language: str) -> str:
    return f"Ticket {result.ticket.id} is open; a human colleague will answer."


@render.register
def _(result: Calculated, language: str) -> str:
    return f"{result.expression} = {result.value}"


def brief(result: Value, language: str) -> str:
    """Return what is left of a result once newer turns have followed: ids and short names."""
    if isinstance(result, ProductsFound | ProductsCompared | ProductsRecommended):
        names = [f"{product.text(language).short_name} [{product.id}]" for product in result.products]
        return "Shown: " + "; ".join(names) if names else "Nothing found."
    if isinstance(result, ProductDetails):
        return f"{result.product.text(language).short_name} [{result.product.id}]"
    if isinstance(result, OrdersFound | PurchasesFound):
        return "Orders: " + ", ".join(f"{order.id} {order.status}" for order in result.orders)
    if isinstance(result, OrderDetails):
        return f"Order {result.order.id} was {result.order.status}."
    if isinstance(result, CartShown):
        return "Cart: " + (", ".join(f"{line.title} [{line.product_id}]" for line in result.cart.lines) or "empty")
    if isinstance(result, PoliciesFound):
        return "Read: " + ", ".join(passage.title for passage in result.passages)
    return render(result, language)


def _line(
    product: Product,
    language: str,
    attributes: int,
    asked: AbstractSet[str] = frozenset(),
    called: str | None = None,
) -> str:
    """Say a product in one line: what it is `called` beside the others, and first what of it was asked for.

    A small model can copy that something is the cheapest, but not find it out.
    """
    texts = product.text(language)
    parts = [texts.short_name, str(product.price) if product.price else phrase("price_unknown", language)]
    parts += [called] if called else []
    parts += [] if product.stock is None else [phrase("in_stock" if product.stock else "out_of_stock", language)]
    if product.rating is not None:
        parts.append(f"{product.rating:g}/5" + (f" ({product.rating_count})" if product.rating_count else ""))
    table = list((texts.attributes or product.attributes).items())
    table.sort(key=lambda pair: not asked & set(terms(" ".join(pair))))
    parts += [f"{name}: {value}" for name, value in table[:attributes]]
    return f"{' | '.join(parts)} [{product.id}]"


def _options(product: Product, language: str) -> list[str]:
    """Say each option's values with what is in stock of it, not the whole matrix."""
    in_stock = sum(variant.stock != 0 for variant in product.variants)
    lines = [f"{len(product.variants)} variants, {in_stock} of them in stock"] if len(product.variants) > 1 else []
    shown = [(variant.shown_options(language), variant.stock or 0) for variant in product.variants]
    for name in dict.fromkeys(name for options, _ in shown for name in options):
        values: dict[str, int] = {}
        for options, stock in shown:
            if name in options:
                values[options[name]] = values.get(options[name], 0) + stock
        lines.append(
            f"{name}: " + ", ".join(value if stock else f"{value} (sold out)" for value, stock in values.items())
        )
    return lines


def _chosen(line: OrderLine | CartLine) -> str:
    return f" ({', '.join(line.options.values())})" if line.options else ""


def _order(order: Order, language: str) -> str:
    """Say an order in the customer's words: what a small model copies should read well."""
    items = phrase("list_comma", language).join(line.title for line in order.lines)
    return f"{order_status(order, language)} {items}; {phrase('order_total', language, amount=order.total)}"


def _numbered(lines: Iterable[str]) -> list[str]:
    return [f"{position}. {line}" for position, line in enumerate(lines, 1)]
