"""What a product is said to be: waterproof, vegan, made of leather. A structured attribute beats a description."""

import re
from collections.abc import Iterable, Iterator

from assistant.grounding.facts import corpus, product_attributes, product_texts
from assistant.grounding.holding import Held, held
from assistant.grounding.negation import is_negated
from assistant.grounding.numbers import values
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold, has_cjk
from assistant.grounding.words import Words, key_of_form
from retrieval.schema import Product

_OBJECT_END = re.compile(
    r"[.,;:!?()|。、\n]|\s-\s|(?<![a-z])(?:and|but|so|which|that|for|because|while|at|priced|from|as|when|if)(?![a-z])"
)
_ZH_OBJECT_END = re.compile(r"[,.;:!?()|。、\n]|的|和|与|,|而|且")
_OURS = re.compile(
    r"(?<![a-z])(?:i|i'd|you|you'd|we|we'd|rather|to|'ll|will|let me|would|let's|do|could"
    r"|colleague|team)\s*(?:also |still |already )?$"
)
_LABEL_NO = re.compile(r"[^,;.。:|]{0,14}\s*[:|]\s*(?:no|none|not|n/a|否|无|没有|不)(?![a-z一-鿿])")
_FREE_OF = re.compile(
    r"(?:free (?:from|of)|contains? no|without any|doesn't contain|don't contain|does not contain)"
    r"\s+(?:any\s+|added\s+)?(?P<thing>[a-z]{3,})(?!\s*charge)|(?<![a-z])(?P<left>[a-z]{3,})[\s-]free(?![a-z])"
    r"|(?:不含|不添加|未添加|没有添加|不包含)(?:有|任何|一点)*(?P<zh>[㐀-鿿]{2,6})"
)
_TOKEN = re.compile(r"[a-z][a-z'-]+|\d+")


def ungrounded_attributes(reading: Reading) -> Iterator[Claim]:
    """Yield the attributes that the product hasn't, or that nothing says it has."""
    if reading.hedged or reading.language == "other":
        return
    for match in reading.words.concepts.finditer(reading.stated):
        if not _is_claim(reading, match):
            continue
        concepts = reading.words.concept_of.get(key_of_form(match.group()), ())
        denied = _is_denied(reading, match)
        if concepts and not any(_holds(reading, match, concept, denied) for concept in concepts):
            quoted = reading.quote(match.start(), match.end())
            said = f"not {quoted}" if denied else quoted
            reason = f"No tool result says '{said}' of this product. Say only what its attributes or description say."
            kind = "safety" if reading.words.group_of[concepts[0]] == "safety" else "attribute"
            yield Claim(kind=kind, text=quoted, reason=reason)
    yield from _switched(reading)
    yield from _said_free(reading)
    yield from _open_claims(reading)


def _is_denied(reading: Reading, match: re.Match[str]) -> bool:
    """'not waterproof', 'Waterproof: no'."""
    return is_negated(reading.stated, match.start(), reading.words) or bool(
        _LABEL_NO.match(reading.stated, match.end())
    )


def _switched(reading: Reading) -> Iterator[Claim]:
    """Attributes that are yes or no in the shop's own words: 'thorn-proof', 'refillable', '可折叠'."""
    for name in _switches(reading.facts.products.values(), reading.words):
        match = re.search(rf"(?<![a-z]){name}(?![a-z])", reading.stated)
        if match is None or reading.words.concepts.search(match.group()) or not _is_said(reading, match):
            continue
        scope, denied = reading.scope(match.start()), _is_denied(reading, match)
        states = [_switch_of(product, name.split("|")[0], reading.words) for product in scope.products]
        fits = [state == ("no" if denied else "yes") for state in states]
        if fits and not (all(fits) if scope.need == "all" else any(fits)):
            text = reading.quote(match.start(), match.end())
            said = f"not {text}" if denied else text
            yield Claim(kind="attribute", text=text, reason=f"The attributes don't say '{said}' of this product.")


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


def _open_claims(reading: Reading) -> Iterator[Claim]:
    """'comes with a dust bag', 'made in Italy': the thing named must stand in the product's texts."""
    for key in ("origin", "holds_hard", "holds_strict", "holds_soft"):
        for match in reading.words.pattern[key].finditer(reading.stated):
            scope = reading.scope(match.start())
            if (
                not scope.products
                or (reading.about_order and not reading.mentions)
                or (reading.echo and not reading.mentions)
            ):
                continue
            if is_negated(reading.stated, match.start(), reading.words):
                continue
            if key == "holds_soft" and _OURS.search(reading.stated[: match.start()]):
                continue
            thing = _object(reading, match.end())
            if key == "holds_soft" and (not reading.mentions or not match.start()):
                continue
            if thing and not _stands(reading, thing, scope.products, key):
                text = reading.quote(match.start(), match.end() + len(thing))
                yield Claim(kind="attribute", text=text, reason=f"No tool result says '{text}' of this product.")
                return


def _said_free(reading: Reading) -> Iterator[Claim]:
    """'contains no nuts', '不含坚果': only what the texts deny, too."""
    for match in _FREE_OF.finditer(reading.stated):
        scope = reading.scope(match.start())
        thing = (match["thing"] or match["zh"] or match["left"]).strip()
        root = thing[:2] if has_cjk(thing) else _root(thing.rstrip("s"))
        if not scope.products or reading.echo or root in ("运费", "税", "运", "邮费") or reading.topics:
            continue
        fits = [_is_free_of(product, root, reading.words) for product in scope.products]
        if not (all(fits) if scope.need == "all" else any(fits)):
            text = reading.quote(*match.span())
            yield Claim(kind="safety", text=text, reason=f"No attribute says '{text}' of this product. Ask a human.")


def _is_free_of(product: Product, root: str, words: Words) -> bool:
    for name, value in product_attributes(product):
        label = fold(name)
        if root in label:
            freed = re.search(r"free|without|(?:不|无|零)", label) is not None
            return (fold(value) in words.no or fold(value).startswith(("no", "否", "无"))) != freed
    texts = [fold(text) for text in product_texts(product)]
    denied = (
        r"(?:不含|不添加|未添加|无|零|free (?:of|from)|without|(?<![a-z])no|contains no)[^,.;。，]{0,12}"
        rf"{re.escape(root)}|{re.escape(root)}\w*[\s-]free"
    )
    return any(re.search(denied, text) for text in texts)


def _object(reading: Reading, start: int) -> str:
    end_pattern = _ZH_OBJECT_END if reading.language == "zh" else _OBJECT_END
    text = reading.stated[start:]
    end = end_pattern.search(text.lstrip() and text)
    return text[: end.start()] if end else text[:60]


def _stands(reading: Reading, thing: str, products: tuple[Product, ...], key: str) -> bool:
    texts = [corpus(product) for product in products]
    if reading.language == "zh":
        return True  # left to `coverage.py`
    plain, stop = reading.words.sets["plain_objects"], reading.words.sets["stop"]
    words = _TOKEN.findall(thing)[:6]
    if not words or (key == "holds_soft" and any(word in plain for word in words)):
        return True
    content = [word for word in words if word not in stop and word not in plain and not values(word)]
    # Concepts and numbers have checks of their own.
    content = [word for word in content if not reading.words.concepts.fullmatch(word)]
    if not content:
        return True
    if not any(re.search(r"[a-z]", text) for text in texts):
        return True
    enough = len(content) if key in ("origin", "holds_strict") else (len(content) + 1) // 2
    return any(sum(_root(word) in text for word in content) >= enough for text in texts) or _policy_holds(
        reading, content
    )


def _policy_holds(reading: Reading, content: list[str]) -> bool:
    return bool(reading.topics) and all(_root(word) in reading.facts.policy_text for word in content)


def _root(word: str) -> str:
    return word if len(word) <= 4 else word[: max(4, len(word) - 3)]
