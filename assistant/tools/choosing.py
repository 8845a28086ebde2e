"""What a customer means: which line of an order, which variant of a product, which way to pay.

A tool takes the customer's words or an exact id. What the words leave open is a ToolError that lists what there is, so
that the model can ask.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from importlib import resources

from assistant.errors import Missing, ToolError
from assistant.schema import Customer, Order, OrderDetails, OrderLine, PaymentMethod, Product, ProductDetails
from assistant.tools.said import is_said
from assistant.tools.tool import ToolContext
from retrieval.schema import Variant
from retrieval.understanding.facets import spellings_of
from retrieval.words import fold, is_cjk, terms

_COUNT = re.compile(r"^\s*(\d{1,3})\s*(?:[x×个件双]\s*|\s)(?=\D)")
_LISTED = 6
"""Variants that an error names."""
_SHORT = 2
"""Letters of a value that says nothing without its name: 'size M', but 'red'."""


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
        if _is("everything", entry):
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


def find_variant(product: Product, line: OrderLine, wanted: str) -> Variant:
    """Return the variant that the words describe, or that has this id; what they don't name stays as in `line`.

    An id may be that of the variant in the order: the same again, for one that is broken. Raises ToolError, which lists
    what can be had, when there is none like that, it is sold out, or the words describe the one in the order.
    """
    for variant in product.variants:
        if wanted.strip() in (variant.id, variant.sku) or (variant.id == line.variant_id and _is("same", wanted)):
            return _to_be_had(product, variant, line, {})
    values = _values(product)
    named = _named_values(values, wanted)
    if not named:
        choices = "; ".join(f"{name}: {', '.join(found)}" for name, found in values.items())
        raise ToolError(
            f"'{wanted}' names no variant of {line.title}. There are: {choices or 'no variants'}.",
            evidence=ProductDetails(product=product),
            missing=Missing("changes", _in_stock(product), item=line.title) if values else None,
        )
    target = {**line.options, **named}
    for variant in product.variants:
        if variant.options == target and variant.id == line.variant_id:
            options = describe_options(variant.options)
            raise ToolError(
                f"The {line.title} in the order is that already: {options}. Ask what should change.",
                missing=Missing("changes", _in_stock(product), item=line.title),
            )
        if variant.options == target:
            return _to_be_had(product, variant, line, named)
    raise ToolError(
        f"{line.title} is not made like that. {_similar(product, named)}",
        evidence=ProductDetails(product=product),
        missing=Missing("changes", _in_stock(product), item=line.title),
    )


def find_method(customer: Customer, order: Order, wanted: str, for_refund: bool = False) -> PaymentMethod:
    """Return the customer's way to pay that is meant; a gift card that isn't there yet is made for a refund.

    Raises ToolError, which lists the ways, for what fits none, or several.
    """
    methods = {method.id: method for method in (order.payment_method, *customer.payment_methods)}
    if _is("original", wanted) or wanted.strip() == order.payment_method.id:
        return order.payment_method
    if wanted.strip() in methods:
        return methods[wanted.strip()]
    words = set(terms(wanted))
    found = [method for method in methods.values() if words and words <= set(terms(method.label))]
    found = found or [method for method in methods.values() if _is(method.kind, wanted)]
    if len(found) == 1:
        return found[0]
    if for_refund and not found and _is("gift_card", wanted):
        return PaymentMethod(id=f"gift-{order.id}", kind="gift_card", label="Gift card")
    which = "fits several of" if found else "is none of"
    labels = tuple(dict.fromkeys(method.label for method in methods.values()))
    raise ToolError(
        f"'{wanted}' {which} the customer's ways to pay: {', '.join(labels)}. Ask which one.",
        missing=Missing("refund_to" if for_refund else "pay_with", labels),
    )


def said_method(context: ToolContext, wanted: str) -> str:
    """Return the way to pay that the customer asked for; 'original' where a model fills in what nobody said."""
    results = " ".join(message.content for message in context.transcript if message.role == "tool")
    if not context.customer_texts or (wanted.strip() and wanted.strip() in results):
        return wanted
    said = fold(" ".join(context.customer_texts))
    kinds = [kind for kind in ("gift_card", "paypal", "card") if any(fold(word) in said for word in _words()[kind])]
    by_number = any(map(str.isdigit, wanted)) and is_said(context, wanted)
    return wanted if kinds or by_number else "original"


def describe_options(options: Mapping[str, str]) -> str:
    """Return options as one reads them: 'black, size 11'."""
    return ", ".join(
        value if any(map(str.isalpha, value)) and len(value) > _SHORT else f"{name} {value}"
        for name, value in options.items()
    )


def _score(words: AbstractSet[str], line: OrderLine) -> int:
    """Return how well words fit a line: those of its title count most, and one of them has to be there."""
    in_title = len(words & set(terms(line.title)))
    in_options = len(words & set(terms(" ".join(line.options.values()))))
    return in_title and in_title * 10 + in_options


def _lines(order: Order) -> tuple[str, ...]:
    return tuple(
        f"{line.title} ({describe_options(line.options)})" if line.options else line.title for line in order.lines
    )


def _values(product: Product) -> dict[str, list[str]]:
    names = dict.fromkeys(name for variant in product.variants for name in variant.options)
    return {
        name: list(dict.fromkeys(variant.options[name] for variant in product.variants if name in variant.options))
        for name in names
    }


def _named_values(values: Mapping[str, Iterable[str]], wanted: str) -> dict[str, str]:
    """Return the values that stand in the words, the longest first, so that 'dark red' is not 'red'."""
    said = _Said(wanted, values)
    options = sorted(((value, name) for name, found in values.items() for value in found), key=_longest_first)
    named: dict[str, str] = {}
    for value, name in options:
        others = [other for other, found in values.items() if other != name and value in found]
        # A value of two options belongs to the one that is named with it.
        is_anothers = not said.names(name) and any(map(said.names, others))
        # The same colour in another language, or in another shop's words, is the same colour.
        forms = [form for form in (value, *spellings_of(value)) if form in said]
        if name not in named and forms and not is_anothers:
            named[name] = value
            said.drop(forms[0])
    return named


def _longest_first(pair: tuple[str, str]) -> int:
    return -len(pair[0])


class _Said:
    """Words in which values are looked for; what was found is dropped, so that it isn't found twice."""

    def __init__(self, words: str, names: Iterable[str]) -> None:
        self._all = self._terms = f" {' '.join(terms(words))} "
        self._folded = fold(words)
        # The name 'bagged/bagless' says neither of the two.
        for name in names:
            self._terms = self._terms.replace(f" {' '.join(terms(name))} ", "  ")

    def __contains__(self, value: str) -> bool:
        if is_cjk(value):
            return fold(value) in self._folded
        return f" {' '.join(terms(value))} " in self._terms

    def names(self, name: str) -> bool:
        """Tell whether the words name an option."""
        return f" {' '.join(terms(name))} " in self._all

    def drop(self, value: str) -> None:
        """Forget one mention of the value."""
        self._terms = self._terms.replace(f" {' '.join(terms(value))} ", "  ", 1)
        self._folded = self._folded.replace(fold(value), " ", 1)


def _to_be_had(product: Product, variant: Variant, line: OrderLine, named: Mapping[str, str]) -> Variant:
    if variant.stock == 0:
        raise ToolError(
            f"{line.title} is sold out in {describe_options(variant.options)}. {_similar(product, named)}",
            evidence=ProductDetails(product=product),
        )
    return variant


def _in_stock(product: Product) -> tuple[str, ...]:
    return tuple(describe_options(variant.options) for variant in product.variants if variant.stock != 0)


def _similar(product: Product, named: Mapping[str, str]) -> str:
    in_stock = [variant for variant in product.variants if variant.stock != 0]
    alike = {variant.id: len(named.items() & variant.options.items()) for variant in in_stock}
    close = [variant for variant in in_stock if alike[variant.id] == max(alike.values())]
    listed = "; ".join(describe_options(variant.options) for variant in close[:_LISTED])
    return f"In stock: {listed}." if listed else "None is in stock."


def _is(kind: str, words: str) -> bool:
    plain = " ".join(words.casefold().replace("_", " ").split()).removeprefix("my ").removeprefix("the ")
    return plain in _words()[kind] or plain.removesuffix(" method") in _words()[kind]


@cache
def _words() -> dict[str, frozenset[str]]:
    text = resources.files("assistant.tools").joinpath("choosing.toml").read_text(encoding="utf-8")
    return {kind: frozenset(words) for kind, words in tomllib.loads(text).items()}
