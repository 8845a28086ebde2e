"""Grounding on every department of the demo shop: its own facts raise no alarm, swapped facts do."""

from collections.abc import Iterator
from itertools import groupby

from assistant.grounding import Focus, Grounder, split_sentences
from assistant.schema import Evidence, ProductsFound
from retrieval.demo.catalogue import demo_products
from retrieval.schema import Product

GROUNDER = Grounder()


def test_what_the_shop_says_of_its_products_is_grounded() -> None:
    said = [(text, found, focus) for found in _shelves() for text, focus in _true_sentences(found[0])]
    alarms = [text for text, found, focus in said if not GROUNDER.check(text, _evidence(found), focus).grounded]
    assert len(said) > 2000
    assert len(alarms) <= 0.01 * len(said), alarms


def test_facts_of_another_product_are_caught() -> None:
    said = [(text, found) for found in _shelves() for text in _false_sentences(*found[:2])]
    missed = [text for text, found in said if GROUNDER.check(text, _evidence(found)).grounded]
    assert len(said) > 500
    assert len(missed) <= 0.01 * len(said), missed


def _shelves() -> Iterator[list[Product]]:
    """Yield four products of each category, as a search would find them."""
    for _, products in groupby(demo_products(), key=lambda product: product.category):
        yield list(products)[:4]


def _evidence(found: list[Product]) -> Evidence:
    return Evidence(results=(ProductsFound(query="anything", products=tuple(found)),), customer_texts=("hello",))


def _true_sentences(product: Product) -> Iterator[tuple[str, Focus]]:
    name, zh, it = product.short_name, product.text("zh").short_name, Focus(product_ids=(product.id,))
    assert product.price is not None
    yield f"The {name} costs ${product.price.amount}.", Focus()
    yield f"{zh}售价{product.price.amount}美元。", Focus()
    yield (
        f"1. **{name}** – ${product.price.amount}, rated {product.rating}/5 ({product.rating_count} reviews)\n",
        Focus(),
    )
    yield f"I recommend the {name} by {product.brand}.", Focus()
    if product.stock:
        yield f"The {name} is in stock.", Focus()
        yield f"{zh}有现货。", Focus()
    for attributes in (product.attributes, product.text("zh").attributes):
        for label, value in attributes.items():
            yield f"- {label.capitalize()}: {value}", it
    for language in ("en", "zh"):
        for sentence in split_sentences(product.text(language).description):
            yield sentence, it


def _false_sentences(product: Product, other: Product) -> Iterator[str]:
    name, zh = product.short_name, product.text("zh").short_name
    known = {variant.price.amount for variant in product.variants if variant.price}
    assert product.price is not None and other.price is not None
    if other.price.amount not in known | {product.price.amount}:
        yield f"The {name} costs ${other.price.amount}."
        yield f"{zh}只要{other.price.amount}美元。"
    if product.stock:
        yield f"The {name} is sold out."
        yield f"{zh}已售罄。"
    for label, value in product.attributes.items():
        if value in ("yes", "no"):
            yield f"The {name} is{'' if value == 'no' else ' not'} {label}."
