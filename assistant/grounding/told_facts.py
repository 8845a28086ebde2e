"""What was told in words and figures: policies, account, tickets, sums, and what the customer said."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from assistant.grounding.numbers import values
from assistant.grounding.order_facts import customer_lines
from assistant.grounding.text import fold
from assistant.grounding.told import told_passages
from assistant.schema import (
    AccountFound,
    AddressChanged,
    Calculated,
    Evidence,
    HandedOver,
    Passage,
    PoliciesFound,
    ProductsFound,
    Ticket,
)

_TERM = re.compile(r"(\d+(?:\.\d+)?)\s*[*×x]\s*(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class ToldFacts:
    """Texts and figures among the results, folded where they are compared as text."""

    evidence: Evidence

    @cached_property
    def tickets(self) -> tuple[Ticket, ...]:
        """The hand-overs of this conversation."""
        return tuple(result.ticket for result in self.evidence.results if isinstance(result, HandedOver))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The passages of policies that came back, and what is told of cart, delivery and sizes."""
        policies = (result for result in self.evidence.results if isinstance(result, PoliciesFound))
        found = [passage for result in policies for passage in result.passages]
        return (*found, *told_passages(self.evidence.results))

    @cached_property
    def policy_text(self) -> str:
        """All policies, folded."""
        return "\n".join(fold(f"{passage.title}\n{passage.text}") for passage in self.passages)

    @cached_property
    def customer_text(self) -> str:
        """All that the customer said, folded."""
        return "\n".join(fold(text) for text in self.evidence.customer_texts)

    @cached_property
    def account_text(self) -> str:
        """What the shop has saved of the customer in words: name, address, e-mail, ways to pay; folded."""
        found = (result for result in self.evidence.results if isinstance(result, AccountFound | AddressChanged))
        return "\n".join(fold(line) for result in found for line in customer_lines(result.customer))

    @cached_property
    def said_text(self) -> str:
        """What the results say in passing: searches and their notes, reasons of tickets, folded."""
        found = [result for result in self.evidence.results if isinstance(result, ProductsFound)]
        said = [text for result in found for text in (result.query, result.note or "", *result.limits.values())]
        return "\n".join(fold(text) for text in [*said, *(ticket.reason for ticket in self.tickets)])

    @cached_property
    def customer_values(self) -> frozenset[Decimal]:
        """The numbers that the customer named."""
        return frozenset[Decimal]().union(*(values(text) for text in self.evidence.customer_texts))

    @cached_property
    def balances(self) -> frozenset[Decimal]:
        """What is left on the customer's gift cards."""
        found = (result for result in self.evidence.results if isinstance(result, AccountFound))
        return frozenset(card.balance.amount for result in found for card in result.gift_cards)

    @cached_property
    def calculated(self) -> frozenset[Decimal]:
        """The values that were calculated."""
        return frozenset(result.value for result in self.evidence.results if isinstance(result, Calculated))

    @cached_property
    def subtotals(self) -> frozenset[Decimal]:
        """What the terms of the sums come to that were calculated: 75 of '6 * 12.50 + 46'."""
        found = (result for result in self.evidence.results if isinstance(result, Calculated))
        terms = (_TERM.fullmatch(term.strip()) for result in found for term in re.split(r"[+-]", result.expression))
        return frozenset(Decimal(term[1]) * Decimal(term[2]) for term in terms if term)

    @cached_property
    def operands(self) -> frozenset[Decimal]:
        """The numbers that went into what was calculated."""
        found = (result for result in self.evidence.results if isinstance(result, Calculated))
        return frozenset[Decimal]().union(*(values(result.expression.replace("*", " * ")) for result in found))
