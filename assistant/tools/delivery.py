"""What delivery costs and when it comes."""

import re
from decimal import Decimal

from assistant.errors import Missing, ToolError
from assistant.schema import Address, DeliveryEstimated, Money, Product
from assistant.shop.shipping import Parcel, ShippingTable, estimate, find_zone
from assistant.shop.shipping.estimate import order_before, plain_postcode
from assistant.tools.cart import own_cart
from assistant.tools.meant import meant_product
from assistant.tools.said import is_said
from assistant.tools.tool import ToolContext, tool
from retrieval.errors import ProductNotFound


@tool()
def estimate_delivery(context: ToolContext, postcode: str, product_id: str | None = None) -> DeliveryEstimated:
    """Say what delivery to a postcode costs and when it comes.

    Args:
        postcode: Where to.
        product_id: Only this product; else the cart.
    """
    table = context.shipping()
    if not table.zones:
        raise ToolError("The shop has no shipping table. Call search_policies about delivery.")
    address = _saved_address(context)
    postcode, country = _where(context, postcode, address)
    product, parcel = _parcel(context, product_id, table)
    zone = find_zone(table, postcode, country)
    now = context.clock()
    options = estimate(table, zone, parcel, now, context.language) if zone else ()
    return DeliveryEstimated(
        postcode=postcode,
        country=country or (zone.countries[0] if zone else ""),
        product=product,
        order_value=None if parcel.value is None else Money(amount=parcel.value, currency=table.currency),
        order_before=order_before(table, zone, now) if zone else None,
        options=options,
    )


def _where(context: ToolContext, postcode: str, address: Address | None) -> tuple[str, str | None]:
    """Return the postcode that somebody named, else the customer's own; and the country where it is known."""
    found = _postcode_in(context.shipping(), postcode)
    if found and is_said(context, found):
        own = address is not None and plain_postcode(found) == plain_postcode(address.postcode)
        return found, address.country if own and address else None
    if address is None:
        raise ToolError("Nobody has named a postcode. Ask for it.", missing=Missing("postcode"))
    return address.postcode, address.country


def _postcode_in(table: ShippingTable, words: str) -> str | None:
    """Return the postcode in the words: one of a form that the table knows, else the last part with a digit."""
    for zone in table.zones:
        if zone.form and (match := re.search(rf"(?<![\w-])(?:{zone.form})(?![\w-])", words, re.ASCII | re.IGNORECASE)):
            return match[0]
    parts = re.findall(r"[A-Za-z0-9-]*\d[A-Za-z0-9-]*", words)
    return parts[-1] if parts else None


def _saved_address(context: ToolContext) -> Address | None:
    return context.records.customers.get(context.customer_id).address if context.customer_id else None


def _parcel(context: ToolContext, product_id: str | None, table: ShippingTable) -> tuple[Product | None, Parcel]:
    """Return what is sent: the product that is meant, else what is in the cart."""
    if product_id:
        product = meant_product(context, product_id)
        same = product.price is not None and product.price.currency == table.currency
        return product, Parcel(((product, 1),), product.price.amount if same and product.price else None)
    cart = context.records.carts.of(own_cart(context), context.language)
    products: list[tuple[Product, int]] = []
    for line in cart.lines:
        try:
            products.append((context.catalogue.get_product(line.product_id), line.quantity))
        except ProductNotFound:
            continue
    total: Money | None = cart.total
    value: Decimal | None = total.amount if total and total.currency == table.currency else None
    return None, Parcel(tuple(products), value)
