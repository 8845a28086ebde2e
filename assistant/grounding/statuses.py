"""Order status words: 'has shipped' must be the status of the order named."""

import re
from collections.abc import Iterator

from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold

_STATUSES = ("moving", "shipped", "delivered", "cancelled", "pending", "processing", "returned")
_BARE_PARTICIPLE = re.compile(
    r"(?:is|are|was|were|been|has|have|'s|'ve|already|it|status|just|now|being|still"
    r"|currently|successfully|:|not|n't|yet|both|and|or|as|marked|order|to|be|listed|shows"
    r"|shown|shows as|since|the|your|一?已)\W*$"
)

_BACK = re.compile(r" back(?![a-z])")
_PRONOUN = re.compile(r"(?:it|they|that|everything|it's|they're)(?![a-z])|它|已")
_OPENS_CONDITION = re.compile(r"\s*(?:if|once|as soon as|should) you(?![a-z])|如果您|您确认后|一旦您")


def ungrounded_statuses(reading: Reading) -> Iterator[Claim]:
    """Yield the statuses that the order isn't in."""
    words, text = reading.words, reading.stated
    if reading.facts.tickets and re.search(r"工单|(?<![a-z])ticket", text) and not words.has("order_subject", text):
        return  # the ticket's state, not an order's
    if not _speaks_of_orders(reading) or reading.hedged:
        return
    for match in words.pattern["status_unknown"].finditer(text):
        if not _told(reading, match):
            yield _claim(reading, match, "No tool result says that.")
    if reading.words.has("empathy", reading.folded) and reading.words.has("negation", text):
        return  # 'I'm sorry it hasn't reached you' gives back the customer's own trouble
    for status in _STATUSES:
        for match in words.pattern[f"status_{status}"].finditer(text):
            if _BACK.match(text, match.end()) and reading.facts.requested:
                continue  # what comes back is checked as a return
            if _OPENS_CONDITION.match(reading.folded):
                continue  # 'if you say yes, the order is cancelled'
            if _is_event(reading, status, match) and not _holds(reading, status, match):
                yield _claim(reading, match, "")


def _claim(reading: Reading, match: re.Match[str], why: str) -> Claim:
    quoted = reading.quote(match.start(), match.end())
    known = "; ".join(f"order {order.id} is {order.status}" for order in reading.order_scope(match.start())[:3])
    reason = f"'{quoted}' isn't what the results say. {why}{known or 'Look the order up first'}."
    return Claim(kind="order status", text=quoted, reason=reason)


def _speaks_of_orders(reading: Reading) -> bool:
    text = reading.stated
    if any(code.kind in ("order number", "tracking number") for code in reading.codes):
        return True
    if reading.words.has("order_generic", text):
        return False
    if reading.words.has("order_subject", text):
        return True
    if not reading.facts.evidence.results:
        # Nothing was looked up, so 'it was delivered' can only be made up.
        return _PRONOUN.match(text.strip()) is not None
    return (
        reading.about_order
        and bool(reading.facts.orders)
        and not reading.topics - {"shipping", "cancellation", "returns"}
    )


def _is_event(reading: Reading, status: str, match: re.Match[str]) -> bool:
    """Tell a status from a rule ('can be cancelled'), a plan ('will be delivered') and a name of a status."""
    before = reading.stated[: match.start()]
    if reading.language == "zh":
        near = re.split(r"[,;。、:]", before)[-1][-6:]
        return not (reading.words.has("modal", near) and not match.group().startswith(("已", "正在", "被")))
    near = re.split(r"[,;.]", before)[-1]
    if reading.words.has("modal", " ".join(near.split()[-3:])):
        return re.search(r"(?:has|have|already|had)\s+been\s*$|(?:is|was)\s+being\s*$", near) is not None
    if (
        status in ("delivered", "cancelled", "shipped", "returned", "processing", "pending")
        and " " not in match.group()
    ):
        return (
            _BARE_PARTICIPLE.search(near) is not None
            or not near.strip()
            or near.rstrip().endswith(("|", "-", "—", "("))
        )
    return True


def _told(reading: Reading, match: re.Match[str]) -> bool:
    word = match.group()
    return (
        reading.negated(match.start(), reading.stated)
        or word in reading.facts.policy_text
        or reading.echoes(word)
        or word in reading.facts.order_text
        or any(word in fold(ticket.reason) for ticket in reading.facts.tickets)
    )


def _holds(reading: Reading, status: str, match: re.Match[str]) -> bool:
    orders = reading.order_scope(match.start())
    if not orders:
        return False
    allowed = reading.words.statuses[status]
    denied = _denied(reading, match)
    fits = [(order.status in allowed) != denied for order in orders]
    named = any(code.order_id for code in reading.codes)
    return all(fits) if named or len(orders) == 1 or _speaks_of_all(reading) else any(fits)


def _speaks_of_all(reading: Reading) -> bool:
    return reading.words.has("all_of", reading.folded) and not reading.some


def _denied(reading: Reading, match: re.Match[str]) -> bool:
    if match.group().startswith(("not ", "未", "尚未", "等待")):
        return False
    near = reading.stated[max(0, match.start() - 40) : match.start()]
    return (
        reading.negated(match.start(), reading.stated)
        or re.search(r"(?:yet to be|yet to|尚未|还没有?|未)\s*$", near) is not None
    )
