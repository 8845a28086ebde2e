"""One product looked at closely: what it is, in which forms it comes, what others say of it."""

from retrieval.schema import Product, Variant
from ui.gradio_cards import picture_html, rating_html, stock_html
from ui.gradio_markup import button, literal, literal_lines
from ui.texts import text

_REVIEWS = 3
_MOST = 9


def product_html(product: Product, language: str) -> str:
    """Return the product's page on the shelf, and how it is put into the cart."""
    texts = product.text(language)
    brand = f'<p class="st-brand">{literal(product.brand)}</p>' if product.brand else ""
    picture = picture_html(product.image, texts.title, texts.short_name, language)
    return (
        f'<article class="st-product" data-product="{literal(product.id)}" lang="{literal(language)}">'
        f"{button(text('back', language), 'st-back', act='back')}"
        f'<div class="st-product-top"><div class="st-picture">{picture}</div>'
        f"<div>{brand}<h2>{literal(texts.title)}</h2>{rating_html(product.rating, product.rating_count, language)}"
        f"{_price(product, language)}{stock_html(product.stock, language)}{_form(product, language)}</div></div>"
        f"{_about(product, language)}{_reviews(product, language)}</article>"
    )


def _price(product: Product, language: str) -> str:
    if product.price is None:
        return f'<p class="st-price">{text("no_price", language)}</p>'
    before = (
        f" <s>{literal(str(product.list_price))}</s>"
        if product.list_price and product.list_price.amount > product.price.amount
        else ""
    )
    prices = {variant.price.amount for variant in product.variants if variant.price}
    amount = literal(str(product.price))
    shown = text("price_from", language, price=amount) if len(prices) > 1 else amount
    return f'<p class="st-price">{shown}{before}</p>'


def _form(product: Product, language: str) -> str:
    question = text("about_product", language, name=product.text(language).short_name)
    ask = button(text("ask_about", language), "st-plain", say=question)
    if product.price is None:
        return f'<div class="st-buttons">{ask}</div>'
    label, sold_out = text("add_to_cart", language), product.stock == 0
    add = button(label, "st-strong", kind="submit", disabled=sold_out, act="cart_add", product=product.id)
    return f'<form class="st-choose">{_variants(product, language)}<div class="st-buttons">{add}{ask}</div></form>'


def _variants(product: Product, language: str) -> str:
    if len(product.variants) < 2:
        return ""
    first = next((variant for variant in product.variants if variant.stock != 0), product.variants[0])
    options = "".join(_option(variant, product, variant is first, language) for variant in product.variants)
    return f'<label><span>{text("choose", language)}</span><select name="variant">{options}</select></label>'


def _option(variant: Variant, product: Product, chosen: bool, language: str) -> str:
    name = ", ".join(variant.options.values()) or variant.title
    if variant.price and variant.price != product.price:
        name = f"{name} · {variant.price}"
    gone = variant.stock == 0
    if gone:
        name = f"{name} · {text('sold_out', language)}"
    marks = (" selected" if chosen else "") + (" disabled" if gone else "")
    return f'<option value="{literal(variant.id)}"{marks}>{literal(name)}</option>'


def _about(product: Product, language: str) -> str:
    texts = product.text(language)
    attributes = texts.attributes or product.attributes
    rows = "".join(
        f"<div><dt>{literal(name)}</dt><dd>{literal(value)}</dd></div>" for name, value in attributes.items()
    )
    described = f"<p>{literal_lines(texts.description)}</p>" if texts.description.strip() else ""
    return f'<div class="st-about">{described}{f"<dl>{rows}</dl>" if rows else ""}</div>'


def _reviews(product: Product, language: str) -> str:
    mine_first = sorted(product.reviews, key=lambda review: review.language != language)
    if not mine_first:
        return ""
    items = "".join(
        f'<li lang="{literal(review.language)}">{rating_html(review.rating, None, language)}'
        f"<p>{literal_lines(review.text)}</p></li>"
        for review in mine_first[:_REVIEWS]
    )
    return f'<section class="st-reviews"><h3>{text("reviews", language)}</h3><ul>{items}</ul></section>'
