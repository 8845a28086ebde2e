"""The components on the screen, and what each shows of a session."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.phrases import phrase
from assistant.schema import Customer
from ui.gradio_cards import disclosure_html, header_html, proposal_html, shelf_html
from ui.gradio_messages import chat_messages
from ui.gradio_session import Session
from ui.texts import text

Updates = dict[Any, Any]
"""What changes on the screen, by component."""

GUEST = ""
CHIPS = 4

# Tells the browser which language the page is in, and sends what a card's button says.
_HEADER_JS = """
const speak = () => {
  const sign = element.querySelector('[data-language]');
  if (sign) document.documentElement.lang = sign.dataset.language;
};
speak();
watch('value', speak);
"""
_SHELF_JS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-say]');
  if (button) trigger('click', { say: button.dataset.say });
});
watch('value', () => { const cards = element.querySelector('.st-cards'); if (cards) cards.scrollTo(0, 0); });
"""


@dataclass(frozen=True)
class Screen:
    """Every component that changes."""

    header: gr.HTML
    picker: gr.Dropdown
    restart: gr.Button
    theme: gr.Button
    disclosure: gr.HTML
    chat: gr.Chatbot
    confirm: gr.Column
    proposal: gr.HTML
    accept: gr.Button
    decline: gr.Button
    chips: tuple[gr.Button, ...]
    message: gr.Textbox
    send: gr.Button
    stop: gr.Button
    shelf: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """The components that `whole_screen` and `turn_screen` may update."""
        return [
            *(self.header, self.picker, self.restart, self.theme, self.disclosure, self.chat, self.confirm),
            *(self.proposal, self.accept, self.decline, *self.chips, self.message, self.send, self.stop, self.shelf),
        ]


def lay_out(shop: str, language: str, customers: list[Customer]) -> Screen:
    """Put the components on the page, inside a gr.Blocks. Without customers there is nobody to shop as."""
    with gr.Row(elem_id="st-header"):
        header = gr.HTML(
            header_html(shop, language, bool(customers)),
            elem_id="st-sign",
            js_on_load=_HEADER_JS,
            apply_default_css=False,
        )
        picker = gr.Dropdown(
            choices=_shoppers(customers, language),
            value=GUEST,
            label=text("shop_as", language),
            visible=bool(customers),
            filterable=False,
            interactive=True,
            elem_id="st-picker",
        )
        restart = gr.Button(text("new_conversation", language), elem_id="st-restart", size="sm")
        theme = gr.Button(text("switch_theme", language), elem_id="st-theme", size="sm")
    with gr.Row(elem_id="st-main"):
        with gr.Column(elem_id="st-talk"):
            disclosure = gr.HTML(disclosure_html(language), elem_id="st-disclosure", apply_default_css=False)
            chat = gr.Chatbot(
                label=text("conversation", language),
                show_label=False,
                elem_id="st-chat",
                container=False,
                height="auto",
                buttons=[],
                feedback_options=None,
                latex_delimiters=[],
                allow_tags=False,
                allow_file_downloads=False,
                sanitize_html=True,
            )
            with gr.Column(elem_id="st-confirm", visible=False) as confirm:
                proposal = gr.HTML(apply_default_css=False)
                with gr.Row(elem_id="st-answers"):
                    accept = gr.Button(phrase("yes", language), variant="primary", elem_id="st-accept")
                    decline = gr.Button(phrase("no", language), elem_id="st-decline")
            with gr.Row(elem_id="st-chips"):
                chips = tuple(gr.Button(visible=False, elem_classes="st-chip", size="sm") for _ in range(CHIPS))
            with gr.Row(elem_id="st-composer"):
                message = gr.Textbox(
                    label=text("message", language),
                    placeholder=text("message_hint", language),
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=5,
                    autofocus=True,
                    elem_id="st-message",
                )
                send = gr.Button(text("send", language), variant="primary", elem_id="st-send")
                stop = gr.Button(text("stop", language), visible=False, variant="stop", elem_id="st-stop")
        shelf = gr.HTML(elem_id="st-side", js_on_load=_SHELF_JS, apply_default_css=False)
    return Screen(
        header=header,
        picker=picker,
        restart=restart,
        theme=theme,
        disclosure=disclosure,
        chat=chat,
        confirm=confirm,
        proposal=proposal,
        accept=accept,
        decline=decline,
        chips=chips,
        message=message,
        send=send,
        stop=stop,
        shelf=shelf,
    )


def whole_screen(screen: Screen, shop: str, customers: list[Customer], session: Session) -> Updates:
    """Return everything as it is between two turns."""
    language = session.language
    labels: Updates = {
        screen.header: header_html(shop, language, bool(customers)),
        screen.disclosure: disclosure_html(language),
        screen.picker: gr.update(
            label=text("shop_as", language),
            choices=_shoppers(customers, language),
            value=_picked(customers, session),
        ),
        screen.restart: gr.update(value=text("new_conversation", language)),
        screen.theme: gr.update(value=text("switch_theme", language)),
        screen.message: gr.update(label=text("message", language), placeholder=text("message_hint", language)),
        screen.accept: gr.update(value=phrase("yes", language)),
        screen.decline: gr.update(value=phrase("no", language)),
        screen.send: gr.update(value=text("send", language), visible=True),
        screen.stop: gr.update(visible=False),
    }
    return {**labels, **turn_screen(screen, session), **_question(screen, session), **_chips(screen, session)}


def begun_screen(screen: Screen, session: Session, stoppable: bool) -> Updates:
    """Return what changes when a turn begins: the message is taken, and may be stopped."""
    return {
        **turn_screen(screen, session),
        **_chips(screen, session),
        screen.confirm: gr.update(visible=False),
        screen.send: gr.update(visible=not stoppable),
        screen.stop: gr.update(value=text("stop", session.language), interactive=True, visible=stoppable),
    }


def turn_screen(screen: Screen, session: Session) -> Updates:
    """Return what changes while a turn is under way."""
    return {screen.chat: chat_messages(session), screen.shelf: shelf_html(session.shelf, session.language)}


def _question(screen: Screen, session: Session) -> Updates:
    pending = session.conversation.pending
    if pending is None:
        return {screen.confirm: gr.update(visible=False), screen.proposal: ""}
    return {screen.confirm: gr.update(visible=True), screen.proposal: proposal_html(pending, session.language)}


def _chips(screen: Screen, session: Session) -> Updates:
    replies = () if session.conversation.pending else session.replies
    padded = (*replies[:CHIPS], *[""] * (CHIPS - len(replies)))
    return {chip: gr.update(value=reply, visible=bool(reply)) for chip, reply in zip(screen.chips, padded, strict=True)}


def _picked(customers: list[Customer], session: Session) -> str:
    """Return the choice that the picker shows: somebody who proved who they are may not be among the offered ones."""
    shopper = session.conversation.customer_id
    return shopper if shopper in [customer.id for customer in customers] else GUEST


def _shoppers(customers: list[Customer], language: str) -> list[tuple[str, str]]:
    return [(text("guest", language), GUEST), *((customer.name, customer.id) for customer in customers)]
