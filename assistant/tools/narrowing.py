"""From what a model passed to a search to limits that hold exactly.

A limit holds only where the customer named it: small models fill in budgets, brands and features that nobody asked for,
and a product hidden by an invented limit is as wrong as an invented product. What was named and the shop has becomes a
filter; what was named and the shop hasn't goes into the search text, and a brand that isn't sold here is said so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from rapidfuzz import fuzz, process, utils

from assistant.errors import ToolError
from assistant.grounding.numbers import quantities, values
from assistant.grounding.text import fold
from assistant.grounding.words import load_words
from retrieval.schema import Filters, Product, Value
from retrieval.search import Catalogue
from retrieval.understanding.prices import counted_numbers
from retrieval.words import terms

_BEFORE, _AFTER = 18, 16
"""Characters around a number in which a word such as "under" or 以下 belongs to it."""
_SPELLINGS = {"color": "colour"}
_CENT = Decimal("0.01")
_SAME_WORD = 90.0
"""rapidfuzz ratio (0–100) from which two names are the same but for plural or spelling."""


class Narrowing(Value):
    """What to search: the text, the filters, what to call them, and what the shopper should be told."""

    text: str
    filters: Filters
    limits: dict[str, str]
    note: str | None


def narrow(
    catalogue: Catalogue,
    text: str,
    category: str | None,
    brand: str | None,
    min_price: Decimal | None,
    max_price: Decimal | None,
    min_rating: float | None,
    in_stock: bool | None,
    attributes: Mapping[str, str],
    said: Sequence[str],
    shown: Sequence[Product] = (),
) -> Narrowing:
    """Turn arguments into limits that `said`, the customer's own messages, bears out.

    `shown` are the products on the screen, which 'cheaper' is cheaper than. Raises ToolError for a rating that cannot
    be.
    """
    if min_rating is not None and not 0 <= min_rating <= 5:
        raise ToolError("min_rating goes from 1 to 5.")
    numbers = frozenset(number for message in said for number in values(message))
    counted = frozenset(number for message in said for number in counted_numbers(fold(message)))
    bounds = {number for number in counted if _is_bound(number, said, "below", "at_most", "above", "at_least")}
    prices = numbers - (counted - bounds)
    low, high = _prices(min_price if min_price in prices else None, max_price if max_price in prices else None, said)
    if low is None and high is None:
        low, high = _prices_in(text, numbers, said)
    if said and wants_cheaper(said[-1]) and not {low, high} & values(said[-1]):
        high = _below(text, shown) or high
    brand_filter, note = _brand(catalogue, brand, said)
    known, unknown = _attributes(catalogue, attributes, said)
    filters = Filters(
        min_price=low,
        max_price=high,
        min_rating=min_rating if min_rating and Decimal(str(min_rating)) in numbers else None,
        in_stock=True if in_stock and any(load_words().has("stock_in", fold(message)) for message in said) else None,
        brand=brand_filter,
        attributes=known,
        **_aisle(catalogue, category, said),
    )
    return Narrowing(
        text=" ".join(word for word in [text, *unknown] if word),
        filters=filters,
        limits={name: str(value) for name, value in filters.model_dump(exclude_none=True).items() if value != {}},
        note=note,
    )


def wants_cheaper(message: str) -> bool:
    """Tell whether a message asks for what costs less: 'cheaper?', 便宜点的."""
    return load_words().has("cheaper", fold(message))


def wishes_cheaper(message: str) -> bool:
    """Tell whether a message wants other, cheaper things: not 'which is cheaper?', nor 'is it cheaper than …?'."""
    words, folded = load_words(), fold(message)
    return wants_cheaper(message) and not words.has("which", folded) and not words.has("than", folded)


def _below(text: str, shown: Sequence[Product]) -> Decimal | None:
    """Return the limit under which everything is cheaper than what was shown; None where other things are searched."""
    words = {word for product in shown for word in _words_of(product)}
    prices = [product.price.amount for product in shown if product.price]
    return min(prices) - _CENT if prices and set(terms(text)) & words else None


def _words_of(product: Product) -> list[str]:
    names = [name for texts in product.texts.values() for name in (texts.title, texts.short_name)]
    return terms(" ".join([*names, product.category or "", product.department or ""]))


def _prices(low: Decimal | None, high: Decimal | None, said: Sequence[str]) -> tuple[Decimal | None, Decimal | None]:
    """Return the two ends as the customer meant them: small models mix them up."""
    if low is not None and high is not None:
        # One number given for both ends is the upper one: shoppers name budgets.
        return (None, high) if low == high else (min(low, high), max(low, high))
    if low is not None and _is_end(low, said, "at_most", "below"):
        return None, low
    # "Not more than 150" holds "more than", so that a word for an upper limit decides.
    if high is not None and _is_end(high, said, "at_least", "above") and not _is_end(high, said, "at_most", "below"):
        return high, None
    return low, high


def _prices_in(text: str, numbers: frozenset[Decimal], said: Sequence[str]) -> tuple[Decimal | None, Decimal | None]:
    """Return the limits that the model left inside the words to search for, where the customer named them as limits."""
    low = high = None
    for quantity in quantities(fold(text)):
        if quantity.value not in numbers:
            continue
        if _is_bound(quantity.value, said, "below", "at_most"):
            high = quantity.value
        elif _is_bound(quantity.value, said, "above", "at_least"):
            low = quantity.value
    return low, high


def _is_bound(number: Decimal | None, said: Sequence[str], *kinds: str) -> bool:
    """Tell whether the customer used the number with a word of these kinds, just before or after it."""
    words = load_words()
    return any(any(words.has(kind, around) for kind in kinds) for around in _around(number, said))


def _is_end(number: Decimal, said: Sequence[str], end: str, side: str) -> bool:
    """Tell whether the number is this end of what may be paid: by its name, or by the side of it, if not denied.

    "Over 50" names the least and "can't go over 50" the most.
    """
    denied = any(load_words().has("negation", around) for around in _around(number, said))
    return _is_bound(number, said, end) or (_is_bound(number, said, side) and not denied)


def _around(number: Decimal | None, said: Sequence[str]) -> Iterator[str]:
    """Yield what stands just before and after the number, wherever the customer used it."""
    for message in map(fold, said):
        for quantity in quantities(message):
            if quantity.value == number:
                yield message[max(0, quantity.start - _BEFORE) : quantity.end + _AFTER]


def _brand(catalogue: Catalogue, brand: str | None, said: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the brand to filter by, and what to say of a brand that was asked for and isn't sold."""
    if not brand or not _named(brand, said):
        return None, None
    known = _same_name(brand, catalogue.brands())
    return known, None if known else f"The shop has no brand '{brand}'; these are other brands."


def _aisle(catalogue: Catalogue, name: str | None, said: Sequence[str]) -> dict[str, str]:
    """Return the category or department of this name as a filter; empty when the shop has neither."""
    if not name or not _named(name, said):
        return {}
    if category := _same_name(name, catalogue.categories()):
        return {"category": category}
    if department := _same_name(name, catalogue.departments()):
        return {"department": department}
    return {}


def _attributes(
    catalogue: Catalogue, wanted: Mapping[str, str], said: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """Split what was named into attributes that some product has, and values of others as words."""
    known: dict[str, str] = {}
    words = []
    for name, value in wanted.items():
        if not value or not _named(value, said):
            continue
        spellings = (name, _SPELLINGS.get(name.casefold(), name))
        spelling = next((each for each in spellings if catalogue.has_attribute(each, value)), None)
        if spelling is None:
            words.append(value)
        else:
            known[spelling] = value
    return known, words


def _named(words: str, said: Sequence[str]) -> bool:
    """Tell whether the customer used these words, give or take plural and spelling."""
    wanted = set(terms(words))
    return any(
        wanted <= set(terms(message))
        or fuzz.partial_ratio(words, message, processor=utils.default_process) >= _SAME_WORD
        for message in said
    )


def _same_name(name: str, names: Iterable[str]) -> str | None:
    found = process.extractOne(
        name, list(names), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=_SAME_WORD
    )
    return found[0] if found else None
