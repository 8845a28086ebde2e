"""Price limits and price words: what is to be paid, and the rest of the query."""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import NamedTuple

from retrieval.schema import Filters
from retrieval.understanding.numerals import NUMBER, read_number
from retrieval.understanding.plan import Boost
from retrieval.understanding.toml_lists import word_lists
from retrieval.vocabulary import Vocabulary
from retrieval.words import is_cjk

# The share of a product's score that 'cheap' is worth for the cheapest; who ranks scales it by price.
_DIRECTION_WEIGHT = 0.1


class PriceReading(NamedTuple):
    """The rest of the query, and what was said about the price."""

    rest: str
    filters: Filters
    boosts: tuple[Boost, ...]


def read_prices(text: str, vocabulary: Vocabulary) -> PriceReading:
    """Take price limits and price words out of a folded text. A number alone is never a price."""
    filters, boosts = Filters(), []
    for pattern, kind in _patterns():
        match = next((found for found in pattern.finditer(text) if _is_price(found, text, vocabulary)), None)
        if match is None:
            continue
        if kind == "near":
            boosts.append(Boost(field="price", value=f"near {read_number(match['low'])}", weight=_DIRECTION_WEIGHT))
        else:
            filters = _limit(filters, match, kind, vocabulary)
        text = f"{text[: match.start()]} {text[match.end() :]}"
    text, direction = _direction(text, vocabulary)
    return PriceReading(_tidy(text), filters, (*boosts, *direction))


def counted_numbers(text: str) -> frozenset[Decimal]:
    """Return the numbers in a folded text that are no amounts: the 4 of "for 4 people", the 42 of "size 42"."""
    lists = word_lists("prices")
    names = {*lists["follows"]["words"], *lists["shared"], *chain.from_iterable(lists["currencies"].values())}
    names |= {word.split()[0] for phrases in lists["limits"].values() for word in phrases}
    counters = _choice(lists["chinese"]["counters"])
    counted: set[Decimal] = set()
    others: set[Decimal] = set()
    for match in re.finditer(NUMBER, text):
        after = re.match(rf"[\s-]*([a-z]+|{counters})", text[match.end() :])
        before = re.search(r"([a-z]+)\s*$", text[: match.start()])
        counts = (after and after[1] not in names) or (before and before[1] in {"size", *lists["ages"]["words"]})
        (counted if counts else others).add(read_number(match[0]))
    return frozenset(counted - others)


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" ,;:，；、")


def _limit(filters: Filters, match: re.Match[str], kind: str, vocabulary: Vocabulary) -> Filters:
    groups = match.groupdict()
    low = read_number(groups["low"]) if kind in ("between", "least") else filters.min_price
    high = read_number(groups["high"]) if kind in ("between", "most") else filters.max_price
    if kind == "between" and low is not None and high is not None:
        low, high = sorted((low, high))
    currency = _currency([groups.get(name) for name in ("sign", "unit", "sign2", "unit2")], vocabulary)
    return Filters(min_price=low, max_price=high, currency=currency or filters.currency)


def _currency(signs: Iterable[str | None], vocabulary: Vocabulary) -> str | None:
    lists = word_lists("prices")
    for sign in signs:
        if not sign:
            continue
        for code, spellings in lists["currencies"].items():
            if sign in spellings:
                return str(code)
        shared = lists["shared"].get(sign, ())
        # "$100" in a shop that sells in euros names no currency that could be compared, so only the number counts.
        return next((code for code in vocabulary.currencies if code in shared), None)
    return None


def _is_price(match: re.Match[str], text: str, vocabulary: Vocabulary) -> bool:
    groups = match.groupdict()
    if any(groups.get(name) for name in ("sign", "unit", "sign2", "unit2", "certain")):
        return True
    if groups.get("needs_currency") is not None or groups.get("counter"):
        return False
    before = re.findall(r"\w+", text[: match.start()])
    after = re.match(r"\s*([^\W\d_]+|\d|[\"″%°])", text[match.end() :])
    follows, ages = word_lists("prices")["follows"]["words"], word_lists("prices")["ages"]["words"]
    if (after and after[1] not in follows and not is_cjk(after[1])) or (before and before[-1] in ages):
        return False
    inside = re.findall(r"\w+", match[0])
    # "air max 90" is a shoe where the shop sells it.
    pairs = list(zip([*before[-1:], *inside], [*before[-1:], *inside][1:], strict=False))
    return not any(f"{first} {second}" in vocabulary.pairs for first, second in pairs)


def _direction(text: str, vocabulary: Vocabulary) -> tuple[str, tuple[Boost, ...]]:
    boosts = []
    for key, phrases in word_lists("prices")["direction"].items():
        value = key.removesuffix("_too")
        for phrase in phrases:
            pattern = _phrase(phrase)
            if not pattern.search(text):
                continue
            boosts.append(Boost(field="price", value=value, weight=_DIRECTION_WEIGHT))
            rest = pattern.sub(" ", text)
            # The word alone is still a search: "cheap" finds the cheap ones only with something to look for.
            if rest.strip() and (not key.endswith("_too") or not vocabulary.knows(phrase)):
                text = rest
            break
    return text, tuple({boost.value: boost for boost in boosts}.values())


@cache
def _phrase(phrase: str) -> re.Pattern[str]:
    if not phrase.isascii():
        return re.compile(rf"{re.escape(phrase)}的?")
    return re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)")


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    lists = word_lists("prices")
    limits, chinese = lists["limits"], lists["chinese"]
    spellings = [word for words in lists["currencies"].values() for word in words] + list(lists["shared"])
    units = _choice(spellings)
    signs = _choice([word for word in spellings if not word[0].isalnum()] + ["us$", "eur", "usd", "gbp", "cny", "rmb"])
    low, high = _amount("low", signs, units, ""), _amount("high", signs, units, "2")
    most = low.replace("<low>", "<high>")
    word, of = r"(?<![\w-])", r"(?:\s*(?:a |the )?(?:price|cost)(?: of)?)?\s*"
    after = rf"(?P<counter>{_choice(chinese['counters'])})?的?"
    sources = [
        (rf"{word}(?:{_choice(limits['between'])})\s+{low}\s*(?:and|to|und|et|y|-|–)\s*{high}", "between"),
        (rf"{low}\s*(?P<needs_currency>到|至|to|-|–|~|—)\s*{high}的?(?P<certain>之间)?的?", "between"),
        (rf"(?:{_choice(chinese['most'])})\s*{most}(?:以内|以下|之内|左右)?{after}", "most"),
        (rf"(?:{_choice(chinese['least'])})\s*{low}(?:以上)?{after}", "least"),
        (rf"{most}(?P<certain>{_choice(chinese['most_after'])})的?", "most"),
        (rf"{low}(?P<certain>{_choice(chinese['least_after'])})的?", "least"),
        (rf"{low}(?:{_choice(chinese['near_after'])})的?(?P<needs_currency>)", "near"),
        (rf"{word}(?:{_choice(limits['most'])}){of}{most}", "most"),
        (rf"(?:^|[,;:(]\s*)max\.?\s+{most}", "most"),
        (rf"(?:^|[,;:(]\s*)min\.?\s+{low}", "least"),
        (rf"{word}(?P<needs_currency>{_choice(limits['most_with_currency'])})\s+{most}", "most"),
        (rf"{word}(?:{_choice(limits['least'])}){of}{low}", "least"),
        (rf"{word}(?P<needs_currency>{_choice(limits['least_with_currency'])})\s+{low}", "least"),
        (rf"{most}\s+(?:{_choice(limits['most_after'])})(?!\w)", "most"),
        (rf"{low}\s+(?:{_choice(limits['least_after'])})(?!\w)", "least"),
        (rf"{word}(?P<needs_currency>{_choice(limits['near'])})\s+{low}", "near"),
    ]
    return [(re.compile(source), kind) for source, kind in sources]


def _amount(name: str, signs: str, units: str, suffix: str) -> str:
    sign = rf"(?:(?P<sign{suffix}>{signs})\s*)?"
    unit = rf"(?:\s*(?P<unit{suffix}>{units})(?![a-z]))?"
    return rf"{sign}(?<![\d.,a-z])(?P<{name}>{NUMBER})(?!\d|[.,]\d){unit}"


def _choice(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
