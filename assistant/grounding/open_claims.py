"""What a product is said to hold, to come from or to be free of: the thing must stand in its texts."""

import re
from collections.abc import Iterator

from assistant.grounding.negation import is_negated
from assistant.grounding.numbers import values
from assistant.grounding.product_facts import corpus, product_attributes, product_texts
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold, has_cjk
from assistant.grounding.words import Words
from retrieval.schema import Product

_OBJECT_END = re.compile(
    r"[.,;:!?()|。、\n]|\s-\s|(?<![a-z])(?:and|but|so|which|that|for|because|while|at|priced|from|as|when|if)(?![a-z])"
)
_OURS = re.compile(
    r"(?<![a-z])(?:i|i'd|you|you'd|we|we'd|rather|to|'ll|will|let me|would|let's|do|could"
    r"|colleague|team)\s*(?:also |still |already )?$"
)
_FREE_OF = re.compile(
    r"(?:free (?:from|of)|contains? no|without any|doesn't contain|don't contain|does not contain)"
    r"\s+(?:any\s+|added\s+)?(?P<thing>[a-z]{3,})(?!\s*charge)|(?<![a-z])(?P<left>[a-z]{3,})[\s-]free(?![a-z])"
    r"|(?:不含|不添加|未添加|没有添加|不包含)(?:有|任何|一点)*(?P<zh>[㐀-鿿]{2,6})"
)
_TOKEN = re.compile(r"[a-z][a-z'-]+|\d+")


def open_claims(reading: Reading) -> Iterator[Claim]:
    """Yield what a product is said to hold, come from or be free of, and its texts don't say."""
    if reading.hedged or reading.language == "other":
        return
    yield from _said_free(reading)
    if reading.language == "en":  # of Chinese, `coverage.py` reads every word
        yield from _held_things(reading)


def _held_things(reading: Reading) -> Iterator[Claim]:
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
    text = reading.stated[start:]
    end = _OBJECT_END.search(text)
    return text[: end.start()] if end else text[:60]


def _stands(reading: Reading, thing: str, products: tuple[Product, ...], key: str) -> bool:
    texts = [corpus(product) for product in products]
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
