"""What holds for every turn of every conversation, whatever the model does; each is one small check."""

from collections import Counter
from collections.abc import Callable, Iterator

from assistant.grounding import named_products
from assistant.schema import (
    ConfirmationRequested,
    ConversationStarted,
    ProductCard,
    ProductsShown,
    TextDelta,
    ToolCallFinished,
    ToolCallStarted,
    TurnFinished,
)
from assistant.testing.seen import ENDINGS, SeenTurn


def broken_invariants(seen: SeenTurn) -> Iterator[str]:
    """Yield a sentence for each invariant that the turn broke."""
    for check in INVARIANTS:
        yield from check(seen)


def _ends_once(seen: SeenTurn) -> Iterator[str]:
    endings = [event.type for event in seen.events if isinstance(event, ENDINGS)]
    if len(endings) != 1 or not isinstance(seen.events[-1], ENDINGS):
        yield f"a turn must end in exactly one ending event, its last; there were {', '.join(endings) or 'none'}"


def _discloses_first(seen: SeenTurn) -> Iterator[str]:
    places = [place for place, event in enumerate(seen.events) if isinstance(event, ConversationStarted)]
    # A confirmation has a turn before it, so the customer has been told.
    if places != ([0] if seen.first and seen.turn.confirm is None else []):
        yield "a conversation must begin, once, with the disclosure that this is an AI"


def _keeps_what_was_said(seen: SeenTurn) -> Iterator[str]:
    kept = "".join(message.content for message in seen.messages if message.role == "assistant")
    if kept != seen.text:
        yield f"the text deltas, joined, must equal the text kept: «{seen.text}» is not «{kept}»"
    if isinstance(seen.ending, TurnFinished) and seen.ending.text != seen.text:
        yield f"the text of turn_finished must equal the deltas: «{seen.ending.text}» is not «{seen.text}»"


def _answers_every_call(seen: SeenTurn) -> Iterator[str]:
    """Every call of the record has exactly one tool message, and stands before it."""
    open_calls: set[str] = set()
    for message in seen.conversation.messages:
        if message.role == "tool" and message.tool_call_id not in open_calls:
            yield f"a tool message answers no open call: «{message.content[:80]}»"
        elif message.role == "tool":
            open_calls.discard(message.tool_call_id or "")
        elif open_calls:
            yield "a call must be answered before anything else is said"
            open_calls.clear()
        open_calls.update(call.id for call in message.tool_calls)
    if open_calls:
        yield f"{len(open_calls)} tool calls have no tool message"


def _tells_every_call(seen: SeenTurn) -> Iterator[str]:
    """On the screen, too, every call that starts ends, and nothing ends that hasn't started."""
    started = Counter(event.call.id for event in seen.events if isinstance(event, ToolCallStarted))
    finished = Counter(event.call_id for event in seen.events if isinstance(event, ToolCallFinished))
    if started != finished and seen.ending and seen.ending.type != "turn_failed":
        yield "every tool_call_started must have its tool_call_finished"


def _writes_only_after_a_yes(seen: SeenTurn) -> Iterator[str]:
    if seen.orders_before != seen.orders_after and not seen.may_write:
        yield "an order was changed without a confirmed proposal"


def _shows_what_is_recorded(seen: SeenTurn) -> Iterator[str]:
    if not any(isinstance(event, ProductsShown) for event in seen.events):
        return
    if [card.id for card in seen.cards] != [product.id for product in seen.conversation.shown]:
        yield "the products on the screen must be the products in the record"
    # Why a product is recommended stands in the tool's result, not in the store.
    cards = tuple(card.model_copy(update={"reason": None}) for card in seen.cards)
    if cards != tuple(ProductCard.of(product, seen.conversation.language) for product in seen.on_screen):
        yield "the cards must say what the product store says"


def _shows_cards_before_words(seen: SeenTurn) -> Iterator[str]:
    for before, event in zip(seen.events, seen.events[1:], strict=False):
        if isinstance(event, ProductsShown) and not isinstance(before, ToolCallFinished):
            yield "products_shown must follow its tool call at once"


def _names_what_is_shown(seen: SeenTurn) -> Iterator[str]:
    if not isinstance(seen.ending, TurnFinished | ConfirmationRequested) or not seen.cards:
        return
    named = {product.id for product in named_products(seen.text, seen.on_screen)}
    if missing := [product.id for product in seen.on_screen if product.id not in named]:
        yield f"every product on the screen must be named in the reply; not named: {', '.join(missing)}"


def _shows_only_whole_words(seen: SeenTurn) -> Iterator[str]:
    if any(isinstance(event, TextDelta) and not event.text for event in seen.events):
        yield "a text delta must not be empty"


INVARIANTS: tuple[Callable[[SeenTurn], Iterator[str]], ...] = (
    _ends_once,
    _discloses_first,
    _keeps_what_was_said,
    _answers_every_call,
    _tells_every_call,
    _writes_only_after_a_yes,
    _shows_what_is_recorded,
    _shows_cards_before_words,
    _names_what_is_shown,
    _shows_only_whole_words,
)
