"""A sentence about the shop's terms beside the policies' own: the clause that shares its rarest words decides.

Compared are yes and no, free and not free, who pays, and what a time is counted from. Numbers are compared in
`policies.py`, by subject.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from assistant.grounding.clauses import (
    SENTENCE_END,
    Clause,
    clauses_of,
    clauses_of_policies,
    payers_of,
    policy_units,
    starts_of,
    units_of,
)
from assistant.grounding.numbers import values
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold, has_cjk
from assistant.grounding.words import load_words

# A case in which the other side pays: it must be named in the sentence, too.
_CASE = re.compile(
    r"(?<![a-z])(?:fault\w*|defect\w*|wrong|damaged?|broken|our (?:mistake|fault|error)|missing)(?![a-z])"
    r"|质量|瑕疵|破损|损坏|发错|错发|漏发|坏"
)
_EXCEPT = re.compile(r"[;；]|,\s*but|,\s*unless|,\s*except")
_GRANTS = re.compile(r"可以?|能|会|支持|包|都|给")
_ALMOST = re.compile(r"(?<![a-z])(?:almost|nearly|most|not) (?:every|all|any)")
_ONLY = re.compile(r"(?<![a-z])only(?![a-z])|仅|只(?!要)")
# 'Keep the tags on, or we can't take it': two noes make a condition.
_OR_ELSE = re.compile(r"(?<![a-z])(?:or(?: else)?|otherwise) (?:we|it|you|they) (?:can't|cannot|won't|can not)|否则")
_ONE_ONLY = re.compile(r"(?<![a-z])(?:only|just) (?:one|a single)(?![a-z])|只能?[^,。]{0,4}一[张个次件]|仅限一")
_SEVERAL = re.compile(r"(?<![a-z])(?:several|multiple|more than one|any number|as many)(?![a-z])|多张|多个|多次|几张")
_UN = re.compile(r"(?<![a-z])un([a-z]{2,}(?:ed|n))(?![a-z])")
# How near the best a clause must come to count as one about the same thing.
_NEAR = 0.7


@dataclass(frozen=True)
class _Rules:
    """The clauses of the policies, and how many of them each unit stands in."""

    clauses: tuple[Clause, ...]

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(unit for rule in self.clauses for unit in rule.units)

    def nearest(self, said: Clause) -> list[Clause]:
        """Return the clauses that share the rarest words; none where no rare word is shared."""
        # 'It does not cover drops' under 'Warranty' speaks of the warranty as much as the clause that names it.
        scores = [sum(map(self._weight, (said.units & rule.units) - rule.titled)) for rule in self.clauses]
        if max(scores, default=0) < 1:
            scores = [sum(map(self._weight, said.units & rule.units)) for rule in self.clauses]
        best = max(scores, default=0)
        return [rule for rule, score in zip(self.clauses, scores, strict=True) if best >= 1 and score >= _NEAR * best]

    def own_units(self, units: frozenset[str]) -> frozenset[str]:
        """Return those of some units that name one clause alone, and aren't words of any policy."""
        return frozenset(unit for unit in units if self.counts[unit] == 1) - policy_units()

    def _weight(self, unit: str) -> float:
        """A rare word places a sentence; words of every rule, such as 'cover', hardly do."""
        return (1 / 3 if unit in policy_units() else 1) / self.counts[unit]


def broken_rules(reading: Reading) -> Iterator[Claim]:
    """Yield the first clause of a sentence that turns round the policies' clause about the same thing."""
    titled = tuple((fold(passage.title), fold(passage.text)) for passage in reading.facts.passages)
    passages = tuple(text for _, text in titled)
    rules, said = _Rules(clauses_of_policies(titled)), clauses_of(reading.stated)
    for clause in said:
        # '刻字商品算定制,不支持退货': the yes or no stands in the other clause.
        denied_besides = any(other.denied for other in said if other is not clause)
        open_zh = has_cjk(clause.text) and denied_besides and not clause.denied and not _GRANTS.search(clause.text)
        reason = _why_broken(clause, rules, says_yes_or_no=not open_zh)
        if reason:
            yield _claim(clause.text, reason)
            return
    for text in re.split(r"[;；]", reading.plain):
        if _pays_wrongly(text, passages):
            yield _claim(text, "The policies say that the other side pays for that.")


def _why_broken(said: Clause, rules: _Rules, *, says_yes_or_no: bool) -> str | None:
    if _is_stretched(said, rules):
        return "The policies say that of some things only."
    if _leaves_out_un(said, rules):
        return "The policies ask for the opposite."
    if _starts_elsewhere(said, rules):
        return "The policies count that time from something else."
    nearest = rules.nearest(said)
    if not nearest:
        return None
    if _ONE_ONLY.search(said.text) and any(_SEVERAL.search(rule.text) for rule in nearest):
        return "The policies allow several."
    if said.cost and all(rule.cost and rule.cost != said.cost for rule in nearest):
        return "The policies say otherwise about the cost of that."
    rules_out = said.denied and any(_ONLY.search(rule.text) for rule in nearest)  # 'only to Canada': nowhere else
    if not says_yes_or_no or rules_out or _OR_ELSE.search(said.text):
        return None
    opposite = all(rule.denied != said.denied and not _says_un(rule, said) for rule in nearest)
    return "The policies say the opposite of that." if opposite or _is_excepted(said, rules) else None


def _is_excepted(said: Clause, rules: _Rules) -> bool:
    """What a rule excepts by name isn't granted, however well another rule fits: 'engraved goods can't come back'.

    The other way round, what the rules grant by name alone isn't denied.
    """
    if said.denied:
        named = [rule for rule in rules.clauses if rules.own_units(said.units & rule.units)]
        return bool(named) and not any(rule.denied or rule.cost == "costs" or _says_un(rule, said) for rule in named)
    return any(
        rule.denied
        and rules.own_units(said.units & rule.units)
        and any(rules.counts[unit] > 1 for unit in said.units & rule.units)
        for rule in rules.clauses
    )


def _says_un(rule: Clause, said: Clause) -> bool:
    """'unworn' in the rule says what 'not worn' says."""
    return any(base in said.text for base in re.findall(r"(?<![a-z])un([a-z]{4,})", rule.text))


def _leaves_out_un(said: Clause, rules: _Rules) -> bool:
    """'You can return worn things', where the policy wants them unworn."""
    bases = {base for rule in rules.clauses for base in _UN.findall(rule.text)} - {*_UN.findall(said.text)}
    return not said.denied and not bases.isdisjoint(re.findall(r"[a-z-]+", said.text))


def _starts_elsewhere(said: Clause, rules: _Rules) -> bool:
    """'45 days from the order', where the policy counts from delivery."""
    starts, numbers = starts_of(said.text), values(said.text)
    held = [starts_of(rule.text) for rule in rules.clauses if numbers & values(rule.text)]
    return bool(starts) and any(held) and not any(starts & other for other in held)


def _is_stretched(said: Clause, rules: _Rules) -> bool:
    """'Three years on everything', where the policy says three years of watches."""
    numbers = values(said.text)
    if not numbers or not load_words().has("universal", said.text) or _ALMOST.search(said.text):
        return False
    sources = [rule for rule in rules.clauses if numbers <= values(rule.text) and rule.units & said.units]
    parts = [part for rule in sources for part in re.split(r"[,，]", rule.text) if numbers & values(part)]
    return bool(sources) and not any(units_of(part) <= said.units for part in parts)


def _pays_wrongly(text: str, passages: tuple[str, ...]) -> bool:
    said = payers_of(text)
    if len(said) != 1:
        return False
    in_case = _CASE.search(text) is not None
    parts = (part for passage in passages for sent in SENTENCE_END.split(passage) for part in _EXCEPT.split(sent))
    allowed = {payer for part in parts if (_CASE.search(part) is not None) == in_case for payer in payers_of(part)}
    return bool(allowed) and not said & allowed


def _claim(text: str, reason: str) -> Claim:
    return Claim(kind="policy", text=text.strip(), reason=f"{reason} Say what they say.")
