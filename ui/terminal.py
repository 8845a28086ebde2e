"""Chatting in a terminal: events as text, streaming."""

from collections.abc import Iterable

from rich.console import Console

from assistant.app import App
from assistant.schema import (
    ConfirmationRequested,
    Conversation,
    ConversationStarted,
    Event,
    ProductsShown,
    QuickRepliesOffered,
    TextDelta,
    ToolCallStarted,
    TurnFailed,
    TurnFinished,
    TurnRefused,
)
from assistant.telling.phrases import phrase

_out = Console(highlight=False)


def converse(shop: App, conversation: Conversation) -> None:
    """Talk until an empty line or the end of the input; keep the conversation after each turn."""
    while True:
        try:
            text = _out.input("[bold]You:[/] ")
        except (EOFError, KeyboardInterrupt):
            break
        if not text.strip():
            break
        print_events(shop.reply(conversation, text, "terminal"))
        shop.records.conversations.save(conversation)


def print_events(events: Iterable[Event]) -> None:
    """Print what a customer should see of a turn, as it comes."""
    for event in events:
        _print(event)


def _print(event: Event) -> None:
    match event:
        case ConversationStarted(disclosure=text):
            _say(f"{text}\n", style="dim")
        case ToolCallStarted(call=call):
            arguments = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
            _say(f"  → {call.name}({arguments})\n", style="dim")
        case ProductsShown(products=cards):
            for card in cards:
                stock = "" if card.stock is None else phrase("in_stock" if card.stock else "out_of_stock", "en")
                _say(f"  ▪ {card.short_name}  {card.price or ''}  {stock}  [{card.id}]\n", style="cyan")
        case TextDelta(text=text):
            _say(text)
        case ConfirmationRequested(proposal=proposal):
            lines = "".join(f"\n  - {change}" for change in proposal.changes)
            _say(f"{lines}\n  (yes / no)\n", style="yellow")
        case QuickRepliesOffered(replies=replies):
            _say("\n  " + "   ".join(f"‹{reply}›" for reply in replies), style="dim")
        case TurnFailed(text=text) | TurnRefused(text=text):
            _say(f"{text}\n", style="red")
        case TurnFinished():
            _say("\n")


def _say(text: str, style: str | None = None) -> None:
    # As it is: what a catalogue or a model wrote must not be read as markup.
    _out.print(text, style=style, end="", markup=False)
