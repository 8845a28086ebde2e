"""What a product is said to be: waterproof, vegan, made of leather. A structured attribute beats a description."""

import re
from collections.abc import Iterator

from assistant.grounding.holding import Held, held
from assistant.grounding.product_facts import product_attributes
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.switches import is_denied
from assistant.grounding.text import fold
from assistant.grounding.words import Words, key_of_form
from retrieval.schema import Product


def ungrounded_attributes(reading: Reading) -> Iterator[Claim]:
    """Yield the attributes that the product hasn't, or that nothing says it has."""
    if reading.hedged or reading.language == "other":
        return
    for match in reading.words.concepts.finditer(reading.stated):
        if not _is_claim(reading, match):
            continue
        concepts = reading.words.concept_of.get(key_of_form(match.group()), ())
        denied = is_denied(reading, match)
        if concepts and not any(_holds(reading, match, concept, denied) for concept in concepts):
            quoted = reading.quote(match.start(), match.end())
            said = f"not {quoted}" if denied else quoted
            reason = f"No tool result says '{said}' of this product. Say only what its attributes or description say."
            kind = "safety" if reading.words.group_of[concepts[0]] == "safety" else "attribute"
            yield Claim(kind=kind, text=quoted, reason=reason)


def _is_claim(reading: Reading, match: re.Match[str]) -> bool:
    text = match.group()
    if reading.restriction == match.span():
        return False
    if reading.echo and (_customer_said(reading, text) or reading.not_found):
        return False
    if reading.about_order and text in reading.facts.order_text:
        return False
    if text in reading.facts.policy_text and (reading.topics or not reading.mentions) and not reading.mentions:
        return False
    group = (
        reading.words.group_of[reading.words.concept_of[key_of_form(text)][0]]
        if key_of_form(text) in reading.words.concept_of
        else ""
    )
    if group == "safety":
        return not _advises(reading)
    return bool(reading.scope(match.start()).products) and not (reading.about_order and not reading.mentions)


def _advises(reading: Reading) -> bool:
    """'please ask your doctor' claims nothing."""
    return (
        re.search(
            r"(?:have|ask|let) a (?:colleague|human|person)|人工|同事|medical advice|医疗建议|(?:please|ask"
            r"|consult|check with|speak to|see) (?:\w+ ){0,4}(?:doctor|dermatologist|pharmacist)"
            r"|(?:咨询|请教|问).{0,6}(?:医生|专业)|(?:doctor|pharmacist)'s (?:advice|word)|请.{0,6}医生",
            reading.folded,
        )
        is not None
    )


def _customer_said(reading: Reading, text: str) -> bool:
    forms = [text]
    for concept in reading.words.concept_of.get(key_of_form(text), ()):
        forms += reading.words.concept_forms[concept]
    return any(form in reading.facts.customer_text for form in forms)


def _holds(reading: Reading, match: re.Match[str], concept: str, denied: bool) -> bool:
    # A description may warn, but not reassure.
    strict = reading.words.group_of[concept] == "safety" and not denied
    scope = reading.scope(match.start())
    fits = [
        _fits(held(product, concept, reading.words, strict=strict), denied, product, concept, reading.words)
        for product in scope.products
    ]
    return bool(fits) and (all(fits) if scope.need == "all" else any(fits))


def _fits(state: Held, denied: bool, product: Product, concept: str, words: Words) -> bool:
    if not denied:
        return state == "yes"
    return state == "no" or (state == "unknown" and _decided_otherwise(product, concept, words))


def _decided_otherwise(product: Product, concept: str, words: Words) -> bool:
    """A shoe whose material is mesh isn't leather."""
    names = words.deciding.get(words.group_of[concept], frozenset())
    return any(fold(name) in names for name, _ in product_attributes(product))
