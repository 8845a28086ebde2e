"""A refusal: which rule of `policy.toml` stands against a change, and what is possible instead, in every language."""

from collections.abc import Mapping

from assistant.errors import Missing, Refused
from assistant.schema import Order, OrderDetails
from assistant.telling.phrases import phrase, spaced

Named = tuple[str, ...]
"""Phrases that stand for words of a refusal, such as 'status_pending'; several are alternatives."""


class RuleBroken(Refused):
    """The shop doesn't allow it. `rule` is the entry of `policy.toml` that says so.

    The words are the phrases `refused_<why>` and `possible_<possible>`, filled with `facts`: texts as they are, and
    names of phrases.
    """

    def __init__(
        self,
        rule: str,
        why: str,
        possible: str,
        order: Order,
        facts: Mapping[str, str | Named],
        missing: Missing | None = None,
        instead: str | None = None,
    ) -> None:
        self.rule = rule
        self._why = why
        self._possible = possible
        self._facts = {"order": order.id, **facts}
        super().__init__(f"{self.told('en')} (Rule {rule}.)", OrderDetails(order=order), missing, instead)

    def told(self, language: str) -> str:
        """Return what the customer is told: the rule, and what can be done instead."""
        facts = {name: _in(value, language) for name, value in self._facts.items()}
        names = (f"refused_{self._why}", f"possible_{self._possible}")
        return spaced([phrase(name, language, **facts) for name in names], language)


def _in(value: str | Named, language: str) -> str:
    if isinstance(value, str):
        return value
    return phrase("choice_or", language).join(phrase(name, language) for name in value)
