"""What is said of a cart, of a delivery and of a size, in plain sentences; see `replies.py`."""

from collections.abc import Iterator

from assistant.schema import CartLine, CartShown, DeliveryEstimated, SizeAdvised
from assistant.telling.phrases import joined, phrase, spaced


def cart_reply(result: CartShown, language: str) -> str:
    """Return what was done with the cart, and what it comes to."""
    return spaced([sentence for sentence, _ in cart_sentences(result, language)], language)


def cart_sentences(result: CartShown, language: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences of `cart_reply`, each with the fact that tells it: a name, an amount, a link."""
    cart, line = result.cart, result.line
    if result.replaced:
        yield phrase("cart_removed", language, item=piece_of(result.replaced, language)), result.replaced.title
    if line:
        yield phrase(f"cart_{result.done}", language, item=piece_of(line, language)), line.title
    if result.done == "coupon_applied":
        yield phrase("coupon_applied", language, code=result.code), result.code or ""
    if result.done == "coupon_refused":
        yield coupon_problem(result, language), ""
    if result.done == "shown":
        yield _contents(result, language), cart.lines[-1].title if cart.lines else ""
    if cart.total and (result.done != "coupon_refused" or cart.discount):
        yield _sum(result, language), f"{cart.total.amount:,.2f}"
    if cart.gone:
        yield phrase("cart_gone", language, items=joined(cart.gone, language)), ""
    for fewer in cart.lines:
        if fewer.wanted:
            yield phrase("cart_fewer", language, item=fewer.title, left=fewer.quantity), ""
    if result.done == "shown" and cart.checkout_url:
        yield phrase("check_out_here", language, link=cart.checkout_url), cart.checkout_url


def coupon_problem(result: CartShown, language: str) -> str:
    """Return why a coupon wasn't taken."""
    values = {"code": result.code, "amount": result.minimum}
    return phrase(f"coupon_{result.refused or 'unknown'}", language, **values)


def piece_of(line: CartLine, language: str) -> str:
    """Return a line as one reads it: '2 × Trail Shoes (red, 9)'."""
    options = phrase("options", language, options=", ".join(line.options.values())) if line.options else ""
    count = f"{line.quantity} × " if line.quantity > 1 else ""
    return f"{count}{line.title}{options}"


def delivery_reply(result: DeliveryEstimated, language: str) -> str:
    """Return what a delivery costs and when it comes, by each way that there is."""
    if not result.options:
        return phrase("no_delivery", language, postcode=result.postcode)
    sentences = [phrase("delivery_to", language, postcode=result.postcode, country=result.country)]
    for option in result.options:
        name = "delivery_free" if option.cost.amount == 0 else "delivery"
        name = name if option.earliest != option.latest else f"{name}_on"
        values = {"name": option.name, "cost": option.cost, "earliest": option.earliest, "latest": option.latest}
        sentences.append(phrase(name, language, **values))
        if option.free_from and option.cost.amount > 0:
            sentences.append(phrase("free_from", language, name=option.name, amount=option.free_from))
    return spaced(sentences, language)


def size_reply(result: SizeAdvised, language: str) -> str:
    """Return which size to take and why, as far as that is known."""
    name = result.product.text(language).short_name
    sentences = []
    if result.fit:
        values = {"name": name, "share": result.share, "exchanges": result.exchanges}
        sentences.append(phrase(f"fit_{result.fit}", language, **values))
    if result.size:
        guide = result.guide.get(result.size)
        sentences.append(phrase("take_size", language, size=result.size))
        sentences += [phrase("size_row", language, size=result.size, row=guide)] if guide else []
        if not result.sizes.get(result.size, True):
            sentences.append(phrase("size_sold_out", language, size=result.size))
    elif result.guide:
        rows = [phrase("size_is", language, size=size, row=row) for size, row in result.guide.items()]
        sentences.append(phrase("size_guide", language, name=name, rows=phrase("list_semicolon", language).join(rows)))
    if not sentences:
        return phrase("no_size_advice", language, name=name)
    return spaced(sentences, language)


def _contents(result: CartShown, language: str) -> str:
    cart = result.cart
    if not cart.lines:
        return phrase("cart_empty", language)
    return phrase("cart_holds", language, items=joined([piece_of(line, language) for line in cart.lines], language))


def _sum(result: CartShown, language: str) -> str:
    cart = result.cart
    if cart.discount is not None:
        return phrase("cart_total_less", language, amount=cart.total, discount=cart.discount, code=cart.coupon)
    text = phrase("cart_total", language, amount=cart.total)
    if cart.coupon_problem and result.done != "coupon_refused":
        return spaced([text, phrase("coupon_counts_no_more", language, code=cart.coupon)], language)
    return text
