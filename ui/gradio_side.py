"""What stands beside the talk, one tab each: the shelf, and the customer's orders."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.schema import Order, Product
from ui.gradio_cards import shelf_html
from ui.gradio_orders import orders_html
from ui.gradio_product import product_html
from ui.gradio_session import Session
from ui.texts import text

Updates = dict[Any, Any]
"""What changes on the screen, by component."""

SHELF, ORDERS = "shelf", "orders"

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
  if (element.querySelector('.st-product')) element.closest('#st-side')?.scrollTo(0, 0);
});
"""


@dataclass(frozen=True)
class Side:
    """The components beside the talk."""

    tabs: gr.Tabs
    labels: dict[str, gr.Tab]
    shelf: gr.HTML
    orders: gr.HTML

    @property
    def panels(self) -> tuple[gr.HTML, ...]:
        """What may be tapped on."""
        return self.shelf, self.orders

    @property
    def outputs(self) -> list[Any]:
        """The components that may change."""
        return [self.tabs, *self.labels.values(), *self.panels]


def lay_out_side(language: str) -> Side:
    """Put the tabs on the page."""
    labels, panels = {}, {}
    with gr.Column(elem_id="st-side"), gr.Tabs(elem_id="st-tabs", selected=SHELF) as tabs:
        for name in (SHELF, ORDERS):
            with gr.Tab(text(f"tab_{name}", language), id=name, elem_id=f"st-tab-{name}") as labels[name]:
                panels[name] = gr.HTML(elem_id=f"st-{name}", js_on_load=_PANEL_JS, apply_default_css=False)
    return Side(tabs, labels, panels[SHELF], panels[ORDERS])


def shelf_screen(side: Side, session: Session, opened: Product | None = None) -> Updates:
    """Return the shelf as it is: its cards, or the one product that is looked at closely."""
    shown = (
        product_html(opened, session.language, sells=False) if opened else shelf_html(session.shelf, session.language)
    )
    return {side.shelf: shown}


def side_screen(side: Side, session: Session, orders: tuple[Order, ...], opened: Product | None = None) -> Updates:
    """Return everything beside the talk."""
    known = session.conversation.customer_id is not None
    labels = {tab: gr.update(label=text(f"tab_{name}", session.language)) for name, tab in side.labels.items()}
    return {
        **labels,
        **shelf_screen(side, session, opened),
        side.orders: orders_html(orders, session.language, known),
    }
