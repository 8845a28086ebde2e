"""Amounts of what was sent back, swapped or changed: a fee, a difference, a refund."""

import re

from assistant.grounding.comparing import same_currency
from assistant.grounding.numbers import Quantity
from assistant.grounding.ordered_amounts import role_of
from assistant.grounding.reading import Reading

_PAID_OUT = re.compile(
    r"(?<![a-z])(?:has|have|was|were) (?:already )?(?:been )?(?:paid out|refunded|transferred|credited|paid back)"
    r"|已(?:经)?(?:退|到账|打款|返还)"
)
# 'A $5 fee', 'the fee is $5', '手续费5元': the amount is called a fee.
_CALLED_FEE = re.compile(r"\s*(?:[a-z]+ ){0,2}fee(?![a-z])|元?的?(?:手续费|退货费)")
_FEE_IS = re.compile(r"(?<![a-z])fee (?:is|was|of|comes to)\s*$|(?:手续费|退货费)(?:是|为|共)?\s*$")


def is_settled(reading: Reading, quantity: Quantity) -> bool:
    """Tell whether an amount is one of these, as it is called; only a refund comes back, and not before the things."""
    if _PAID_OUT.search(reading.folded) and quantity.value not in {
        cancelled.refund.amount for cancelled in reading.facts.cancellations
    }:
        return False
    if not any(same_currency(quantity, currency) for currency in reading.facts.held_currencies):
        return False
    if _CALLED_FEE.match(reading.folded, quantity.end) or _FEE_IS.search(reading.folded[: quantity.start]):
        return quantity.value in reading.facts.fees
    if role_of(reading, quantity) == "refund":
        return any(quantity.value in refunds for refunds in reading.facts.refunds.values())
    return quantity.value in reading.facts.settled_amounts
