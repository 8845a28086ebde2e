"""Attributes that are yes or no in the shop's own words: 'thorn-proof', 'refillable', '可折叠'."""

import re
from collections.abc import Iterable, Iterator

from assistant.grounding.holding import Held
from assistant.grounding.negation import is_negated
from assistant.grounding.plain_words import stem
from assistant.grounding.product_facts import product_attributes, product_texts
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold
from assistant.grounding.words import Words, key_of_form
from retrieval.schema import Product

_WORD = re.compile(r"[a-z]{4,}")
_LABEL_NO = re.compile(r"[^,;.。:|]{0,14}\s*[:|]\s*(?:no|none|not|n/a|否|无|没有|不)(?![a-z一-鿿])")


def switched_attributes(reading: Reading) -> Iterator[Claim]:
    """Yield the yes-or-no attributes that are said otherwise than the shop says them."""
    if reading.hedged or reading.language == "other":
        return
    for name in _switches(reading.facts.products.values(), reading.words):
        match = re.search(rf"(?<![a-z]){name}(?![a-z])", reading.stated)
        if match is None or reading.words.concepts.search(match.group()) or not _is_said(reading, match):
            continue
        scope, denied = reading.scope(match.start()), is_denied(reading, match)
        states = [_switch_of(product, name.split("|")[0], reading.words) for product in scope.products]
        fits = [state == ("no" if denied else "yes") for state in states]
        if fits and not (all(fits) if scope.need == "all" else any(fits)):
            text = reading.quote(match.start(), match.end())
            said = f"not {text}" if denied else text
            yield Claim(kind="attribute", text=text, reason=f"The attributes don't say '{said}' of this product.")
            return
    yield from _parts_denied(reading)


def _parts_denied(reading: Reading) -> Iterator[Claim]:
    """Yield what affirms the thing that an attribute says isn't there: 'several temperatures' of a kettle without."""
    if reading.language == "zh" or reading.words.has("negation", reading.stated):
        return
    said = {stem(match.group()): match for match in _WORD.finditer(reading.stated)}
    for product in reading.scope(0).products if len(reading.scope(0).products) == 1 else ():
        told = "\n".join(fold(text) for text in product_texts(product) if not _says_no(text, reading.words))
        for name, value in product_attributes(product):
            words = _WORD.findall(fold(name)) if fold(value) in reading.words.no else []
            # Of a single word the whole name was looked for already.
            match = said.get(stem(words[0])) if len(words) > 1 else None
            if match and words[0] not in told and not (reading.echo and words[0] in reading.facts.customer_text):
                text = reading.quote(*match.span())
                yield Claim(kind="attribute", text=text, reason=f"The product has no {name}. Don't say '{text}'.")
                return


def _says_no(text: str, words: Words) -> bool:
    return fold(text).partition(": ")[2] in words.no


def _switches(products: Iterable[Product], words: Words) -> list[str]:
    names = {
        fold(name) for p in products for name, value in product_attributes(p) if fold(value) in words.yes | words.no
    }
    return [
        r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", name))) + _inflected(name)
        for name in sorted(names)
        if len(name) > 1
    ]


def _inflected(name: str) -> str:
    """'mopping' is also said as 'mop', 'mops' and 'mopped'."""
    match = re.fullmatch(r"([a-z]{2,}?)([b-df-hj-np-tv-z])?\2?ing", name)
    if match is None:
        return ""
    stem = match[1] + (match[2] or "")
    return rf"|(?<![a-z]){stem}(?:e|s|es|{match[2] or ''}?ed)?(?![a-z])"


def _switch_of(product: Product, word: str, words: Words) -> Held:
    wanted = key_of_form(word.replace(r"[\s-]+", " ").replace("\\", ""))
    for name, value in product_attributes(product):
        if key_of_form(fold(name)) == wanted:
            return "no" if fold(value) in words.no else "yes"
    return "yes" if any(wanted in key_of_form(fold(text)) for text in product_texts(product)) else "unknown"


def _is_said(reading: Reading, match: re.Match[str]) -> bool:
    """A word in a label of a table, or in what the customer asked for, says nothing of a product."""
    if not reading.scope(match.start()).products or (reading.about_order and not reading.mentions):
        return False
    return not (reading.echo and (match.group() in reading.facts.customer_text or reading.not_found))


def is_denied(reading: Reading, match: re.Match[str]) -> bool:
    """Tell whether the attribute that is found is denied: 'not waterproof', 'Waterproof: no'."""
    return is_negated(reading.stated, match.start(), reading.words) or bool(
        _LABEL_NO.match(reading.stated, match.end())
    )
