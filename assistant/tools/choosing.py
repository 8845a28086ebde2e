"""What a customer means: which line of an order, which way to pay.

A tool takes the customer's words or an exact id. What the words leave open is a ToolError that lists what there is, so
that the model can ask.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet

from assistant.errors import Missing, ToolError
from assistant.schema import Customer, Order, OrderDetails, OrderLine, PaymentMethod
from assistant.tools.customer_words import is_word_for, words_for
from assistant.tools.places import places_in
from assistant.tools.said import is_said
from assistant.tools.tool import ToolContext
from assistant.tools.variants import describe_options
from retrieval.words import fold, terms

_COUNT = re.compile(r"^\s*(\d{1,3})\s*(?:[x×个件双]\s*|\s)(?=\D)")


def find_lines(order: Order, wanted: Sequence[str]) -> dict[int, int]:
    """Return the positions of the lines that are meant, with how many pieces of each.

    An entry is a line's variant id, its title or words of it, or 'all'; a number before it counts pieces, else all of
    the line are meant. Raises ToolError, with the order as evidence, for what fits no line, or several.
    """
    if not wanted:
        raise ToolError(
            f"Say which items of order {order.id}: {'; '.join(_lines(order))}.",
            evidence=OrderDetails(order=order),
            missing=Missing("items", _lines(order)),
        )
    pieces: Counter[int] = Counter()
    for entry in wanted:
        if is_word_for("everything", entry):
            pieces.update({position: line.quantity for position, line in enumerate(order.lines)})
            continue
        count = _COUNT.match(entry)
        position = find_line(order, entry[count.end() :] if count else entry, taken=pieces)
        pieces[position] += int(count[1]) if count else order.lines[position].quantity
    for position, quantity in pieces.items():
        line = order.lines[position]
        if not 1 <= quantity <= line.quantity:
            raise ToolError(f"Order {order.id} has {line.quantity} × {line.title}, not {quantity}.")
    return dict(sorted(pieces.items()))


def find_line(order: Order, wanted: str, taken: Collection[int] = ()) -> int:
    """Return the position of the line that is meant; of equal ones the first that isn't `taken`. Raises ToolError."""
    free = [position for position in range(len(order.lines)) if position not in taken]
    exact = [position for position in free if order.lines[position].variant_id in wanted.split()]
    if exact:
        return exact[0]
    places = places_in(wanted, len(order.lines))
    if len(places) == 1 and places[0] in free:
        return places[0]
    words = set(terms(wanted))
    scores = {position: _score(words, order.lines[position]) for position in free}
    best = max(scores.values(), default=0)
    found = [position for position in free if scores[position] == best > 0]
    kinds = {(order.lines[position].title, tuple(order.lines[position].options.items())) for position in found}
    if len(kinds) == 1:
        return found[0]
    which = "fits several of" if found else "is none of"
    raise ToolError(
        f"'{wanted}' {which} the items of order {order.id}: {'; '.join(_lines(order))}. Ask which is meant.",
        evidence=OrderDetails(order=order),
        missing=Missing("items", _lines(order)),
    )


def find_method(customer: Customer, order: Order, wanted: str, for_refund: bool = False) -> PaymentMethod:
    """Return the customer's way to pay that is meant; a gift card that isn't there yet is made for a refund.

    Raises ToolError, which lists the ways, for what fits none, or several.
    """
    methods = {method.id: method for method in (order.payment_method, *customer.payment_methods)}
    if is_word_for("original", wanted) or wanted.strip() == order.payment_method.id:
        return order.payment_method
    if wanted.strip() in methods:
        return methods[wanted.strip()]
    words = set(terms(wanted))
    found = [method for method in methods.values() if words and words <= set(terms(method.label))]
    found = found or [method for method in methods.values() if is_word_for(method.kind, wanted)]
    if len(found) == 1:
        return found[0]
    if for_refund and not found and is_word_for("gift_card", wanted):
        return PaymentMethod(id=f"gift-{order.id}", kind="gift_card", label="Gift card")
    which = "fits several of" if found else "is none of"
    labels = tuple(dict.fromkeys(method.label for method in methods.values()))
    raise ToolError(
        f"'{wanted}' {which} the customer's ways to pay: {', '.join(labels)}. Ask which one.",
        missing=Missing("refund_to" if for_refund else "pay_with", labels),
    )


def said_method(context: ToolContext, wanted: str) -> str:
    """Return the way to pay that the customer asked for; 'original' where a model fills in what nobody said.

    Where the model left it out, what the request and its last answer name counts: 'return something to my gift card'.
    """
    if not context.customer_texts:
        return wanted
    if is_word_for("original", wanted):
        kinds = _methods_in(" ".join(context.customer_texts[-2:]))
        return kinds[0].replace("_", " ") if len(kinds) == 1 else wanted
    results = " ".join(message.content for message in context.transcript if message.role == "tool")
    if wanted.strip() and wanted.strip() in results:
        return wanted
    by_number = any(map(str.isdigit, wanted)) and is_said(context, wanted)
    return wanted if by_number or _methods_in(" ".join(context.customer_texts)) else "original"


def _methods_in(text: str) -> list[str]:
    """Return the kinds of payment that a text names; in 'gift card' that is no card, and a gift is no gift card."""
    rest, found = fold(text), []
    for kind in ("gift_card", "paypal", "card"):
        named = [fold(word) for word in sorted(words_for(kind) - {"gift"}, key=len, reverse=True)]
        if any(word in rest for word in named):
            found.append(kind)
        for word in named:
            rest = rest.replace(word, " ")
    return found


def _score(words: AbstractSet[str], line: OrderLine) -> int:
    """Return how well words fit a line: those of its title count most, and one of them has to be there."""
    in_title = len(words & set(terms(line.title)))
    in_options = len(words & set(terms(" ".join(line.options.values()))))
    return in_title and in_title * 10 + in_options


def _lines(order: Order) -> tuple[str, ...]:
    return tuple(
        f"{line.title} ({describe_options(line.options)})" if line.options else line.title for line in order.lines
    )
