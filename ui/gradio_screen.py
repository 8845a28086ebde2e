"""The components on the screen, and what each shows of a session."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.schema import Customer
from assistant.telling.phrases import phrase
from ui.gradio_cards import disclosure_html, header_html, proposal_html, ticket_html
from ui.gradio_messages import chat_messages, thumbs
from ui.gradio_session import Session
from ui.gradio_side import Side, Updates, lay_out_side, shelf_screen
from ui.texts import text

GUEST = ""
CHIPS = 4
_SECONDS = 3

# Tells the browser which language the page is in, and sends what a card's button says.
_HEADER_JS = """
const speak = () => {
  const sign = element.querySelector('[data-language]');
  if (sign) document.documentElement.lang = sign.dataset.language;
};
speak();
watch('value', speak);
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
    hand_over: gr.HTML
    listen: gr.Timer
    why: gr.Row
    comment: gr.Textbox
    send_why: gr.Button
    side: Side

    @property
    def outputs(self) -> list[Any]:
        """The components that `whole_screen` and `turn_screen` may update."""
        return [
            *(self.header, self.picker, self.restart, self.theme, self.disclosure, self.chat, self.confirm),
            *(self.proposal, self.accept, self.decline, *self.chips, self.message, self.send, self.stop),
            *(self.hand_over, self.listen, self.why, self.comment, self.send_why, *self.side.outputs),
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
                feedback_options=("Like", "Dislike"),
                latex_delimiters=[],
                allow_tags=False,
                allow_file_downloads=False,
                sanitize_html=True,
            )
            hand_over = gr.HTML(ticket_html(None, language), elem_id="st-hand-over", apply_default_css=False)
            listen = gr.Timer(_SECONDS, active=False)
            with gr.Row(elem_id="st-why", visible=False) as why:
                comment = gr.Textbox(
                    label=text("ask_why", language), lines=1, max_lines=3, max_length=1000, elem_id="st-comment"
                )
                send_why = gr.Button(text("send_why", language), elem_id="st-send-why", size="sm")
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
        side = lay_out_side(language)
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
        hand_over=hand_over,
        listen=listen,
        why=why,
        comment=comment,
        send_why=send_why,
        side=side,
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
        screen.send_why: gr.update(value=text("send_why", language)),
    }
    return {
        **labels,
        **talk_screen(screen, session),
        **hand_over_screen(screen, session),
        **why_screen(screen, session),
        **_question(screen, session),
        **_chips(screen, session),
    }


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
    return {screen.chat: chat_messages(session), **shelf_screen(screen.side, session)}


def talk_screen(screen: Screen, session: Session) -> Updates:
    """Return the talk between two turns, with what was thought of each answer."""
    return {screen.chat: gr.update(value=chat_messages(session), feedback_value=thumbs(session))}


def hand_over_screen(screen: Screen, session: Session) -> Updates:
    """Return how the hand-over stands; while it does, the page listens for what a person writes."""
    waits = session.ticket is not None and session.ticket.state != "closed"
    return {
        screen.hand_over: ticket_html(session.ticket, session.language),
        screen.listen: gr.Timer(active=waits),
    }


def why_screen(screen: Screen, session: Session) -> Updates:
    """Return the question why an answer was bad, while it is asked."""
    asked = session.asked_why is not None
    return {
        screen.why: gr.update(visible=asked),
        screen.comment: gr.update(label=text("ask_why", session.language), value=""),
    }


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
