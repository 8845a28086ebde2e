"""Grounding: which claims of a sentence no tool result bears out.

A sentence of the reply is taken apart (`reading.py`): which products and orders it is about, what it states and what it
only asks. Every kind of claim is one small file with one function, `Reading -> Iterator[Claim]`; the table below lists
them. The words by which claims are recognised are in the TOML files. No model, no network: about
two milliseconds a sentence.
"""

from collections.abc import Callable, Iterator

from assistant.grounding.amounts import ungrounded_amounts
from assistant.grounding.attributes import ungrounded_attributes
from assistant.grounding.budgets import ungrounded_budgets
from assistant.grounding.counts import ungrounded_counts
from assistant.grounding.coverage import uncovered_words
from assistant.grounding.dates import ungrounded_dates
from assistant.grounding.deeds import ungrounded_deeds
from assistant.grounding.denied_orders import denied_orders
from assistant.grounding.facts import Facts
from assistant.grounding.fees import ungrounded_fees
from assistant.grounding.fit import ungrounded_fits
from assistant.grounding.identifiers import ungrounded_identifiers
from assistant.grounding.measures import ungrounded_measures
from assistant.grounding.names import named_products
from assistant.grounding.nothing_found import offers_of_nothing
from assistant.grounding.open_claims import open_claims
from assistant.grounding.paying import wrongly_paid
from assistant.grounding.reading import Reading
from assistant.grounding.reasons import ungrounded_reasons
from assistant.grounding.schema import Claim, Focus, Verdict
from assistant.grounding.services import ungrounded_services
from assistant.grounding.shopping import is_borne_out, ungrounded_shopping
from assistant.grounding.sizes import ungrounded_sizes
from assistant.grounding.statuses import ungrounded_statuses
from assistant.grounding.stock import ungrounded_stock
from assistant.grounding.strangers import ungrounded_names
from assistant.grounding.stream import SentenceStream, split_sentences
from assistant.grounding.superlatives import ungrounded_superlatives
from assistant.grounding.swapped import swapped_values
from assistant.grounding.switches import switched_attributes
from assistant.grounding.terms import quotes_policy, ungrounded_terms
from assistant.grounding.vague_times import ungrounded_times
from assistant.grounding.voices import ungrounded_voices
from assistant.grounding.words import load_words
from assistant.schema import Evidence

__all__ = [
    "Claim",
    "Focus",
    "Grounder",
    "SentenceStream",
    "Verdict",
    "named_products",
    "split_sentences",
    "ungrounded_claims",
]

CHECKS: tuple[Callable[[Reading], Iterator[Claim]], ...] = (
    ungrounded_identifiers,
    ungrounded_amounts,
    ungrounded_budgets,
    ungrounded_measures,
    ungrounded_times,
    ungrounded_sizes,
    ungrounded_fits,
    ungrounded_fees,
    ungrounded_dates,
    ungrounded_counts,
    ungrounded_names,
    ungrounded_stock,
    offers_of_nothing,
    denied_orders,
    ungrounded_statuses,
    wrongly_paid,
    ungrounded_attributes,
    switched_attributes,
    open_claims,
    swapped_values,
    ungrounded_superlatives,
    ungrounded_services,
    ungrounded_deeds,
    ungrounded_shopping,
    ungrounded_terms,
    ungrounded_voices,
    ungrounded_reasons,
    uncovered_words,
)


# What a description may be quoted on word by word. Never on prices, stock, orders, safety or what is done: there a
# description could say what the records don't.
_QUOTABLE = frozenset({"attribute", "count", "measure", "size", "superlative", "name", "duration"})
MAX_LENGTH = 3000
_TOO_LONG = Claim(
    kind="length", text="", reason=f"A sentence of over {MAX_LENGTH} characters can't be checked. Be brief."
)


class Grounder:
    """Checks sentences against evidence. Holds nothing but the word tables, which are read once a process."""

    def __init__(self) -> None:
        self._words = load_words()

    def check(self, sentence: str, evidence: Evidence, focus: Focus = Focus()) -> Verdict:
        """Return the claims of one sentence that have no evidence, and what 'it' means in the next one."""
        if len(sentence) > MAX_LENGTH:
            # Failing closed: what is too long to check in a moment isn't shown. It is a model going in circles.
            return Verdict(claims_without_evidence=(_TOO_LONG,), focus=focus)
        reading = Reading(sentence, Facts(evidence), focus, self._words)
        if not reading.text:
            return Verdict(focus=focus)
        if quotes_policy(reading):
            return Verdict(focus=reading.next_focus)
        skipped = _QUOTABLE if reading.quotes else frozenset[str]()
        found = [
            claim
            for check in CHECKS
            for claim in check(reading)
            if claim.kind not in skipped and not is_borne_out(reading, claim)
        ]
        claims = dict.fromkeys((claim.kind, claim.text, claim.reason) for claim in found)
        unique = tuple(Claim(kind=kind, text=text, reason=reason) for kind, text, reason in claims)
        return Verdict(claims_without_evidence=unique, focus=reading.next_focus)


def ungrounded_claims(sentence: str, evidence: Evidence, focus: Focus = Focus()) -> list[Claim]:
    """Return the claims of one sentence that have no evidence."""
    return list(Grounder().check(sentence, evidence, focus).claims_without_evidence)
