"""Products that a sentence points at without a name: by their place in the list, their brand or an attribute."""

import re

from assistant.grounding.holding import held
from assistant.grounding.names import Mention
from assistant.grounding.text import fold
from assistant.grounding.words import Words, key_of_form
from retrieval.schema import Product

_ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4,
    "第一": 0, "第二": 1, "第三": 2, "第四": 3, "第五": 4,
}  # fmt: skip
_ORDINAL = re.compile(
    r"(?<![a-z])(?P<word>first|second|third|fourth|fifth|1st|2nd|3rd|4th|last)(?=\s+(?:one"
    r"|option|choice|product|pair|item|pick|result)|\s+is|\s+costs)"
    r"|(?P<sign>第[一二三四五])(?=[款个双件种台项])|(?:option|number|no\.)\s+(?P<number>[1-9])(?![\d.])|(?P<final>最后一[款个双件])"
)
_HANZI = {sign: number for number, sign in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
# 'The 28-inch one', '20寸的': by a measure that only one of them has.
_MEASURED = re.compile(
    r"(?<![\d.])the (?P<number>\d+(?:\.\d+)?)[\s-]?(?P<unit>[a-z]+|\"|″)(?= (?:one|model|version|option|size)(?![a-z]))"
    r"|(?<![\d.])(?P<sign>\d+(?:\.\d+)?|[一两二三四五六七八九十])\s?(?P<zh>[\u3400-\u9fff]{1,2}?|[a-z]{1,3})(?=的(?!时|话)|那款|款)"
)
_DETERMINER = re.compile(
    r"(?:both|all|all the|the|these|those|two|three|four|other|only|is the|a|an)\s+(?:of the\s+)?$"
)
_NOUN_AND_VERB = re.compile(
    r"\s+(?:[a-z-]+\s+)?(?:[a-z-]+s?)\s+(?:is|are|costs?|has|have|comes?|starts?|weighs?|would|was|were|range)(?![a-z])"
)
_ZH_NOUN = re.compile(r"的?(?:那|这|几|两|三|四)?(?:几|两|三)?(?:款|双|个)(?!产品)")


def pointed_at(folded: str, shown: tuple[Product, ...], named: list[Mention]) -> list[Mention]:
    """Return what 'the first one', 'option 2', '第二款' and 'the 28-inch one' stand for, outside the names."""
    found = []
    for match in _ORDINAL.finditer(folded):
        index = _index(match, len(shown))
        if _is_free(match, named) and index is not None and 0 <= index < len(shown):
            found.append(Mention(match.start(), match.end(), shown[index]))
    for match in _MEASURED.finditer(folded):
        holders = [product for product in shown if _has_measure(product, match)]
        if _is_free(match, named) and len(holders) == 1 < len(shown):
            found.append(Mention(match.start(), match.end(), holders[0], whole=False))
    return found


def _is_free(match: re.Match[str], named: list[Mention]) -> bool:
    return all(match.end() <= mention.start or match.start() >= mention.end for mention in named)


def _has_measure(product: Product, match: re.Match[str]) -> bool:
    number, unit = match["number"] or match["sign"], match["unit"] or match["zh"]
    number = str(_HANZI.get(number, number))
    wanted = re.compile(rf"(?<![\d.]){re.escape(number)}[\s-]?{re.escape(unit)}")
    names = [name for texts in product.texts.values() for name in (texts.short_name, texts.title)]
    values = [value for texts in product.texts.values() for value in texts.attributes.values()]
    return any(wanted.search(fold(text)) for text in [*names, *values, *product.attributes.values()])


def of_brand(folded: str, shown: tuple[Product, ...]) -> tuple[Product, ...]:
    """Return the products whose brand is named."""
    return tuple(
        product
        for product in shown
        if product.brand and re.search(rf"(?<![a-z]){re.escape(fold(product.brand))}(?![a-z])", folded)
    )


def picked_out(
    folded: str, shown: tuple[Product, ...], words: Words
) -> tuple[tuple[Product, ...], tuple[int, int] | None]:
    """Return the products that an attribute picks out, as in 'both wireless models are …', and where; else all."""
    for match in words.concepts.finditer(folded):
        if _picks_out(folded, match):
            concepts = words.concept_of.get(key_of_form(match.group()), ())
            fitting = tuple(p for p in shown if any(held(p, concept, words) == "yes" for concept in concepts))
            if fitting:
                return fitting, match.span()
    return shown, None


def _picks_out(text: str, match: re.Match[str]) -> bool:
    if match.group()[0] > "\u3400":
        return _ZH_NOUN.match(text[match.end() :]) is not None
    if re.match(r"here|i found|i've found|there", text.strip()):
        return False
    return (
        _DETERMINER.search(text[: match.start()]) is not None and _NOUN_AND_VERB.match(text[match.end() :]) is not None
    )


def _index(match: re.Match[str], count: int) -> int | None:
    if match["number"]:
        return int(match["number"]) - 1
    if match["final"] or match["word"] == "last":
        return count - 1
    return _ORDINALS.get(match["word"] or match["sign"])
