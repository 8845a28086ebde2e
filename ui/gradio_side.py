"""What stands beside the talk, one tab each: the shelf, recommendations, the cart, and the customer's orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.schema import Cart, Order, Product, Shipment
from ui.gradio_cards import shelf_html
from ui.gradio_cart import cart_html
from ui.gradio_markup import literal
from ui.gradio_orders import orders_html
from ui.gradio_product import product_html
from ui.gradio_session import Session
from ui.texts import text

Updates = dict[Any, Any]
"""What changes on the screen, by component."""

SHELF, FOR_YOU, CART, ORDERS = "shelf", "for_you", "cart", "orders"
_TABS = (SHELF, FOR_YOU, CART, ORDERS)

# A button with words to say says them; one with an act sends it, with what the form around it holds.
_PANEL_JS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-say], [data-act]');
  if (!button || button.type === 'submit') return;
  if (button.dataset.say) trigger('click', { say: button.dataset.say });
  else trigger('select', { ...button.dataset });
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  const asked = event.submitter ?? event.target.querySelector('[type=submit]');
  trigger('select', { ...Object.fromEntries(new FormData(event.target)), ...asked.dataset });
});
watch('value', () => {
  element.querySelector('.st-cards')?.scrollTo(0, 0);
  if (element.querySelector('.st-product')) element.closest('[role=tabpanel]')?.scrollTo(0, 0);
});
"""


@dataclass(frozen=True)
class Side:
    """The components beside the talk."""

    tabs: gr.Tabs
    labels: dict[str, gr.Tab]
    shelf: gr.HTML
    for_you: gr.HTML
    cart: gr.HTML
    orders: gr.HTML
    told: gr.HTML

    @property
    def panels(self) -> tuple[gr.HTML, ...]:
        """What may be tapped on."""
        return self.shelf, self.for_you, self.cart, self.orders

    @property
    def outputs(self) -> list[Any]:
        """The components that may change."""
        return [self.tabs, *self.labels.values(), *self.panels, self.told]


@dataclass(frozen=True)
class Contents:
    """What there is to see beside the talk; `in_cart` are the cart's products, `parcels` those of the orders, by id.

    `for_you` is made already, None where nobody looks at it.
    """

    cart: Cart
    in_cart: dict[str, Product]
    orders: tuple[Order, ...]
    parcels: Mapping[str, tuple[Shipment, ...]]
    opened: Product | None
    for_you: str | None = None
    told: str = ""


def lay_out_side(language: str) -> Side:
    """Put the tabs on the page."""
    labels, panels = {}, {}
    with gr.Column(elem_id="st-side"):
        with gr.Tabs(elem_id="st-tabs", selected=SHELF, overflow_behavior="wrap") as tabs:
            for name in _TABS:
                with gr.Tab(text(f"tab_{name}", language), id=name, elem_id=f"st-tab-{name}") as labels[name]:
                    panels[name] = gr.HTML(elem_id=f"st-{name}", js_on_load=_PANEL_JS, apply_default_css=False)
        panels[FOR_YOU].value = f'<p class="st-choosing">{text("choosing", language)}</p>'
        # There before it says anything: a screen reader reads what changes in it.
        told = gr.HTML(told_html(""), elem_id="st-told", apply_default_css=False)
    return Side(tabs, labels, panels[SHELF], panels[FOR_YOU], panels[CART], panels[ORDERS], told)


def shelf_screen(side: Side, session: Session, opened: Product | None = None) -> Updates:
    """Return the shelf as it is: its cards, or the one product that is looked at closely."""
    return {
        side.shelf: product_html(opened, session.language) if opened else shelf_html(session.shelf, session.language)
    }


def side_screen(side: Side, session: Session, contents: Contents) -> Updates:
    """Return everything beside the talk."""
    language = session.language
    names = {name: text(f"tab_{name}", language) for name in side.labels}
    if contents.cart.lines:
        names[CART] = text("tab_cart_count", language, count=contents.cart.pieces)
    return {
        **{tab: gr.update(label=names[name]) for name, tab in side.labels.items()},
        **shelf_screen(side, session, contents.opened),
        side.for_you: gr.skip() if contents.for_you is None else contents.for_you,
        side.cart: cart_html(contents.cart, contents.in_cart, language),
        side.orders: orders_html(
            contents.orders, contents.parcels, language, session.conversation.customer_id is not None
        ),
        side.told: told_html(contents.told),
    }


def told_html(words: str) -> str:
    """Return what the shopper is told of a tap, for a few seconds."""
    return f'<div role="status">{f"<p>{literal(words)}</p>" if words else ""}</div>'
