"""Tool results as plain sentences to the customer.

They stand in where the model's own words are missing, incomplete or were held back, and they are the receipts of what
was done. Everything in them is filled from the result, so that they need no checking.
"""

from collections.abc import Sequence
from functools import singledispatch

from assistant.grounding.numbers import amounts
from assistant.listening.addresses import one_line
from assistant.schema import (
    AccountFound,
    AddressChanged,
    Calculated,
    CartShown,
    CustomerIdentified,
    DeliveryEstimated,
    ExchangeRequested,
    HandedOver,
    OrderCancelled,
    OrderChanged,
    OrderDetails,
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
    ToolResult,
    Value,
)
from assistant.telling.order_replies import not_confirmed, on_the_way_back, order_status, parcels
from assistant.telling.phrases import joined, phrase, phrase_list, spaced
from assistant.telling.recommended import named_with, recommendation, tastes
from assistant.telling.shopping_replies import cart_reply, delivery_reply, size_reply
from assistant.telling.standouts import standouts

_ORDERS = 3


@singledispatch
def plain_reply(result: Value, language: str) -> str:
    """Return a sentence or two that tell the customer what `result` holds."""
    raise TypeError(f"No plain reply for {type(result).__name__}.")


@plain_reply.register
def _(result: ProductsFound, language: str) -> str:
    if not result.products:
        text = phrase("found_nothing", language)
        return (
            text
            if result.closest_price is None
            else spaced([text, phrase("closest_price", language, amount=result.closest_price)], language)
        )
    called = standouts(result.products, language)
    names = [named_with(product, language, product.price, called.get(product.id)) for product in result.products]
    return phrase("found", language, names=joined(names, language))


@plain_reply.register
def _(result: ProductDetails, language: str) -> str:
    return _about(result.product, language)


@plain_reply.register
def _(result: ProductsCompared, language: str) -> str:
    lines = [
        phrase(
            "compared_line",
            language,
            name=product.text(language).short_name,
            price=product.price,
            rating=product.rating,
        )
        if product.price and product.rating
        else _about(product, language)
        for product in result.products
    ]
    called = standouts(result.products, language, fewest=2)
    apart = [
        phrase("stands_out", language, name=product.text(language).short_name, what=called[product.id])
        for product in result.products
        if product.id in called
    ]
    return spaced([*lines, *apart], language)


@plain_reply.register
def _(result: ProductsRecommended, language: str) -> str:
    return recommendation(result, language)


@plain_reply.register
def _(result: PreferencesFound, language: str) -> str:
    return tastes(result, language)


@plain_reply.register
def _(result: PreferenceSet, language: str) -> str:
    name = f"preference_{'liked' if result.preference.liked else 'disliked'}{'_kept' if result.kept else ''}"
    return phrase(name, language, subject=result.preference.subject)


@plain_reply.register
def _(result: PurchasesFound, language: str) -> str:
    titles = list(dict.fromkeys(line.title for order in result.orders for line in order.lines))
    return (
        phrase("purchases", language, names=joined(titles[:5], language)) if titles else phrase("no_orders", language)
    )


@plain_reply.register
def _(result: CustomerIdentified, language: str) -> str:
    return phrase("identified", language, name=result.customer.name)


@plain_reply.register
def _(result: OrdersFound, language: str) -> str:
    if not result.orders:
        return phrase("no_orders", language)
    return spaced([order_status(order, language) for order in result.orders[:_ORDERS]], language)


@plain_reply.register
def _(result: OrderDetails, language: str) -> str:
    parts = [*parcels(result, language), *on_the_way_back(result, language), *not_confirmed(result, language)]
    return spaced([order_status(result.order, language), *parts], language)


@plain_reply.register
def _(result: OrderCancelled, language: str) -> str:
    return phrase(
        "order_cancelled", language, order=result.order.id, amount=result.refund, method=result.refund_to.label
    )


@plain_reply.register
def _(result: OrderChanged, language: str) -> str:
    order = result.order
    values = {"address": one_line(order.address), "amount": order.total, "method": order.payment_method.label}
    return phrase(f"order_changed_{result.changed}", language, order=order.id, **values)


@plain_reply.register
def _(result: ReturnRequested, language: str) -> str:
    request = result.request
    method = request.refund_to.label
    return phrase("return_requested", language, order=result.order.id, amount=request.refund, method=method)


@plain_reply.register
def _(result: ExchangeRequested, language: str) -> str:
    return phrase("exchange_requested", language, order=result.order.id)


@plain_reply.register
def _(result: AddressChanged, language: str) -> str:
    return phrase("address_changed", language, address=one_line(result.customer.address))


@plain_reply.register
def _(result: AccountFound, language: str) -> str:
    customer = result.customer
    balances = {card.id: card.balance for card in result.gift_cards}
    methods = [
        phrase("gift_card_balance", language, method=method.label, amount=balances[method.id])
        if method.id in balances
        else method.label
        for method in customer.payment_methods
    ]
    known = phrase("account", language, address=one_line(customer.address), email=customer.email)
    if not methods:
        return known
    return spaced([known, phrase("account_methods", language, methods=joined(methods, language))], language)


@plain_reply.register
def _(result: PoliciesFound, language: str) -> str:
    passage = result.passages[0]
    return phrase("policy", language, title=passage.title, text=result.answer or passage.text)


@plain_reply.register
def _(result: HandedOver, language: str) -> str:
    ticket = result.ticket
    if result.before:
        # The same words again would sound as if nobody had listened.
        again = phrase_list("handed_over_again", language)
        told = again[(result.before - 1) % len(again)].format(ticket=ticket.id)
        if ticket.state == "open" and not ticket.ahead:
            return spaced([told, phrase("ticket_is_next", language)], language)
    else:
        told = phrase("handed_over", language, ticket=ticket.id)
    if not ticket.ahead:
        return told
    return spaced([told, phrase("tickets_ahead", language, ahead=ticket.ahead)], language)


@plain_reply.register
def _(result: Calculated, language: str) -> str:
    return phrase("calculated", language, value=f"{result.value.normalize():f}")


plain_reply.register(CartShown)(cart_reply)
plain_reply.register(DeliveryEstimated)(delivery_reply)
plain_reply.register(SizeAdvised)(size_reply)


def naming_clause(products: Sequence[Product], language: str, begun: bool) -> str:
    """Return the clause that names products which the reply left out; `begun` when it has named others."""
    return phrase(
        "also" if begun else "found",
        language,
        names=joined([named_with(product, language, product.price) for product in products], language),
    )


def currency_remark(result: ToolResult, customer_text: str, language: str) -> str | None:
    """Return a word on the currency when the customer named another one: amounts are never converted, nor silently."""
    named = {currency for _, currency in amounts(customer_text)}
    sold_in = (
        {product.price.currency for product in result.products if product.price}
        if isinstance(result, ProductsFound | ProductsRecommended)
        else set()
    )
    if not named or not sold_in or named & sold_in:
        return None
    return phrase("prices_in", language, currency=joined(sorted(sold_in), language))


def quick_replies(results: Sequence[ToolResult], language: str) -> tuple[str, ...]:
    """Return what the shopper may want to say next; nothing when the turn gave no ground for it."""
    last = results[-1] if results else None
    if isinstance(last, ProductsFound | ProductsRecommended) and len(last.products) > 1:
        return phrase_list("search_replies", language)
    if isinstance(last, CartShown) and last.cart.lines:
        return phrase_list("cart_replies" if last.done == "shown" else "added_replies", language)
    if isinstance(last, OrdersFound | OrderDetails | PurchasesFound):
        return phrase_list("order_replies", language)
    return ()


def _about(product: Product, language: str) -> str:
    name = product.text(language).short_name
    if product.price is None or product.stock is None:
        return phrase("product_line_bare", language, name=name)
    stock = phrase("in_stock" if product.stock else "out_of_stock", language)
    return phrase("product_line", language, name=name, price=product.price, stock=stock)
