"""Whether a product has an attribute: its structured attributes decide, else its words."""

import re
from functools import lru_cache
from typing import Literal

from assistant.grounding.negation import is_negated
from assistant.grounding.product_facts import product_attributes, product_texts
from assistant.grounding.text import fold
from assistant.grounding.words import Words, key_of_form, load_words
from retrieval.schema import Product

Held = Literal["yes", "no", "unknown"]


def held(product: Product, concept: str, words: Words, *, strict: bool = False) -> Held:
    """Tell whether a product has a concept's attribute: by structured attribute, then by its words unless `strict`."""
    for name in (concept, *words.implied.get(concept, ())):
        if name not in words.concept_forms:
            continue
        state = _structured(product, name, words)
        if state == "unknown" and not strict:
            state = _described(product, name)
        if state == "yes" or (state == "no" and name == concept):
            return state
    return "unknown"


def _structured(product: Product, concept: str, words: Words) -> Held:
    attributes = list(product_attributes(product))
    for name, value in attributes:
        if concept in said(name):
            denied = _is_no(fold(value), words)
            return "no" if denied != (said(name)[concept] == "no") else "yes"
    names, whole = words.evident.get(concept, (frozenset(), frozenset()))
    if any(fold(name) in names or fold(value) in whole for name, value in attributes):
        return "yes"
    texts = [text for name, value in attributes for text in (value, f"{name} {value}")]
    return next((said(text)[concept] for text in texts if concept in said(text)), "unknown")


def _described(product: Product, concept: str) -> Held:
    return next((said(text)[concept] for text in product_texts(product) if concept in said(text)), "unknown")


@lru_cache(maxsize=8192)
def said(text: str) -> dict[str, Held]:
    """Return the concepts that a text of a product names, and whether it affirms or denies them."""
    words, folded = load_words(), fold(text)
    found: dict[str, Held] = {}
    for match in words.concepts.finditer(folded):
        state: Held = "no" if is_negated(folded, match.start(), words) else "yes"
        for concept in words.concept_of.get(key_of_form(match.group()), ()):
            found.setdefault(concept, state)
    return found


def as_said(text: str, concept: str) -> str:
    """Return the words for a concept as they stand in the text, where `said` found it."""
    words = load_words()
    return next(
        match.group()
        for match in words.concepts.finditer(fold(text))
        if concept in words.concept_of.get(key_of_form(match.group()), ())
    )


def _is_no(value: str, words: Words) -> bool:
    return (
        value.strip() in words.no
        or re.match(r"(?:no|not|none|without)(?![a-z])|(?:不|无|没|非)(?!锈|线)", value.strip()) is not None
    )
