"""Whether a turn, and the end, are as a conversation file expects."""

from collections.abc import Callable, Iterator, Sequence

from assistant.schema import CartLine, ConfirmationRequested, TurnFinished
from assistant.testing.files import (
    CartLineExpectation,
    ConversationFile,
    OrderExpectation,
    ProductsExpectation,
    ReplyExpectation,
    TurnExpectation,
)
from assistant.testing.filling import CannotFill
from assistant.testing.seen import SeenTurn
from assistant.testing.stage import OrderState
from retrieval.schema import Filters, Product

Fill = Callable[[str], str]


def check_turn(expect: TurnExpectation, seen: SeenTurn, fill: Fill) -> Iterator[str]:
    """Yield what came otherwise than expected, a sentence each."""
    if expect.tools is not None:
        yield from _check_calls("calls", expect.tools, seen.calls)
    if expect.tool_errors is not None:
        yield from _check_calls("errors", expect.tool_errors, seen.errors)
    if expect.confirmation:
        yield from _check_confirmation(expect.confirmation, seen)
    if expect.products:
        yield from _check_products(expect.products, seen.on_screen)
    if expect.cart is not None:
        yield from _check_cart(expect.cart, seen.cart, fill)
    if expect.reply:
        yield from _check_reply(expect.reply, seen.reply, fill)
    if expect.held_back is not None:
        held_back = seen.ending.held_back if isinstance(seen.ending, TurnFinished) else 0
        if held_back != expect.held_back:
            yield f"expected {expect.held_back} sentences to be held back, but it were {held_back}"


def check_ending(expect: TurnExpectation | None, seen: SeenTurn) -> Iterator[str]:
    """Yield what is wrong with how the turn ended; also a turn that expects nothing must end well."""
    wanted = (expect or TurnExpectation(ends="turn_finished")).ending
    ended = seen.ending.type if seen.ending else "nothing"
    # A turn that expects nothing may be the one that asks for the confirmation which the next one gives.
    if ended != wanted and not (expect is None and ended == "confirmation_requested"):
        yield f"expected the turn to end in {wanted}, but it ended in {ended}: {_shortened(seen.reply)}"


def check_end(
    file: ConversationFile,
    before: dict[str, OrderState],
    after: dict[str, OrderState],
    tickets: int,
    address: str,
    fill: Fill,
) -> Iterator[str]:
    """Yield what is wrong with the shop's records at the end. Orders that the file doesn't name are as they were."""
    for order_id, expected in file.expect_orders.items():
        if order_id not in after:
            yield f"there is no order {order_id} in this shop"
        else:
            yield from _check_order(order_id, expected, after[order_id], fill)
    for order_id in sorted(before.keys() | after.keys()):
        if order_id not in file.expect_orders and before.get(order_id) != after.get(order_id):
            yield f"order {order_id} was changed, which the conversation doesn't expect"
    if file.expect_address and not any(_folded(fill(text)) in _folded(address) for text in file.expect_address):
        yield f"expected the saved address to have «{'» or «'.join(file.expect_address)}», but it is «{address}»"
    if file.expect_tickets is not None and tickets != file.expect_tickets:
        yield f"expected {file.expect_tickets} open tickets, but there are {tickets}"


def _check_calls(what: str, expected: Sequence[Sequence[str]], came: Sequence[str]) -> Iterator[str]:
    rest = iter(came)
    in_order = all(any(name in names for name in rest) for names in expected)
    if not in_order or (not expected and came):
        yield f"expected {what} of {_alternatives(expected)}, but there were {what} of {_names(came)}"


def _check_confirmation(tool: str, seen: SeenTurn) -> Iterator[str]:
    asked = seen.ending.proposal.tool if isinstance(seen.ending, ConfirmationRequested) else None
    if asked != tool:
        yield f"expected to be asked to confirm {tool}, but was asked to confirm {asked or 'nothing'}"


def _check_products(expect: ProductsExpectation, shown: Sequence[Product]) -> Iterator[str]:
    listing = ", ".join(product.id for product in shown) or "none"
    if expect.count is not None and len(shown) != expect.count:
        yield f"expected {expect.count} products on the screen, but there were {len(shown)}: {listing}"
    if expect.at_least is not None and len(shown) < expect.at_least:
        yield f"expected at least {expect.at_least} products on the screen, but there were {len(shown)}: {listing}"
    if missing := [product_id for product_id in expect.ids if product_id not in {product.id for product in shown}]:
        yield f"expected {_names(missing)} on the screen, but there were: {listing}"
    if expect.all and (breaking := [product for product in shown if not expect.all.admit(product)]):
        yield f"expected every product to keep {_limits(expect.all)}, but these don't: {_descriptions(breaking)}"
    if expect.some and not any(expect.some.admit(product) for product in shown):
        yield f"expected a product that keeps {_limits(expect.some)}, but there were: {_descriptions(shown) or 'none'}"
    if expect.none and (keeping := [product for product in shown if expect.none.admit(product)]):
        yield f"expected no product to keep {_limits(expect.none)}, but these do: {_descriptions(keeping)}"


def _check_cart(expected: Sequence[CartLineExpectation], lines: Sequence[CartLine], fill: Fill) -> Iterator[str]:
    listing = "; ".join(f"{line.quantity} × {line.product_id} {_options(line)}".strip() for line in lines) or "nothing"
    rest = list(lines)
    for wanted in expected:
        found = next((line for line in rest if _is_line(wanted, line, fill)), None)
        if found is None:
            options = f" ({' or '.join(wanted.options)})" if wanted.options else ""
            yield f"expected {wanted.quantity} × {wanted.product}{options} in the cart, but in it is: {listing}"
        else:
            rest.remove(found)
    if len(lines) > len(expected):
        yield f"expected {len(expected)} lines in the cart, but in it is: {listing}"


def _is_line(wanted: CartLineExpectation, line: CartLine, fill: Fill) -> bool:
    if (fill(wanted.product), wanted.quantity) != (line.product_id, line.quantity):
        return False
    chosen = _folded(_options(line))
    return wanted.options is None or any(_folded(fill(text)) in chosen for text in wanted.options)


def _options(line: CartLine) -> str:
    return ", ".join(line.options.values())


def _check_reply(expect: ReplyExpectation, reply: str, fill: Fill) -> Iterator[str]:
    folded = _folded(reply)
    try:
        for alternatives in expect.contains:
            texts = [fill(text) for text in alternatives]
            if not any(_folded(text) in folded for text in texts):
                yield f"expected the reply to contain «{'» or «'.join(texts)}», but it was: {_shortened(reply)}"
        for text in expect.not_contains:
            if _folded(fill(text)) in folded:
                yield f"expected the reply not to contain «{fill(text)}», but it was: {_shortened(reply)}"
    except CannotFill as error:
        yield f"{error}; the reply was: {_shortened(reply)}"


def _check_order(order_id: str, expect: OrderExpectation, order: OrderState, fill: Fill) -> Iterator[str]:
    if expect.status is not None and order.status != expect.status:
        yield f"expected order {order_id} to be {expect.status}, but it is {order.status}"
    for name, found in (
        ("cancel_reason", order.cancel_reason or ""),
        ("address", order.address),
        ("paid_with", order.paid_with),
        ("options", "; ".join(order.options)),
    ):
        texts = getattr(expect, name)
        if texts is not None and not any(_folded(fill(text)) in _folded(found) for text in texts):
            what = "reason" if name == "cancel_reason" else name.replace("_", " ")
            yield f"expected the {what} for order {order_id} to have «{'» or «'.join(texts)}», but it is «{found}»"
    try:
        for name, titles in (("returned", order.returned), ("exchanged", order.exchanged)):
            wanted = getattr(expect, name)
            if wanted is not None and sorted(map(fill, wanted)) != sorted(titles):
                yield f"expected of order {order_id} to be {name}: {_names(wanted)}, but it is: {_names(titles)}"
    except CannotFill as error:
        yield f"{error}, at the end"


def _folded(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _alternatives(expected: Sequence[Sequence[str]]) -> str:
    return _names([" or ".join(names) for names in expected])


def _limits(filters: Filters) -> str:
    return ", ".join(f"{name} {value}" for name, value in filters.model_dump(exclude_defaults=True).items())


def _descriptions(products: Sequence[Product]) -> str:
    return "; ".join(
        f"{each.id} ({each.category}, {each.brand}, {each.price}, stock {each.stock}, rated {each.rating})"
        for each in products
    )


def _shortened(text: str) -> str:
    return f"«{text}»" if len(text) <= 300 else f"«{text[:300]}…»"
