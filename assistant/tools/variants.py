"""Which variant of a product a customer means by their words: a size, a colour, or an id."""

from collections.abc import Iterable, Mapping, Sequence

from assistant.errors import Missing, ToolError
from assistant.schema import OrderLine, Product, ProductDetails
from assistant.tools.customer_words import is_word_for
from retrieval.schema import Variant
from retrieval.understanding.facets import spellings_of
from retrieval.words import fold, is_cjk, terms

_LISTED = 6
"""Variants that an error names."""
_SHORT = 2
"""Letters of a value that says nothing without its name: 'size M', but 'red'."""


def choose_variant(product: Product, wanted: str, more: str = "", language: str = "en") -> Variant | None:
    """Return the variant that the words describe, or that has this id; None for a product without variants.

    `more` are words that count where the first ones leave several; what can be had is told in `language`. Raises
    ToolError, which lists what can be had, where there is none like that, it is sold out, or several are left.
    """
    if not product.variants:
        return None
    for variant in product.variants:
        if wanted.strip() in (variant.id, variant.sku):
            return _to_be_had(product, variant, product.short_name, {})
    named, fitting = _described(product, wanted)
    free = [variant for variant in fitting if variant.stock != 0]
    if more and len(free) != 1:
        named, fitting = _described(product, f"{wanted} {more}")
        free = [variant for variant in fitting if variant.stock != 0]
    if len(free) == 1 and (named or len(fitting) == 1):
        return free[0]
    if free:
        raise ToolError(
            f"{product.short_name} comes in several variants. {_similar(product, named)} Ask which one.",
            ProductDetails(product=product),
            Missing(
                "options",
                _what_differs(free, language),
                product.text(language).short_name,
                {"options": describe_options(named)},
            ),
        )
    like_that = f"sold out in {describe_options(named)}" if fitting and named else "sold out"
    there = in_stock(product, language)
    raise ToolError(
        f"{product.short_name} is {like_that if fitting else 'not made like that'}. {_similar(product, named)}",
        ProductDetails(product=product),
        Missing("options", there) if there else None,
    )


def _described(product: Product, words: str) -> tuple[dict[str, str], list[Variant]]:
    """Return the values that the words name, and the variants that have them all."""
    named = _named_values(_values(product), words, _other_words(product))
    return named, [variant for variant in product.variants if named.items() <= variant.options.items()]


def find_variant(product: Product, line: OrderLine, wanted: str) -> Variant:
    """Return the variant that the words describe, or that has this id; what they don't name stays as in `line`.

    An id may be that of the variant in the order: the same again, for one that is broken. Raises ToolError, which lists
    what can be had, when there is none like that, it is sold out, or the words describe the one in the order.
    """
    for variant in product.variants:
        if wanted.strip() in (variant.id, variant.sku) or (
            variant.id == line.variant_id and is_word_for("same", wanted)
        ):
            return _to_be_had(product, variant, line.title, {})
    values = _values(product)
    named = _named_values(values, wanted, _other_words(product))
    if not named:
        choices = "; ".join(f"{name}: {', '.join(found)}" for name, found in values.items())
        raise ToolError(
            f"'{wanted}' names no variant of {line.title}. There are: {choices or 'no variants'}.",
            evidence=ProductDetails(product=product),
            missing=Missing("changes", in_stock(product), item=line.title) if values else None,
        )
    target = {**line.options, **named}
    for variant in product.variants:
        if variant.options == target and variant.id == line.variant_id:
            options = describe_options(variant.options)
            raise ToolError(
                f"The {line.title} in the order is that already: {options}. Ask what should change.",
                missing=Missing("changes", in_stock(product), item=line.title),
            )
        if variant.options == target:
            return _to_be_had(product, variant, line.title, named)
    raise ToolError(
        f"{line.title} is not made like that. {_similar(product, named)}",
        evidence=ProductDetails(product=product),
        missing=Missing("changes", in_stock(product), item=line.title),
    )


def describe_options(options: Mapping[str, str]) -> str:
    """Return options as one reads them: 'black, size 11'."""
    return ", ".join(
        value if any(map(str.isalpha, value)) and (len(value) > _SHORT or not value.isascii()) else f"{name} {value}"
        for name, value in options.items()
    )


def _values(product: Product) -> dict[str, list[str]]:
    names = dict.fromkeys(name for variant in product.variants for name in variant.options)
    return {
        name: list(dict.fromkeys(variant.options[name] for variant in product.variants if name in variant.options))
        for name in names
    }


def _other_words(product: Product) -> dict[tuple[str, str], set[str]]:
    """Return what each value of an option is called in other languages."""
    called: dict[tuple[str, str], set[str]] = {}
    for variant in product.variants:
        for options in variant.options_in.values():
            for pair, word in zip(variant.options.items(), options.values(), strict=False):
                called.setdefault(pair, set()).add(word)
    return called


def _named_values(
    values: Mapping[str, Iterable[str]], wanted: str, called: Mapping[tuple[str, str], Iterable[str]]
) -> dict[str, str]:
    """Return the values that stand in the words, the longest first, so that 'dark red' is not 'red'."""
    said = _Said(wanted, values)
    options = sorted(((value, name) for name, found in values.items() for value in found), key=_longest_first)
    named: dict[str, str] = {}
    for value, name in options:
        others = [other for other, found in values.items() if other != name and value in found]
        # A value of two options belongs to the one that is named with it.
        is_anothers = not said.names(name) and any(map(said.names, others))
        # The same colour in another language, or in another shop's words, is the same colour.
        forms = [form for form in (value, *called.get((name, value), ()), *spellings_of(value)) if form in said]
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


def in_stock(product: Product, language: str = "en") -> tuple[str, ...]:
    """Return the variants that can be had, as one reads them."""
    return tuple(
        describe_options(variant.shown_options(language)) for variant in product.variants if variant.stock != 0
    )


def _to_be_had(product: Product, variant: Variant, title: str, named: Mapping[str, str]) -> Variant:
    if variant.stock == 0:
        raise ToolError(
            f"{title} is sold out in {describe_options(variant.options)}. {_similar(product, named)}",
            evidence=ProductDetails(product=product),
        )
    return variant


def _similar(product: Product, named: Mapping[str, str]) -> str:
    there = [variant for variant in product.variants if variant.stock != 0]
    alike = {variant.id: len(named.items() & variant.options.items()) for variant in there}
    close = [variant for variant in there if alike[variant.id] == max(alike.values())]
    listed = "; ".join(describe_options(variant.options) for variant in close[:_LISTED])
    return f"In stock: {listed}." if listed else "None is in stock."


def _what_differs(variants: Sequence[Variant], language: str) -> tuple[str, ...]:
    """Return the values of the first option in which the variants differ; all of them where none differs."""
    for name in variants[0].shown_options(language):
        values = dict.fromkeys(variant.shown_options(language).get(name, "") for variant in variants)
        if len(values) > 1:
            return tuple(describe_options({name: value}) for value in values if value)
    return tuple(describe_options(variant.shown_options(language)) or variant.title for variant in variants)
