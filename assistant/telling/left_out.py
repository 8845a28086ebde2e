"""What a reply must not leave out of the results: the facts that the customer asked for.

A small model sometimes looks up the right thing and then says nothing of it. Products are named by their short names;
of an order, a purchase or a sum at least one fact has to be said. What is missing is added from the result itself.
"""

from collections.abc import Iterable
from functools import singledispatch
from itertools import pairwise

from assistant.grounding import split_sentences
from assistant.grounding.holding import as_said, held, said
from assistant.grounding.numbers import values
from assistant.grounding.text import fold
from assistant.grounding.words import load_words
from assistant.listening.several import is_question
from assistant.schema import (
    Calculated,
    CartShown,
    DeliveryEstimated,
    Order,
    OrderDetails,
    OrdersFound,
    PreferenceSet,
    PreferencesFound,
    Product,
    ProductDetails,
    ProductsRecommended,
    PurchasesFound,
    SizeAdvised,
    ToolResult,
    Value,
)
from assistant.telling.phrases import phrase, phrase_list, spaced
from assistant.telling.replies import plain_reply
from assistant.telling.shopping_replies import cart_sentences
from retrieval.words import plain_words

_STEM = 4
"""Letters that two words share at their beginning, at least, where one stands for the other."""


def left_out(result: ToolResult, text: str, language: str, asked: str = "") -> str | None:
    """Return the sentences that the reply `text` lacks, None where it says something of the result.

    `asked` is what the customer said.
    """
    if isinstance(result, CartShown):
        sentences = cart_sentences(result, language)
        untold = [told for told, fact in sentences if told not in text and not _has(text, fact)]
        return spaced(untold, language) or None
    if isinstance(result, ProductDetails):
        if not is_question(asked):
            return None
        facts = (untold_offer(result.product, asked, text, language), asked_fact(result.product, asked, text, language))
        told = spaced(filter(None, facts), language)
        return told or unsaid_feature(result.product, asked, text, language)
    if isinstance(result, ProductsRecommended) and result.products:
        return None if not result.question or text.rstrip().endswith(("?", "？")) else result.question
    return None if _is_told(result, text) else plain_reply(result, language)


def asked_fact(product: Product, asked: str, text: str, language: str) -> str | None:
    """Return the attribute of the product that the question's words touch most, where the reply doesn't tell it.

    'Is it machine washable?' touches 'care: machine wash 30 °C'.
    """
    texts = product.text(language)
    # What there is to choose from is told whole.
    table = {**(texts.attributes or product.attributes), **_options(product, language)}
    named = _names_said(asked)
    touched = {name: len(_touching(asked, f"{name} {value}")) + (fold(name) in named) for name, value in table.items()}
    best = max(touched, key=touched.__getitem__, default=None)
    if best is None or not touched[best] or fold(table[best]) in fold(text):
        return None
    return phrase("asked_fact", language, product=texts.short_name, name=best, value=table[best])


def _names_said(asked: str) -> frozenset[str]:
    """Return the other names of the attributes that the question names: 材质 for 面料, 'fabric' for 'material'."""
    groups = (names for names in load_words().deciding.values() if any(name in fold(asked) for name in names))
    return frozenset().union(*groups)


def _options(product: Product, language: str) -> dict[str, str]:
    """Return the values of each option that some variant has, in the order of the variants."""
    found: dict[str, dict[str, None]] = {}
    for variant in product.variants:
        for name, value in variant.shown_options(language).items():
            found.setdefault(name, {})[value] = None
    return {name: phrase("list_comma", language).join(values) for name, values in found.items()}


def unsaid_feature(product: Product, asked: str, text: str, language: str) -> str | None:
    """Return what the product's texts say of a feature in the question, or that they say nothing of it.

    'Is it waterproof?' is answered by the sentence that says so; where none does, that is the honest answer. Which
    colours there are is no matter of its texts but of its variants.
    """
    words = load_words()
    for concept in said(asked):
        if concept in said(text) or words.group_of[concept] == "colour":
            continue
        state = held(product, concept, words)
        if state == "unknown":
            return phrase(
                "asked_unknown", language, name=product.text(language).short_name, word=as_said(asked, concept)
            )
        if (sentence := _saying(product, concept, state, language)) and sentence not in text:
            return sentence
    return None


def _saying(product: Product, concept: str, state: str, language: str) -> str | None:
    """Return the first sentence of the product's description that affirms, or denies, a feature."""
    sentences = split_sentences(product.text(language).description)
    return next((each.strip() for each in sentences if said(each).get(concept) == state), None)


def untold_offer(product: Product, asked: str, text: str, language: str) -> str | None:
    """Return price and stock where the question is after one of them and the reply doesn't tell it."""
    if product.price is None or product.stock is None:
        return None
    words, folded = load_words(), fold(text)
    told_price = product.price.amount in values(text)
    told_stock = words.has("stock_in", folded) or words.has("stock_out", folded)
    kinds = ("asks_price", "asks_stock", "asks_left")
    wants = {kind: any(form in asked.casefold() for form in _asking_for(kind)) for kind in kinds}
    if wants["asks_left"] and product.stock and product.stock not in values(text):
        name = product.text(language).short_name
        return phrase("left", language, name=name, count=product.stock)
    if (wants["asks_price"] and not told_price) or (wants["asks_stock"] and not told_stock):
        return plain_reply(ProductDetails(product=product), language)
    return None


def _asking_for(kind: str) -> tuple[str, ...]:
    return (*phrase_list(kind, "en"), *phrase_list(kind, "zh"))


def _touching(asked: str, fact: str) -> set[str]:
    """Return the words of a fact that the question has, also grown or shortened ('washable': 'wash')."""
    words, wanted = set(plain_words(fact)), set(plain_words(asked))
    if any(not word.isascii() for word in words):
        signs = [fact[place : place + 2] for place in range(len(fact) - 1)]
        return {pair for pair in signs if not pair.isascii() and pair in asked}
    return {
        word for word in words for said in wanted
        if min(len(word), len(said)) >= _STEM and (word.startswith(said) or said.startswith(word))
    }  # fmt: skip


@singledispatch
def _is_told(result: Value, text: str) -> bool:
    return True


@_is_told.register
def _(result: OrderDetails, text: str) -> bool:
    return _tells_of(result.order, text)


@_is_told.register
def _(result: OrdersFound, text: str) -> bool:
    if not result.orders:
        return load_words().has("negation", fold(text))
    return any(_tells_of(order, text) for order in result.orders)


@_is_told.register
def _(result: PurchasesFound, text: str) -> bool:
    if not result.orders:
        return load_words().has("negation", fold(text))
    return any(_names(line.title, text) for order in result.orders for line in order.lines)


@_is_told.register
def _(result: Calculated, text: str) -> bool:
    return result.value in values(text)


@_is_told.register
def _(result: DeliveryEstimated, text: str) -> bool:
    days = [day.isoformat() for option in result.options for day in (option.earliest, option.latest)]
    return any(day in text for day in days) if days else load_words().has("negation", fold(text))


@_is_told.register
def _(result: SizeAdvised, text: str) -> bool:
    return result.size is not None and set(plain_words(result.size)) <= set(plain_words(text))


@_is_told.register
def _(result: PreferenceSet, text: str) -> bool:
    return fold(result.preference.subject) in fold(text)


@_is_told.register
def _(result: PreferencesFound, text: str) -> bool:
    known = [*(each.subject for each in result.preferences), *result.categories]
    return any(fold(name) in fold(text) for name in known) if known else load_words().has("negation", fold(text))


def _tells_of(order: Order, text: str) -> bool:
    """Tell whether the text has a fact of the order beyond its number, which the customer may have given."""
    folded = fold(text)
    words = load_words()
    if any(words.has(f"status_{word}", folded) for word, covered in words.statuses.items() if order.status in covered):
        return True
    # What is in an order is no answer to where it is.
    return any(fold(fact) in folded for fact in _facts(order))


def _facts(order: Order) -> Iterable[str]:
    dates = [date.isoformat() for date in (order.expected_on, order.delivered_on, order.placed_at.date()) if date]
    codes = [code for code in (order.tracking_number, order.carrier) if code]
    amounts = [f"{money.amount:,.2f}" for money in (order.total, order.shipping, *(line.price for line in order.lines))]
    return [*dates, *codes, *amounts, order.payment_method.label, order.address.line1, order.address.name]


def _has(text: str, fact: str) -> bool:
    return bool(fact) and fold(fact) in fold(text)


def _names(title: str, text: str) -> bool:
    """Tell whether two neighbouring words of the title, or all of a shorter one, stand so in the text."""
    wanted, held = plain_words(title), plain_words(text)
    return wanted == held or bool(set(pairwise(wanted)) & set(pairwise(held)))
