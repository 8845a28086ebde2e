"""One clause about the shop's terms, of a policy or of a reply: its subject, its yes or no, its cost, its time."""

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from assistant.grounding.plain_words import load_plain_words, stem
from assistant.grounding.text import has_cjk
from assistant.grounding.words import load_words

SENTENCE_END = re.compile(r"(?<=[.!?])\s+|[。！？\n]+")
_CLAUSE_END = re.compile(
    r"[;；。]|,\s*(?:but|and|so|though|although|while|whereas|which|even|whatever|no matter)(?![a-z])"
    r"|,\s*(?=(?:not|except)(?![a-z]))|(?<![a-z])(?:but|though|although|while|whereas|because)(?![a-z])"
)
_ZH_CLAUSE_END = re.compile(r"[,，;；。:：]|不过|但是?")
_FILLER = re.compile(r"[的了会给您你是我们可以就要也都这那请在和与后话呢吧哦则为将需把被但得着由能及 ]")
_FREE = re.compile(
    r"(?<![a-z])(?:(?:for )?free(?! of (?!charge))(?: of charge)?|no (?:\w+ )?(?:charge|costs?|fees?|extra|postage)"
    r"|without (?:any |an |a )?(?:\w+ )?(?:charge|cost|fee)|costs? (?:you )?nothing"
    r"|(?:won't|doesn't|don't) cost (?:you )?anything"
    r"|don't (?:have to )?(?:charge|pay)"
    r"|isn't (?:charged|a fee)|on (?:us|the house)|we(?:'ll)? (?:pay|cover|bear))(?![a-z])"
    r"|包邮|免(?:费|邮|运费|收)|免了|不收(?:任何)?(?:运费|邮费|费用|钱)|无需(?:另)?(?:付费|加钱|支付)|零元|一分钱"
    r"|不(?:用|必|需要?|另外?|会|再)?(?:您)?(?:另外|额外|再|另|多)?"
    r"(?:加钱|加收|收费|付费|出钱|花钱|给钱|收取|收钱|加价|付钱|收)"
)
_NOT_FREE = re.compile(r"(?:isn't|aren't|not|never|no longer)\s+(?:\w+ )?free|不(?:是)?免费|不包邮|不免")
_COSTS = re.compile(
    r"(?<![a-z])(?:costs?|fee|charged?|surcharge|taken off|deduct\w*|you pay|at your|extra)(?![a-z])"
    r"|(?:us)?\$\s?\d|\d\s?(?:usd|dollars)|\d+(?:\.\d+)?\s*(?:美元|元|块)|加收|另收|收取|自理"
    r"|(?:买家|顾客|您|自己|自行)(?:承担|负担|支付|出|付)"
)
_NO = re.compile(
    r"不(?!满|同|过|仅|只|但|错|限|少|足|用担心|管|论|喜欢|想|要了|合适|满意|好意思)|无法|没有|没法|概不"
    r"|未(?!来|使用|穿|拆|开封)|别(?![的家处人店])"
)
_ONLY_UN = re.compile(r"only [a-z ]{0,24}?un[a-z]{4,}")
_ROOT = 5
_PAYERS = {
    "you": re.compile(
        r"(?:at|on) your (?:own )?(?:cost|expense)|(?:is|are|be) (?:always |then )?on you(?![a-z])"
        r"|you(?:'ll)? (?:have to |need to |must |will )?(?:pay|cover|bear)"
        r"|paid by (?:you|the customer|the buyer)|taken off|deducted|you're charged"
        r"|(?:您|顾客|客户|买家|自己|自行|个人)(?:自己|自行)?(?:来|要)?(?:承担|负担|支付|付|出)(?!款)|扣除|自理"
    ),
    "we": re.compile(
        r"(?:at|on) our (?:own )?(?:cost|expense)"
        r"|we(?:'ll)? (?:will )?(?:pay|cover|bear|take care of)|paid by us|on us(?![a-z])"
        r"|(?:我们|本店|商家|店里|卖家|我方)(?:会|来)?(?:承担|负担|支付|付|出|全?包)(?!款|货)"
    ),
}
_SPARED = re.compile(r"(?:不用|不必|无需|不需要?|don't have to|won't have to|needn't)\s*$")
_FROM = (
    r"(?:from|after|since|of|following|once) (?:the |your |its |it's |you |we |us |[a-z]+ing )*"
    r"(?:day|date|time|moment)?(?: of | you | we )*(?:the |your |have |get |got )*"
)
# What a time is counted from.
_STARTS = {
    "delivery": re.compile(rf"{_FROM}(?:deliver|receiv|receipt|arriv)|(?:签收|收货|送达|到货|拿到|收到(?!退))"),
    "order": re.compile(rf"{_FROM}(?:order|purchas|buy|bought|pay)|(?:下单|购买|付款|拍下)"),
    "return": re.compile(
        rf"{_FROM}(?:parcel|package|return|item)|(?<![a-z])(?:we|us)(?:'ve| have)? (?:receiv|get|got)"
        r"|(?:收到退|退货(?:寄|到|入)|寄回)"
    ),
    "dispatch": re.compile(rf"{_FROM}(?:ship|dispatch|sent|send)|(?:发货|寄出|发出)(?:后|起|之)"),
}


@dataclass(frozen=True)
class Clause:
    """What a clause speaks of (see `units_of`), whether it denies, and its cost: 'free', 'costs' or None.

    `titled` is what the title above it names.
    """

    text: str
    units: frozenset[str]
    denied: bool
    cost: str | None
    titled: frozenset[str] = frozenset()


@lru_cache(maxsize=64)
def clauses_of_policies(passages: tuple[tuple[str, str], ...]) -> tuple[Clause, ...]:
    """Return every clause of some passages, given as folded titles and texts."""
    return tuple(
        replace(clause, titled=units_of(title))
        for title, text in passages
        for part in SENTENCE_END.split(text)
        for clause in clauses_of(part)
    )


def clauses_of(text: str) -> list[Clause]:
    """Return the clauses of one folded sentence."""
    end = _ZH_CLAUSE_END if has_cjk(text) else _CLAUSE_END
    return [_read(clause) for clause in end.split(text) if clause.strip(" .!?")]


def payers_of(text: str) -> set[str]:
    """Return who pays, as a folded text says: 'you', 'we'."""
    found = {payer: match for payer, pattern in _PAYERS.items() if (match := pattern.search(text))}
    turned = {"you": "we", "we": "you"}
    return {turned[p] if _SPARED.search(text[: match.start()]) else p for p, match in found.items()}


def starts_of(text: str) -> set[str]:
    """Return what a folded clause counts its time from: 'delivery', 'order', 'return', 'dispatch'."""
    found = {event for event, pattern in _STARTS.items() if pattern.search(text)}
    return found - {"delivery"} if "return" in found else found


@lru_cache(maxsize=2048)
def units_of(clause: str) -> frozenset[str]:
    """Return what a folded clause is about: its words that aren't plain, and the families of words they belong to."""
    plain = load_plain_words()
    clause = _FREE.sub(" ", clause)
    found = {f"#{name}" for name, forms in plain.named_families.items() if any(_holds(clause, form) for form in forms)}
    if has_cjk(clause):
        for run in re.findall(r"[\u3400-\u9fff]+", _FILLER.sub("", clause)):
            found.update(run[i : i + 2] for i in range(len(run) - 1))
        return frozenset(found)
    bare = (stem(re.sub(r"^un(?=[a-z]{4})", "", word)) for word in re.findall(r"[a-z]{3,}", clause))
    roots = (root for root in bare if root not in plain.talk_stems and root not in plain.families)
    # 'Accidental' and 'accidents' have stems of different lengths.
    return frozenset({*found, *(root[:_ROOT] for root in roots)})


@cache
def policy_units() -> frozenset[str]:
    """Return the units that stand in policies of every kind."""
    return frozenset(root[:_ROOT] for root in load_plain_words().policy_english)


def _read(text: str) -> Clause:
    neutral = _FREE.sub(" ", _NOT_FREE.sub(" ", text))
    if has_cjk(text):
        denied = _NO.search(neutral) is not None
    else:
        # 'Only unopened ones can come back' says that opened ones can't.
        denied = load_words().has("negation", neutral) != (_ONLY_UN.search(neutral) is not None)
    return Clause(text=text, units=units_of(text), denied=denied, cost=_cost(text))


def _cost(text: str) -> str | None:
    if _NOT_FREE.search(text):
        return "costs"
    if _FREE.search(text):
        return "free"
    return "costs" if _COSTS.search(text) else None


def _holds(clause: str, form: str) -> bool:
    if not form.isascii():
        return form in clause and len(form) > 1
    if "-" in form:
        return form in clause
    return stem(form) in {stem(word) for word in re.findall(r"[a-z]{3,}", clause)}
