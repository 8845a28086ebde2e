"""Why one would take a product: the one reason that sets it apart from what is shown beside it, and what it is like."""

from collections import Counter
from collections.abc import Iterator, Sequence

from assistant.schema import Product
from assistant.telling.standouts import standouts
from finetune.shoppers.grammar import load_grammar
from retrieval.words import terms

_READ = 3
"""Attributes of a product that a list of search results tells the model: a reason must be among what it has read."""
_LONG = 28
"""Characters beyond which an attribute is no reason to put into a list of products."""
_NOTHING = {"none", "无"}
_TRUTHS = {"yes": True, "是": True, "no": False, "否": False}


def is_true(value: str) -> bool | None:
    """Say whether an attribute's value is a yes or a no; None where it is anything else."""
    return _TRUTHS.get(value.casefold())


def named_with_reasons(products: Sequence[Product], language: str, asked: set[str]) -> list[str]:
    """Return each product's name with its reason in brackets, where there is one."""
    names = [product.text(language).short_name for product in products]
    frame = load_grammar(language)["replies"]["reason"]
    return [
        load_grammar(language).fill(frame, {"name": name, "reason": reason}) if reason else name
        for name, reason in zip(names, reasons_for(products, language, asked), strict=True)
    ]


def reasons_for(products: Sequence[Product], language: str, asked: set[str]) -> list[str]:
    """Return a reason a product, "" where nothing sets it apart.

    What was asked for counts most, then being the cheapest or the best rated, then a trait that few of them have.
    """
    shared = Counter(trait for product in products for trait in traits(product, language, set()))
    called = standouts(products, language)
    reasons: list[str] = []
    for product in products:
        own = [trait for trait in traits(product, language, asked) if asked & set(terms(trait))]
        fresh = [trait for trait in own if trait not in reasons]
        rare = sorted(traits(product, language, set()), key=lambda trait: (trait in reasons, shared[trait]))
        reasons.append(called.get(product.id) or next(iter([*fresh, *rare]), ""))
    return reasons


def traits(product: Product, language: str, asked: set[str]) -> Iterator[str]:
    """Yield what a product is like, in a few words each: what was asked for first."""
    grammar = load_grammar(language)
    attributes = list((product.text(language).attributes or product.attributes).items())[: None if asked else _READ]
    attributes.sort(key=lambda pair: -len(asked & set(terms(" ".join(pair)))))
    for name, value in attributes:
        if len(name) + len(value) > _LONG or is_true(value) is False or value.casefold() in _NOTHING:
            continue
        if is_true(value):
            yield name
        elif any(character.isdigit() for character in value) and name.casefold() not in value.casefold():
            # A number alone says nothing: "5 h battery life", not "5 h". "12 pieces" says what is counted.
            yield grammar.fill(grammar["replies"]["measure"], {"name": name, "value": value})
        else:
            yield value


def asked_fact(product: Product, language: str, asked: set[str]) -> tuple[str, str] | None:
    """Return the attribute whose name the shopper said; None where they said none."""
    texts = product.text(language)
    attributes = texts.attributes or product.attributes
    # The product's own name asks for nothing: a "Refill Trio" isn't asked whether it is refillable.
    rest = asked - set(terms(texts.short_name))
    named = [(len(rest & set(terms(name))), name) for name in attributes]
    count, name = max(named, default=(0, ""), key=lambda pair: pair[0])
    return (name, attributes[name]) if count and count >= len(set(terms(name))) / 2 else None
