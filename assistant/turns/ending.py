"""How a reply ends: what the model's words left out is added from the results, and the turn is closed."""

from collections.abc import Iterator

from assistant.grounding import named_products
from assistant.schema import (
    AccountFound,
    Calculated,
    CartShown,
    Conversation,
    DeliveryEstimated,
    Event,
    HandedOver,
    OrderDetails,
    OrdersFound,
    PoliciesFound,
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
from assistant.telling.left_out import left_out
from assistant.telling.phrases import phrase
from assistant.telling.replies import currency_remark, naming_clause, plain_reply, quick_replies
from assistant.turns.errands import question
from assistant.turns.turn import Turn, customer_texts

RECEIPTS = (
    AccountFound
    | Calculated
    | CartShown
    | DeliveryEstimated
    | OrdersFound
    | PoliciesFound
    | PreferenceSet
    | PreferencesFound
    | ProductsRecommended
    | PurchasesFound
    | SizeAdvised
)
"""Results that a plain sentence tells whole, sums and dates too: a small model would only say less, or err.

Why something is recommended is known to the ranking alone, so that it is told from there; and a rule of the shop's is
quoted, since half of it in other words is another rule.
"""


LEADING_ON = AccountFound | OrdersFound | PurchasesFound
"""Receipts that may be looked up for something else, such as the order that is then cancelled."""


def is_receipt(result: ToolResult) -> bool:
    """Tell whether a plain sentence tells the result whole. That nothing was found is told so, too."""
    return isinstance(result, RECEIPTS) or (isinstance(result, ProductsFound) and not result.products)


def leads_on(turn: Turn) -> bool:
    """Tell whether more may follow from the newest result in the same request."""
    return bool(turn.results) and isinstance(turn.results[-1], LEADING_ON)


def receipts(turn: Turn, known: int) -> Iterator[Event]:
    """Tell the turn's results from the one numbered `known` on as they came back, where a plain sentence holds all."""
    for result in turn.results[known:]:
        if text := _receipt(turn, result):
            turn.told.append(result)
            yield turn.say(turn.gap() + text)


def _receipt(turn: Turn, result: ToolResult) -> str | None:
    """Return the sentences that tell a result whole, None where words of the model's have to."""
    language = turn.conversation.language
    if is_receipt(result):
        return plain_reply(result, language)
    if isinstance(result, ProductDetails):
        # A question on one product is answered by what its texts say of that, or that they say nothing.
        return left_out(result, "", language, customer_texts(turn.conversation)[-1])
    return None


def is_told(turn: Turn) -> bool:
    """Tell whether the newest result has been told, so that words of the model's would only repeat it."""
    return bool(turn.results) and turn.results[-1] in turn.told


def finish(turn: Turn) -> Iterator[Event]:
    """Complete the reply, and end the turn."""
    yield from complete(turn)
    yield from end(turn)


def complete(turn: Turn) -> Iterator[Event]:
    """Add from the results what the model's words leave out of the answer to the request under way."""
    language = turn.conversation.language
    if turn.asked:
        if turn.refused:
            yield turn.say(turn.gap() + turn.refused.told(language))
        elif turn.errand and turn.errand.missing == turn.asked.argument and turn.asked.choices:
            # The same once more without a word would sound as if nobody had read the answer.
            yield turn.say(turn.gap() + phrase("not_among", language))
        yield turn.say(turn.gap() + question(turn.asked, language))
        return
    asked = customer_texts(turn.conversation)[-1]
    for sentence in _lacking(turn, asked):
        if sentence not in turn.text:
            yield turn.say(turn.gap() + sentence)
    yield from name_shown(turn)
    if turn.put_off:
        yield turn.say(turn.gap() + turn.put_off)
        turn.put_off = ""
    if turn.results and (remark := currency_remark(turn.results[-1], asked, language)):
        yield turn.say(turn.gap() + remark)


def _lacking(turn: Turn, asked: str) -> Iterator[str]:
    """Yield what has to be said and wasn't."""
    language, last = turn.conversation.language, turn.results[-1] if turn.results else None
    if turn.refused:
        # Which rule it is, and what else can be done, is the shop's to say.
        yield turn.refused.told(language)
    if isinstance(last, HandedOver):
        yield plain_reply(last, language)
    elif turn.refused:
        return
    elif turn.answer.strip():
        if last and (missing := left_out(last, turn.answer, language, asked)):
            yield missing
    elif not (turn.goes_round and turn.earlier_text):
        # A second request that the first one's answer holds already needs no words of its own.
        stand_in = turn.stand_in()
        yield stand_in
        if isinstance(last, ProductDetails) and (fact := left_out(last, stand_in, language, asked)):
            yield fact


def end(turn: Turn) -> Iterator[Event]:
    """Offer what may be said next, and end the turn."""
    if not turn.asked and (replies := quick_replies(turn.results, turn.conversation.language)):
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


def latest_orders(conversation: Conversation) -> tuple[str, ...]:
    """Return the numbers of the orders whose places the customer may count: those of the latest list of several."""
    lists = (result.orders for result in reversed(conversation.results) if isinstance(result, OrdersFound))
    return next((tuple(order.id for order in orders) for orders in lists if len(orders) > 1), ())


def is_order_in_view(conversation: Conversation) -> bool:
    """Tell whether one order was looked at since several were listed."""
    looks = (result for result in reversed(conversation.results) if isinstance(result, OrdersFound | OrderDetails))
    return isinstance(next(looks, None), OrderDetails)
