"""A sentence about the shop's terms beside the policy's own: the rule that shares its rarest words decides.

Compared are yes and no, free and not free, and who pays. Numbers are compared in `policies.py`, by subject.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from assistant.grounding.numbers import values
from assistant.grounding.plain_words import load_plain_words, stem
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold, has_cjk
from assistant.grounding.words import load_words

_SENTENCE = re.compile(r"(?<=[.!?])\s+|[。！？\n]+")
_CLAUSE = re.compile(
    r"[;；。]|,\s*(?:but|and|so|though|although|while|whereas|which|even|whatever|no matter)(?![a-z])|,\s*(?=(?:not|except)(?![a-z]))"
    r"|(?<![a-z])(?:but|though|although|while|whereas|because)(?![a-z])"
)
_ZH_CLAUSE = re.compile(r"[,，;；。:：]|不过|但是?")
_FILLER = re.compile(r"[的了会给您你是我们可以就要也都这那请在和与后话呢吧哦则为将需把被但得着由能及 ]")
_FREE = re.compile(
    r"(?<![a-z])(?:(?:for )?free(?! of (?!charge))(?: of charge)?|no (?:\w+ )?(?:charge|costs?|fees?|extra|postage)"
    r"|without (?:any |an |a )?(?:\w+ )?(?:charge|cost|fee)|costs? (?:you )?nothing|don't (?:have to )?(?:charge|pay)"
    r"|isn't (?:charged|a fee)|on (?:us|the house)|we(?:'ll)? (?:pay|cover|bear))(?![a-z])"
    r"|包邮|免(?:费|邮|运费|收)|不(?:用|必|需要?|另外?|会|再)?(?:您)?(?:另外|额外|再|另|多)?(?:加钱|加收|收费|付费|出钱|花钱|给钱|收取|收钱|加价|付钱|收)"
    r"|无需(?:另)?(?:付费|加钱|支付)|零元|一分钱"
)
_NOT_FREE = re.compile(r"(?:isn't|aren't|not|never|no longer)\s+(?:\w+ )?free|不(?:是)?免费|不包邮|不免")
_COSTS = re.compile(
    r"(?<![a-z])(?:costs?|fee|charged?|surcharge|taken off|deduct\w*|you pay|at your|extra)(?![a-z])"
    r"|(?:us)?\$\s?\d|\d\s?(?:usd|dollars)|\d+(?:\.\d+)?\s*(?:美元|元|块)|加收|另收|收取|自理|(?:买家|顾客|您|自己|自行)(?:承担|负担|支付|出|付)"
)
_NO = re.compile(
    r"不(?!满|同|过|仅|只|但|错|限|少|足|用担心|管|论|喜欢|想|要了|合适|满意|好意思)|无法|没有|没法|概不|未(?!来|使用|穿|拆|开封)|别(?!的)"
)
_PAYERS = {
    "you": re.compile(
        r"(?:at|on) your (?:own )?(?:cost|expense)|you(?:'ll)? (?:have to |need to |must |will )?(?:pay|cover|bear)"
        r"|paid by (?:you|the customer|the buyer)|taken off|deducted|you're charged"
        r"|(?:您|顾客|客户|买家|自己|自行|个人)(?:自己|自行)?(?:来|要)?(?:承担|负担|支付|付|出)(?!款)|扣除|自理"
    ),
    "we": re.compile(
        r"(?:at|on) our (?:own )?(?:cost|expense)"
        r"|we(?:'ll)? (?:will )?(?:pay|cover|bear|take care of)|paid by us|on us(?![a-z])"
        r"|(?:我们|本店|商家|店里|卖家|我方)(?:会|来)?(?:承担|负担|支付|付|出|全?包)(?!款|货)"
    ),
}
_COUNTED_FROM = r"(?:from|after|since|of|following|once) (?:the |your |its |it's |you |we |us |[a-z]+ing )*(?:day|date|time|moment)?(?: of | you | we )*(?:the |your |have |get |got )*"
# What a time is counted from.
_STARTS = {
    "delivery": re.compile(rf"{_COUNTED_FROM}(?:deliver|receiv|receipt|arriv)|(?:签收|收货|送达|到货|拿到|收到(?!退))"),
    "order": re.compile(rf"{_COUNTED_FROM}(?:order|purchas|buy|bought|pay)|(?:下单|购买|付款|拍下)"),
    "return": re.compile(rf"{_COUNTED_FROM}(?:parcel|package|return|item)|(?<![a-z])(?:we|us)(?:'ve| have)? (?:receiv|get|got)|(?:收到退|退货(?:寄|到|入)|寄回)"),
    "dispatch": re.compile(rf"{_COUNTED_FROM}(?:ship|dispatch|sent|send)|(?:发货|寄出|发出)(?:后|起|之)"),
}
_SPARED = re.compile(r"(?:不用|不必|无需|不需要?|don't have to|won't have to|needn't)\s*$")
# A case in which the other side pays: it must be named in the sentence, too.
_CASE = re.compile(
    r"(?<![a-z])(?:fault\w*|defect\w*|wrong|damaged?|broken|our (?:mistake|fault|error)|missing)(?![a-z])"
    r"|质量|瑕疵|破损|损坏|发错|错发|漏发|坏"
)


_OR_ELSE = re.compile(r",?\s*(?:or|or else|otherwise) (?:we|it|you|they) (?:can't|cannot|won't|can not)(?![a-z])|否则")
_GRANTS = re.compile(r"可以?|能|会|支持|包|都|给")
_ALMOST = re.compile(r"(?<![a-z])(?:almost|nearly|most|not) (?:every|all|any)")
_ONLY = re.compile(r"(?<![a-z])only(?![a-z])|仅|只(?!要)")
_ONLY_UN = re.compile(r"only [a-z ]{0,24}?un[a-z]{4,}")


@dataclass(frozen=True)
class Rule:
    """One clause of a policy: what it speaks of, whether it denies, and what it says of the cost."""

    text: str
    units: frozenset[str]
    denied: bool
    cost: str | None


def broken_rules(reading: Reading) -> Iterator[Claim]:
    """Yield the clauses of a sentence that turn round the policy's clause about the same thing."""
    passages = tuple(fold(passage.text) for passage in reading.facts.passages)
    rules = _rules(passages)
    counts = Counter(unit for rule in rules for unit in rule.units)
    clauses = [(clause, _rule(clause)) for clause in _clauses(reading.stated)]
    for clause, said in clauses:
        scores = [sum(_weight(unit, counts) for unit in said.units & rule.units) for rule in rules]
        best = max(scores, default=0)
        if said.cost and _CASE.search(clause) and any(
            rule.cost and rule.cost != said.cost and _CASE.search(rule.text) for rule in rules
        ):
            yield _claim(clause, "The policies say otherwise about the cost in that case.")
            return
        if _is_stretched(said, rules):
            yield _claim(clause, "The policies say that of some things only.")
            return
        if _starts_elsewhere(said, rules):
            yield _claim(clause, "The policies count that time from something else.")
            return
        if best < 1:
            continue
        nearest = [rule for rule, score in zip(rules, scores, strict=True) if score >= 0.7 * best]
        priced = [rule for rule in rules if said.units & rule.units and any(counts[u] == 1 for u in said.units & rule.units)]
        if said.cost == "free" and priced and all(rule.cost == "costs" for rule in priced):
            yield _claim(clause, "The policies say otherwise about the cost of that.")
            return
        if said.cost and all(rule.cost and rule.cost != said.cost for rule in nearest):
            yield _claim(clause, "The policies say otherwise about the cost of that.")
            return
        # '刻字商品算定制,不支持退货': the yes or no stands in the other clause.
        denied_besides = any(other.denied for _, other in clauses if other is not said)
        if _OR_ELSE.search(clause):
            continue  # 'keep the tags on, or we can't take it': two noes make a condition
        leads = not (has_cjk(clause) and denied_besides and not said.denied and not _GRANTS.search(clause))
        if said.denied and any(_ONLY.search(rule.text) for rule in nearest):
            continue  # 'only to Canada' rules out the rest of the world
        opposite = all(rule.denied != said.denied and not _says_un(rule, said) for rule in nearest)
        if leads and (opposite or _is_excepted(said, rules, counts)):
            yield _claim(clause, "The policies say the opposite of that.")
            return
    yield from _wrong_payer(reading, passages)


def _weight(unit: str, counts: Counter[str]) -> float:
    """A rare word places a sentence; words of every rule, such as 'cover', hardly do."""
    return (1 / 3 if unit in load_plain_words().policy_english else 1) / counts[unit]


def _is_excepted(said: Rule, rules: tuple[Rule, ...], counts: Counter[str]) -> bool:
    """What a rule excepts by name isn't granted, however well another rule fits: 'engraved goods can't come back'.

    The other way round, what the rules grant by name alone isn't denied.
    """
    if said.denied:
        named = [
            rule for rule in rules if {u for u in said.units & rule.units if counts[u] == 1} - load_plain_words().policy_english
        ]
        return bool(named) and not any(rule.denied or rule.cost == "costs" or _says_un(rule, said) for rule in named)
    for rule in rules:
        shared = said.units & rule.units
        special = {unit for unit in shared if counts[unit] == 1} - load_plain_words().policy_english
        if rule.denied and special and any(counts[unit] > 1 for unit in shared):
            return True
    return False


def _starts_elsewhere(said: Rule, rules: tuple[Rule, ...]) -> bool:
    """'45 days from the order', where the policy counts from delivery."""
    starts, numbers = _starts(said.text), values(said.text)
    held = [_starts(rule.text) for rule in rules if numbers & values(rule.text)]
    return bool(starts and numbers) and bool(held) and not any(starts & other for other in held) and any(held)


def _starts(text: str) -> set[str]:
    found = {event for event, pattern in _STARTS.items() if pattern.search(text)}
    if re.search(r"(?<![a-z])(?:sending|posting|you (?:send|post))", text) and "dispatch" not in found and found:
        return {"dispatch"}
    return found - {"delivery"} if "return" in found else found


def _says_un(rule: Rule, said: Rule) -> bool:
    """'unworn' in the rule says what 'not worn' says."""
    return any(base in said.text for base in re.findall(r"(?<![a-z])un([a-z]{4,})", rule.text))


def _is_stretched(said: Rule, rules: tuple[Rule, ...]) -> bool:
    """'Three years on everything', where the policy says three years of watches."""
    words, numbers = load_words(), values(said.text)
    if not numbers or not words.has("universal", said.text):
        return False
    sources = [rule for rule in rules if numbers <= values(rule.text) and rule.units & said.units]
    if _ALMOST.search(said.text):
        return False
    parts = [part for rule in sources for part in re.split(r"[,，]", rule.text) if numbers & values(part)]
    return bool(sources) and not any(units_of(part) <= said.units for part in parts)


def _wrong_payer(reading: Reading, passages: tuple[str, ...]) -> Iterator[Claim]:
    for clause in re.split(r"[;；]", reading.plain):
        if _pays_wrongly(clause, passages):
            yield _claim(clause, "The policies say that the other side pays for that.")


def _pays_wrongly(clause: str, passages: tuple[str, ...]) -> bool:
    said = _payers(clause)
    if len(said) != 1 or not any(_payers(text) for text in passages):
        return False
    in_case = _CASE.search(clause) is not None
    allowed: set[str] = set()
    for text in passages:
        for sentence in _SENTENCE.split(text):
            for part in re.split(r"[;；]|,\s*but|,\s*unless|,\s*except", sentence):
                if (_CASE.search(part) is not None) == in_case:
                    allowed |= _payers(part)
    return bool(allowed) and not said & allowed


def _payers(text: str) -> set[str]:
    found = {payer: match for payer, pattern in _PAYERS.items() if (match := pattern.search(text))}
    turned = {"you": "we", "we": "you"}
    return {turned[p] if _SPARED.search(text[: match.start()]) else p for p, match in found.items()}


def _claim(clause: str, reason: str) -> Claim:
    return Claim(kind="policy", text=clause.strip(), reason=f"{reason} Say what they say.")


@lru_cache(maxsize=64)
def _rules(passages: tuple[str, ...]) -> tuple[Rule, ...]:
    return tuple(_rule(clause) for text in passages for part in _SENTENCE.split(text) for clause in _clauses(part))


def _clauses(text: str) -> list[str]:
    pattern = _ZH_CLAUSE if has_cjk(text) else _CLAUSE
    return [clause for clause in pattern.split(text) if clause and clause.strip(" .!?")]


def _rule(clause: str) -> Rule:
    neutral = _FREE.sub(" ", _NOT_FREE.sub(" ", clause))
    if has_cjk(clause):
        denied = _NO.search(neutral) is not None
    else:
        # 'Only unopened ones can come back' says that opened ones can't.
        denied = load_words().has("negation", neutral) != (_ONLY_UN.search(neutral) is not None)
    return Rule(text=clause, units=units_of(clause), denied=denied, cost=_cost(clause))


def _cost(clause: str) -> str | None:
    if _NOT_FREE.search(clause):
        return "costs"
    if _FREE.search(clause):
        return "free"
    return "costs" if _COSTS.search(clause) else None


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
    return frozenset({*found, *(root for root in bare if root not in plain.talk_stems and root not in plain.families)})


def _holds(clause: str, form: str) -> bool:
    if not form.isascii():
        return form in clause and len(form) > 1
    return stem(form) in {stem(word) for word in re.findall(r"[a-z]{3,}", clause)}
