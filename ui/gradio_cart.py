"""The shopper's cart as HTML: its lines, a coupon, what it comes to and the way to the check-out."""

from collections.abc import Mapping

from assistant.schema import Cart, CartLine
from retrieval.schema import Product
from ui.gradio_cards import picture_html
from ui.gradio_markup import button, literal
from ui.gradio_orders import empty_html
from ui.texts import text


def cart_html(cart: Cart, products: Mapping[str, Product], language: str) -> str:
    """Return the cart; `products` are those of its lines, by id."""
    gone = "".join(f"<li>{text('gone', language, name=literal(title))}</li>" for title in cart.gone)
    notes = f'<ul class="st-notes" role="status">{gone}</ul>' if gone else ""
    if not cart.lines:
        return notes + empty_html("cart", text("empty_cart", language), text("empty_cart_hint", language))
    counted = text("piece" if cart.pieces == 1 else "pieces", language, count=cart.pieces)
    lines = "".join(f"<li>{_line(line, products.get(line.product_id), language)}</li>" for line in cart.lines)
    return (
        f'<section class="st-panel st-cart" lang="{literal(language)}"><header><h2>{text("tab_cart", language)}</h2>'
        f'<span role="status">{counted}</span></header>{notes}<ul class="st-lines">{lines}</ul>'
        f"{_coupon(cart, language)}{_sums(cart, language)}{_check_out(cart, language)}</section>"
    )


def _line(line: CartLine, product: Product | None, language: str) -> str:
    named = button(literal(line.title), "st-link", act="open", product=line.product_id)
    options = f"<p>{literal(', '.join(line.options.values()))}</p>" if line.options else ""
    fewer = f'<p class="st-few">{text("fewer", language, count=line.quantity)}</p>' if line.wanted else ""
    price = literal(str(line.price * line.quantity)) if line.price else text("no_price", language)
    each = f"<small>{line.quantity} × {literal(str(line.price))}</small>" if line.price and line.quantity > 1 else ""
    picture = picture_html(product.image if product else None, line.title, line.title, language)
    return (
        f'<div class="st-line" data-line="{literal(line.product_id)}"><div class="st-picture">{picture}</div>'
        f"<div><h3>{named}</h3>{options}{fewer}{_stepper(line, product, language)}</div>"
        f'<p class="st-amount">{price}{each}</p></div>'
    )


def _stepper(line: CartLine, product: Product | None, language: str) -> str:
    """Return the buttons that change how many there are, and that take the line out."""
    stock = _stock(line, product)
    full = stock is not None and line.quantity >= stock
    fewer = _change(line, "−", "st-step", line.quantity - 1, text("one_less", language))
    more = _change(line, "+", "st-step", line.quantity + 1, text("one_more", language), full)
    remove = _change(line, text("remove", language), "st-link st-quiet", 0)
    return (
        f'<div class="st-steps-row"><span class="st-stepper">{fewer}<b>{line.quantity}</b>{more}</span>{remove}</div>'
    )


def _change(line: CartLine, label: str, look: str, quantity: int, says: str = "", disabled: bool = False) -> str:
    variant = line.variant_id or ""
    return button(
        label, look, name=line.title, says=says, disabled=disabled,
        act="cart_set", product=line.product_id, variant=variant, quantity=quantity,
    )  # fmt: skip


def _stock(line: CartLine, product: Product | None) -> int | None:
    if product is None:
        return line.quantity
    variant = next((variant for variant in product.variants if variant.id == line.variant_id), None)
    return variant.stock if variant else product.stock


def _coupon(cart: Cart, language: str) -> str:
    if cart.coupon:
        problem = (
            f'<p class="st-few">{text(f"coupon_{cart.coupon_problem}", language)}</p>' if cart.coupon_problem else ""
        )
        drop = button(text("remove", language), "st-link st-quiet", name=cart.coupon, act="coupon", coupon="")
        code = f"<strong>{literal(cart.coupon)}</strong>"
        return f'<div class="st-coupon"><p>{text("coupon_is", language, code=code)} {drop}</p>{problem}</div>'
    apply = button(text("apply", language), "st-plain", kind="submit", act="coupon")
    return (
        f'<form class="st-coupon"><label><span>{text("coupon", language)}</span>'
        '<input name="coupon" maxlength="40" autocomplete="off" autocapitalize="characters" required></label>'
        f"{apply}</form>"
    )


def _sums(cart: Cart, language: str) -> str:
    rows = []
    if cart.discount:
        rows = [(text("subtotal", language), str(cart.subtotal)), (text("discount", language), f"−{cart.discount}")]
    shown = "".join(f"<div><dt>{name}</dt><dd>{literal(amount)}</dd></div>" for name, amount in rows)
    total = literal(str(cart.total)) if cart.total else text("no_price", language)
    return (
        f'<dl class="st-sums">{shown}<div class="st-total"><dt>{text("total", language)}</dt><dd>{total}</dd></div>'
        f"<div><dd>{text('without_delivery', language)}</dd></div></dl>"
    )


def _check_out(cart: Cart, language: str) -> str:
    if cart.checkout_url is None or not cart.checkout_url.startswith(("https://", "http://", "/")):
        return f'<p class="st-hint">{text("no_checkout", language)}</p>'
    address, label = literal(cart.checkout_url), text("check_out", language)
    return f'<a class="st-strong st-check-out" href="{address}" target="_blank" rel="noopener">{label}</a>'
