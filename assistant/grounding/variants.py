"""Variants of a product that a sentence singles out by size, colour or capacity."""

import re

from assistant.grounding.holding import said
from assistant.grounding.numbers import measures
from assistant.grounding.reading import Reading
from assistant.grounding.text import fold
from assistant.grounding.words import key_of_form
from retrieval.schema import Product, Variant


def variants_named(reading: Reading, product: Product, start: int = 0, end: int | None = None) -> tuple[Variant, ...]:
    """Return the variants that have every option value named between `start` and `end`; none named: an empty tuple."""
    text = reading.plain[start:end]
    chosen: list[Variant] = list(product.variants)
    narrowed = False
    for name in dict.fromkeys(name for variant in product.variants for name in variant.options):
        wanted = {
            v.options[name]
            for v in product.variants
            if name in v.options and _names_value(reading, text, v.options[name])
        }
        if wanted:
            chosen, narrowed = [v for v in chosen if v.options.get(name) in wanted], True
    return tuple(chosen) if narrowed else ()


def sizes_of(product: Product) -> set[str]:
    """Return the option values and the words of attributes about size, folded."""
    found = {fold(value) for variant in product.variants for value in variant.options.values()}
    for value in list(found):
        parts = re.findall(r"\d+(?:\.\d)?|(?<![a-z])(?:\d?x*[sl]|m)(?![a-z])", value)
        found.update(parts)
        ends = [int(part) for part in parts if part.isdigit()]
        if len(ends) == 2 and ends[0] < ends[1] <= ends[0] + 12:
            found.update(str(size) for size in range(ends[0], ends[1]))
    tables = [product.attributes, *(texts.attributes for texts in product.texts.values())]
    for table in tables:
        found.update(part for value in table.values() for part in re.split(r"[\s,/、-]+", fold(value)))
    return found


def _names_value(reading: Reading, text: str, value: str) -> bool:
    folded = fold(value)
    if re.fullmatch(r"\d+(?:\.\d+)?|[smlx]{1,4}|\d?x+[sl]", folded):
        pattern = (
            rf"(?:sizes?|in(?: an?)?|the|eu|us|uk|尺码|尺寸)\s*(?:is|in|:|为"
            rf"|是)?\s*{re.escape(folded)}(?![a-z0-9]|\.\d)|(?<![a-z0-9.$]){re.escape(folded)}\s*(?:码|号)"
        )
        # '44 is sold out': at the head of its clause.
        heads = rf"(?:^|[,;.] |(?<![a-z])(?:and|but|size) ){re.escape(folded)} (?:is|are|isn't|was|has)(?![a-z])"
        verbs = "take|choose|try|order|pick|go for|go with|you need"
        chosen = rf"(?<![a-z])(?:{verbs}) (?:the |a |size )?{re.escape(folded)}(?![\w.])"
        if re.search(heads, text.lstrip()) or re.search(chosen, text):
            return True
        spoken = reading.words.spoken_sizes.get(folded)
        return re.search(pattern, text) is not None or bool(spoken and spoken.search(text))
    parts = [part.strip() for part in re.split(r"[,;/|(]", folded)]
    if len(parts) > 1 and any(_stands_alone(part, text) for part in parts if _is_word(part)):
        return True  # 'double' for 'double, 200 x 200 cm'
    held = measures(value)
    if held and held <= measures(text):
        return True
    if _shares_colour(reading, text, value):
        return True
    words = [re.escape(form) for form in (folded, *_translations(reading, folded))]
    return any(re.search(rf"(?<![a-z0-9]){word}(?![a-z0-9])", text) for word in words)


def _shares_colour(reading: Reading, text: str, value: str) -> bool:
    """'The green one' where the shop calls it mint green."""
    words, own = reading.words, {c for c in said(value) if reading.words.group_of.get(c) == "colour"}
    if not own:
        return False
    named = {
        concept
        for match in words.concepts.finditer(text)
        for concept in words.concept_of.get(key_of_form(match.group()), ())
        if words.group_of[concept] == "colour"
    }
    return any(own & {concept, *words.implied.get(concept, ())} for concept in named)


def _is_word(part: str) -> bool:
    return len(part) > 1 and not any(sign.isdigit() for sign in part)


def _stands_alone(part: str, text: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])", text) is not None


def _translations(reading: Reading, folded: str) -> tuple[str, ...]:
    concepts = reading.words.concept_of.get(folded, ())
    return tuple(form for concept in concepts for form in reading.words.concept_forms[concept] if len(form) > 1)
