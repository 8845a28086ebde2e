"""What is recommended to the shopper as HTML: each card with its reason, and thumbs that count at once."""

from collections.abc import Mapping, Sequence

from assistant.schema import ProductCard
from ui.gradio_cards import card_html
from ui.gradio_markup import button, literal
from ui.gradio_orders import empty_html
from ui.texts import text

_THUMB = (
    '<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M7 11v9H4v-9zm0 0 4.2-8a2 2 0 0 1 2.3 2.6'
    'L12.8 9H18a2 2 0 0 1 2 2.4l-1.4 7A2 2 0 0 1 16.6 20H7"/></svg>'
)


def for_you_html(
    cards: Sequence[ProductCard], thumbs: Mapping[str, str], question: str | None, name: str | None, language: str
) -> str:
    """Return the cards, what the shopper thought of each (`thumbs`, by product), and a question where little is known.

    `name` is the customer's; None: a guest.
    """
    if not cards:
        return empty_html("heart", text("no_for_you", language), text("no_for_you_hint", language))
    title = text("for_you_title", language, name=literal(name)) if name else text("for_guest_title", language)
    asked = f'<p class="st-question">{literal(question)}</p>' if question else ""
    shown = "".join(f"<li>{card_html(card, language, _thumbs(card, thumbs, language))}</li>" for card in cards)
    return (
        f'<section class="st-shelf st-for-you" lang="{literal(language)}"><header><h2>{title}</h2></header>{asked}'
        f'<ul class="st-cards st-cards-many" aria-label="{title}">{shown}</ul>'
        f'<p class="st-hint">{text("for_you_hint", language)}</p></section>'
    )


def _thumbs(card: ProductCard, thumbs: Mapping[str, str], language: str) -> str:
    given = thumbs.get(card.id)
    made = "".join(
        button(
            _THUMB,
            f"st-thumb st-thumb-{thumb}",
            name=card.short_name,
            says=text("more_like" if thumb == "like" else "not_for_me", language),
            pressed=thumb == given,
            act=thumb,
            product=card.id,
        )
        for thumb in ("like", "dislike")
    )
    return f'<div class="st-thumbs">{made}</div>'
