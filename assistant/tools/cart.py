"""The cart. These tools act at once: they commit the shopper to nothing, and each can be undone."""

import re
from collections.abc import Sequence

from assistant.errors import Missing, ToolError
from assistant.grounding.numbers import values
from assistant.schema import Cart, CartLine, CartShown, Interaction, Product
from assistant.shop.carts import cart_owner
from assistant.shop.coupons import CouponRefused, plain_code
from assistant.tools.customer_words import corrects
from assistant.tools.meant import meant_product
from assistant.tools.places import places_in
from assistant.tools.said import is_said
from assistant.tools.tool import ToolContext, tool
from assistant.tools.variants import choose_variant, describe_options
from retrieval.words import terms

_COUNTED = re.compile(r"\b\d{1,2}\s*(?:x\b|×|of\b|pieces?\b|pairs?\b|个|件|双|条|只|台|套|顶)", re.IGNORECASE)
"""A number that counts pieces."""


@tool(acts=True)
def add_to_cart(context: ToolContext, product_id: str, quantity: int = 1, options: str | None = None) -> CartShown:
    """Put a product into the cart.

    Args:
        product_id: Its id or name.
        quantity: How many.
        options: Size or colour, as the customer said.
    """
    product = meant_product(context, product_id)
    quantity = _said_quantity(context, quantity)
    try:
        variant = choose_variant(product, *_said_options(context, product, options), context.language)
    except ToolError as error:
        raise error.knowing(product_id=product.id, quantity=quantity) from None
    variant_id, owner = variant.id if variant else None, own_cart(context)
    before = context.records.carts.of(owner, context.language)
    try:
        cart = context.records.carts.add(owner, product.id, variant_id, quantity, context.language)
    except ToolError as error:
        known = {"options": describe_options(variant.options)} if variant else {}
        raise error.knowing(product_id=product.id, **known) from None
    _note(context, product.id)
    replaced = _taken_back(context, before, (product.id, variant_id))
    if replaced is not None:
        cart = context.records.carts.change(owner, replaced.product_id, 0, replaced.variant_id, context.language)
    return CartShown(cart=cart, done="added", line=_line(cart, product.id, variant_id), replaced=replaced)


@tool(acts=True)
def change_cart(context: ToolContext, product_id: str, quantity: int) -> CartShown:
    """Change how many of a product are in the cart; 0 takes it out.

    Args:
        product_id: Its id or name.
        quantity: How many there should be.
    """
    owner = own_cart(context)
    before = context.records.carts.of(owner, context.language)
    line = _meant_line(context, before, product_id)
    cart = context.records.carts.change(owner, line.product_id, quantity, line.variant_id, context.language)
    if quantity == 0:
        return CartShown(cart=cart, done="removed", line=line)
    return CartShown(cart=cart, done="changed", line=_line(cart, line.product_id, line.variant_id))


@tool(personal=True)
def show_cart(context: ToolContext) -> CartShown:
    """Show the cart: items, total, link to check out."""
    return CartShown(cart=context.records.carts.of(own_cart(context), context.language))


@tool(acts=True)
def apply_coupon(context: ToolContext, code: str) -> CartShown:
    """Apply a coupon code to the cart.

    Args:
        code: The code.
    """
    owner = own_cart(context)
    if not code.strip() or not is_said(context, code):
        raise ToolError("Nobody has named a coupon code. Ask for it.", missing=Missing("code"))
    try:
        cart = context.records.carts.apply_coupon(owner, code, context.language)
    except CouponRefused as refused:
        return CartShown(
            cart=context.records.carts.of(owner, context.language),
            done="coupon_refused",
            refused=refused.problem,
            code=refused.code,
            minimum=refused.minimum,
        )
    return CartShown(cart=cart, done="coupon_applied", code=plain_code(code))


def own_cart(context: ToolContext) -> str:
    """Return the owner of the cart of whoever is talking; what a guest put in is theirs still when they are known."""
    owner = cart_owner(context.customer_id, context.visitor_id, context.conversation_id)
    if context.customer_id is not None:
        for guest in (cart_owner(None, context.visitor_id, None), cart_owner(None, None, context.conversation_id)):
            context.records.carts.merge(guest, owner)
    return owner


def _note(context: ToolContext, product_id: str) -> None:
    """Keep, for recommendations and the shop's figures, that the product went into the cart, and from which list."""
    context.records.interactions.add(
        Interaction(
            customer_id=context.customer_id,
            visitor_id=context.visitor_id,
            product_id=product_id,
            kind="cart_add",
            at=context.clock(),
            source="chat",
            conversation_id=context.conversation_id or None,
            attribution_id=context.records.traces.showing_of(context.conversation_id, product_id),
        )
    )


def _taken_back(context: ToolContext, before: Cart, instead: tuple[str, str | None]) -> CartLine | None:
    """Return the line that the customer meant to be another product or variant: 'no, I meant the second one'."""
    if not before.lines or not context.customer_texts or not corrects(context.customer_texts[-1]):
        return None
    spoken = [place for place, message in enumerate(context.transcript) if message.role == "user"]
    earlier = context.transcript[spoken[-2] : spoken[-1]] if len(spoken) > 1 else ()
    added = any(call.name == add_to_cart.name for message in earlier for call in message.tool_calls)
    last = before.lines[-1]
    return last if added and (last.product_id, last.variant_id) != instead else None


def _said_options(context: ToolContext, product: Product, options: str | None) -> tuple[str, str]:
    """Return the words for the variant: what the model gives where somebody said it, and the customer's own message."""
    last = context.customer_texts[-1] if context.customer_texts else ""
    # A name may hold a colour, and a count may be a size: neither says which variant.
    for texts in product.texts.values():
        last = last.replace(texts.short_name, " ").replace(texts.title, " ")
    return (options if options and is_said(context, options) else ""), _COUNTED.sub(" ", last)


def _said_quantity(context: ToolContext, quantity: int) -> int:
    """Return the number of pieces where the customer named it, else one: a small model fills in any number."""
    if quantity <= 1 or not context.customer_texts:
        return quantity
    said = {int(value) for text in context.customer_texts[-2:] for value in values(text) if value == int(value)}
    return quantity if quantity in said or quantity == 2 else 1


def _meant_line(context: ToolContext, cart: Cart, words: str) -> CartLine:
    """Return the line of the cart that is meant. Raises ToolError with the lines there are."""
    if not cart.lines:
        raise ToolError("The cart is empty.", evidence=CartShown(cart=cart))
    # 'Take the second one out' counts the lines of the cart, whichever id the model took.
    places = places_in(" ".join(context.customer_texts[-1:]), len(cart.lines)) or places_in(words, len(cart.lines))
    if len(places) == 1:
        return cart.lines[places[0]]
    exact = [line for line in cart.lines if words.strip() in (line.product_id, line.variant_id)]
    # The customer's own words tell which of two variants; those of the model only which product.
    for said in (words, *context.customer_texts[-1:]):
        found = exact if len(exact) == 1 else _fitting(exact or cart.lines, said)
        if len(found) == 1:
            return found[0]
    if len(cart.lines) == 1 and not exact:
        try:
            meant = meant_product(context, words)
        except ToolError:
            meant = None
        if meant is None or meant.id == cart.lines[0].product_id:
            return cart.lines[0]
    names = tuple(_name(line) for line in cart.lines)
    raise ToolError(
        f"Which of these? {'; '.join(names)}.", evidence=CartShown(cart=cart), missing=Missing("product_id", names)
    )


def _fitting(lines: Sequence[CartLine], words: str) -> list[CartLine]:
    """Return the lines that the words fit best: those of the title count, then those of the options."""
    said = set(terms(words))
    scores = [
        (len(said & set(terms(line.title))), len(said & set(terms(" ".join(line.options.values()))))) for line in lines
    ]
    best = max(scores)
    return [line for line, score in zip(lines, scores, strict=True) if score == best] if any(best) else []


def _line(cart: Cart, product_id: str, variant_id: str | None) -> CartLine | None:
    key = (product_id, variant_id)
    return next((line for line in cart.lines if (line.product_id, line.variant_id) == key), None)


def _name(line: CartLine) -> str:
    return f"{line.title} ({describe_options(line.options)})" if line.options else line.title
