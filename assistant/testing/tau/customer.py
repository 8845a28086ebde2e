"""A customer who follows a script: deterministic, honest, a little impatient.

It opens with its request in its own words, gives what it knows when it is asked for that, says yes to a proposal that
is what it wants and no to any other, and leaves when all is done, after its second no, or when nothing moves any more.
It reads the assistant's texts and proposals and nothing else.
"""

import re
from collections.abc import Callable, Sequence
from typing import Literal

from assistant.schema import Proposal
from assistant.testing.tau.tasks import Action, Task
from assistant.testing.tau.wants import Identity, Want, identity_of, known_orders, spoken

Answer = Literal["yes", "no"] | str | None
"""Yes or no to a proposal, the next message, or None: the customer leaves."""
Shown = Callable[[Action], tuple[str, ...]]
"""Returns what a proposal that does this action shows the customer."""

_NOES = 2
_TELLINGS = 2
"""How often a want is said before the customer gives up on it."""
_ASKED: dict[str, str] = {
    "email": r"e-?mail",
    "name": r"\b(?:full |your )name\b",
    "postcode": r"zip|post(?:al )?code|postcode",
    "order": r"order (?:number|id)|which order|number of (?:the|your) order",
    "items": r"which (?:item|product|of them|of these)|what (?:item|product)|is meant",
    "options": r"(?:which|what) (?:size|colou?r|option|variant)|should (?:it|change|become)",
    "method": r"(?:pay|refund)\w* (?:with|to|method)|payment method|which card|way to pay|how would you like to pay",
    "reason": r"\bwhy\b|reason",
    "address": r"(?<!mail )(?<!email )address|street|which city",
}
_QUESTION = re.compile(r"\?|please (?:tell|give|provide|sign|share)|give me|ask|I need|need to know", re.I)


class ScriptedCustomer:
    """One customer in one conversation."""

    def __init__(self, task: Task, wants: Sequence[Want], shown: Shown) -> None:
        self._task = task
        self._left = list(wants)
        self._shown = shown
        self._who: Identity = identity_of(task)
        self._told: dict[str, int] = {}
        self._given: set[str] = set()
        self._noes = 0

    def opening(self) -> str:
        """Return the customer's first message."""
        return spoken(self._task.reason)

    def answer(self, text: str, proposal: Proposal | None) -> Answer:
        """Return what the customer says to the assistant's message, or to the proposal at its end."""
        if proposal is not None:
            return self._decide(proposal)
        if _QUESTION.search(text) and (facts := self._facts(text)):
            return facts
        if not self._left:
            return None
        want = self._left[0]
        told = self._told.get(want.sentence, 0)
        if told >= _TELLINGS:
            return None
        self._told[want.sentence] = told + 1
        return want.sentence

    def _decide(self, proposal: Proposal) -> Answer:
        read = (proposal.summary, *proposal.changes)
        for want in self._left:
            if sorted(self._shown(want.action)) == sorted(read):
                self._left.remove(want)
                return "yes"
        self._noes += 1
        return "no" if self._noes < _NOES else None

    def _facts(self, text: str) -> str | None:
        """Return what the message asks for and the customer knows; each fact once."""
        asked = [kind for kind, pattern in _ASKED.items() if re.search(pattern, text, re.I)]
        want = self._left[0] if self._left else None
        known = {
            "email": self._who.email,
            "name": self._who.name,
            "postcode": self._who.postcode,
            **(want.facts if want else {}),
        }
        if want and not self._knows_number(want):
            known["order"] = None
        facts = {_SAID[kind].format(known[kind]): None for kind in asked if known.get(kind)}
        fresh = [fact for fact in facts if fact not in self._given]
        self._given.update(fresh)
        return " ".join(fresh) or None

    def _knows_number(self, want: Want) -> bool:
        named = known_orders(self._task)
        return not named or want.facts["order"] in named


_SAID = {
    "email": "My e-mail address is {}.",
    "name": "My name is {}.",
    "postcode": "My zip code is {}.",
    "order": "The order is {}.",
    "items": "I mean: {}.",
    "options": "I'd like {}.",
    "method": "Use {}.",
    "reason": "Because it is {}.",
    "address": "The address is {}.",
}
