"""How a reply ends: what the model's words left out is added from the results, and the turn is closed."""

from collections.abc import Iterator

from assistant.errands import question
from assistant.grounding import named_products
from assistant.left_out import left_out
from assistant.replies import currency_remark, naming_clause, plain_reply, quick_replies
from assistant.schema import (
    AccountFound,
    Calculated,
    CartShown,
    DeliveryEstimated,
    Conversation,
    Event,
    HandedOver,
    OrdersFound,
    PreferenceSet,
    PreferencesFound,
    Product,
    ProductDetails,
    ProductsCompared,
    ProductsFound,
    ProductsRecommended,
    PurchasesFound,
    QuickRepliesOffered,
    SizeAdvised,
    ToolResult,
)
from assistant.turn import Turn, customer_texts

RECEIPTS = (
    AccountFound
    | Calculated
    | CartShown
    | DeliveryEstimated
    | OrdersFound
    | PreferenceSet
    | PreferencesFound
    | PurchasesFound
    | SizeAdvised
)
"""Results that a plain sentence tells whole, sums and dates too: a small model would only say less, or err."""


def receipts(turn: Turn, known: int) -> Iterator[Event]:
    """Tell the turn's results from the one numbered `known` on as they came back, where a plain sentence holds all."""
    for result in turn.results[known:]:
        if isinstance(result, RECEIPTS):
            yield turn.say(turn.gap() + plain_reply(result, turn.conversation.language))


def is_told(turn: Turn) -> bool:
    """Tell whether the newest result has been told, so that words of the model's would only repeat it."""
    return bool(turn.results) and isinstance(turn.results[-1], RECEIPTS)


def finish(turn: Turn) -> Iterator[Event]:
    """Complete the reply from the results where the model's words leave something out, and end the turn."""
    language = turn.conversation.language
    if turn.asked:
        yield turn.say(turn.gap() + question(turn.asked, language))
        yield turn.finished()
        return
    asked = customer_texts(turn.conversation)[-1]
    if not turn.text.strip():
        yield turn.say(turn.stand_in())
    elif turn.results and isinstance(turn.results[-1], HandedOver):
        yield turn.say(turn.gap() + plain_reply(turn.results[-1], language))
    elif turn.results and (missing := left_out(turn.results[-1], turn.text, language, asked)):
        yield turn.say(turn.gap() + missing)
    yield from name_shown(turn)
    if turn.results and (remark := currency_remark(turn.results[-1], asked, language)):
        yield turn.say(turn.gap() + remark)
    if replies := quick_replies(turn.results, language):
        yield QuickRepliesOffered(replies=replies)
    yield turn.finished()


def name_shown(turn: Turn) -> Iterator[Event]:
    """Name those of the products on the screen that the reply hasn't named."""
    shown = next(filter(None, map(products_on_screen, reversed(turn.results))), ())
    named = {product.id for product in named_products(turn.text, shown)}
    if missing := [product for product in shown if product.id not in named]:
        clause = naming_clause(missing, turn.conversation.language, begun=bool(named))
        yield turn.say(turn.gap() + clause)


def products_on_screen(result: ToolResult) -> tuple[Product, ...]:
    """Return the products that a result puts on the screen."""
    match result:
        case ProductsFound() | ProductsCompared() | ProductsRecommended():
            return result.products
        case ProductDetails():
            return (result.product,)
        case _:
            return ()


def latest_list(conversation: Conversation) -> tuple[Product, ...]:
    """Return the products whose places the customer may count: those of the latest list, details since then aside."""
    lists = (products_on_screen(result) for result in reversed(conversation.results))
    return next((products for products in lists if len(products) > 1), tuple(conversation.shown))
