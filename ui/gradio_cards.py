"""The shop's half of the screen as HTML: header, product cards, the change that waits for a yes."""

from collections.abc import Iterable
from urllib.parse import quote

from assistant.schema import ProductCard, Proposal, Ticket
from ui.gradio_markup import button, literal
from ui.gradio_session import Shelf
from ui.texts import text, text_or

PICTURES = "pictures"
"""The folder of pictures in a store, and the path they are served under."""

_FEW = 5
_ROW = 4


def header_html(shop: str, language: str, trying: bool) -> str:
    """Return the shop's sign; with `trying`, that anybody may shop as one of its customers."""
    badge = f' <span class="st-demo">{text("demo", language)}</span>' if trying else ""
    return (
        f'<div class="st-sign" data-language="{literal(language)}">'
        '<svg class="st-mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
        '<rect width="40" height="40" rx="11"/><path d="M9 27c4-9 8-13 11-13s7 4 11 13z"/>'
        '<circle cx="28" cy="12" r="3"/></svg>'
        f"<div><h1>{literal(shop)}{badge}</h1>"
        f"<p>{text('tagline', language)}</p></div></div>"
    )


def disclosure_html(language: str) -> str:
    """Return the line that tells, all the time, that this is an AI."""
    return (
        f'<p class="st-disclosure" data-chat-name="{text("conversation", language)}">'
        f'<span aria-hidden="true">AI</span>{text("disclosure", language)}</p>'
    )


def ticket_html(ticket: Ticket | None, language: str) -> str:
    """Return how the hand-over to a person stands; nothing where there is none."""
    if ticket is None:
        return '<div role="status"></div>'
    words = text(f"hand_over_{ticket.state}", language, who=literal(ticket.taken_by or ""), ticket=literal(ticket.id))
    ahead = text("hand_over_ahead", language, count=ticket.ahead) if ticket.ahead else ""
    return f'<div role="status"><p class="st-hand-over st-hand-over-{ticket.state}">{words} {ahead}</p></div>'


def shelf_html(shelf: Shelf, language: str) -> str:
    """Return the product cards under their heading."""
    count = len(shelf.cards)
    heading = text_or(f"shelf_{shelf.kind}", text("shelf", language), language)
    counted = text("product" if count == 1 else "products", language, count=count)
    size = count if count <= _ROW else "many"
    cards = "".join(f"<li>{card_html(card, language)}</li>" for card in shelf.cards)
    return (
        f'<section class="st-shelf" aria-label="{text("shelf", language)}" lang="{literal(language)}">'
        f'<header><h2>{heading}</h2><span role="status">{counted}</span></header>'
        f'<ul class="st-cards st-cards-{size}" aria-label="{heading}">{cards}</ul></section>'
    )


def proposal_html(proposal: Proposal, language: str) -> str:
    """Return what will be done, each consequence, and where money goes."""
    changes = "".join(f"<li>{literal(change)}</li>" for change in _consequences(proposal))
    return (
        f'<div class="st-proposal" role="alert" lang="{literal(language)}">'
        f'<p class="st-eyebrow">{text("confirm_title", language)}</p><h2>{literal(proposal.summary)}</h2>'
        f"<ul>{changes}</ul>{_refund(proposal, language)}</div>"
    )


def card_html(card: ProductCard, language: str, more: str = "") -> str:
    """Return a product's card, with why it is recommended where it is; `more` is made already and stands on it."""
    brand = f'<p class="st-brand">{literal(card.brand)}</p>' if card.brand else ""
    price = literal(str(card.price)) if card.price else text("no_price", language)
    name = button(literal(card.short_name), "st-open", act="open", product=card.id)
    reason = f'<p class="st-reason">{literal(card.reason[:1].upper() + card.reason[1:])}</p>' if card.reason else ""
    return (
        f'<article class="st-card" data-product="{literal(card.id)}" title="{literal(card.title)}">'
        f'<div class="st-picture">{picture_html(card.image, card.title, card.short_name, language)}{more}</div>'
        f'<div class="st-facts">{brand}<h3>{name}</h3>{reason}'
        f"{rating_html(card.rating, card.rating_count, language)}"
        f'<p class="st-price">{price}</p>{stock_html(card.stock, language)}</div>'
        f'<div class="st-buttons">{_buttons(card, language)}</div></article>'
    )


def _buttons(card: ProductCard, language: str) -> str:
    question = text("about_product", language, name=card.short_name)
    ask = button(text("ask", language), "st-plain st-ask", name=card.short_name, say=question)
    if card.price is None or card.stock == 0:
        return ask
    says = text("add_to_cart", language)
    add = button(text("add", language), "st-strong", name=card.short_name, says=says, act="cart_add", product=card.id)
    return add + ask


def picture_html(image: str | None, title: str, name: str, language: str) -> str:
    """Return a product's picture, or where there is none its name's first letter."""
    address = picture_address(image)
    if address is None:
        return f'<span class="st-no-picture" aria-hidden="true">{literal(name[:1])}</span>'
    alt = literal(text("picture_of", language, name=title))
    return f'<img src="{literal(address)}" alt="{alt}" width="400" height="400" loading="lazy" decoding="async">'


def picture_address(image: str | None) -> str | None:
    """Return where a browser finds a product's picture, None where there is none that may be shown."""
    if image is None:
        return None
    if image.startswith(("https://", "http://")):
        return image
    inside = image.startswith(f"{PICTURES}/") and ".." not in image.split("/")
    return quote(image) if inside else None


def rating_html(rating: float | None, count: int | None, language: str) -> str:
    """Return the stars of a rating of 0 to 5, and of how many customers; nothing where nobody rated."""
    if rating is None:
        return ""
    shown = f"{rating:.1f}"
    label = text("rated" if count else "rated_alone", language, rating=shown, count=count)
    counted = f" ({count:,})" if count else ""
    return (
        f'<p class="st-rating"><span class="st-stars" style="--score:{rating * 20:.0f}%" role="img" '
        f'aria-label="{literal(label)}">★★★★★</span><span aria-hidden="true">{shown}{counted}</span></p>'
    )


def stock_html(stock: int | None, language: str) -> str:
    """Return what is told of a stock; nothing where it is unknown."""
    if stock is None:
        return ""
    if stock == 0:
        return f'<p class="st-stock st-none">{text("sold_out", language)}</p>'
    if stock <= _FEW:
        return f'<p class="st-stock st-few">{text("few_left", language, count=stock)}</p>'
    return f'<p class="st-stock st-plenty">{text("in_stock", language)}</p>'


def _refund(proposal: Proposal, language: str) -> str:
    if proposal.refund is None:
        return ""
    method = text("refund_to", language, method=proposal.refund_to.label) if proposal.refund_to else ""
    return (
        f'<p class="st-refund"><span>{text("refund", language)}</span>'
        f"<strong>{literal(str(proposal.refund))}</strong> <span>{literal(method)}</span></p>"
    )


def _consequences(proposal: Proposal) -> Iterable[str]:
    """Leave out the line that only repeats the refund, which has a place of its own."""
    amount = str(proposal.refund) if proposal.refund else None
    return (change for change in proposal.changes if amount is None or amount not in change)
