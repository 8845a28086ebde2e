"""Times without a number: 'within a week', 'in a few days', 'at once'."""

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.grounding.numbers import measures
from assistant.grounding.product_facts import corpus
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim

_VAGUE_DAYS = re.compile(
    r"(?:within|in|after|for|takes?|about|over|than) (?:a|an) (?P<unit>day|week|month|year"
    r"|hour|couple of days|few days|couple of weeks|few weeks)(?![a-z])"
    r"|(?:几|数)(?:天|日|个工作日|周|个月)(?:内|后|之内)"
    r"|(?P<vague>half an hour|half a day|an hour and a half|a few (?:hours|minutes|months)|a couple of (?:hours|months)"
    r"|(?:within )?(?:minutes|seconds|hours|days|weeks)(?= (?:of|after))"
    r"|半个?(?:小时|钟头|天|月|年)|[一两三四五六七八]两?[二两三四五六七八九](?:天|个?小时|个?月|周)|几个?(?:小时|分钟))"
)
# 'The refund arrives at once': a time as much as 'within two days' is.
_MOVES = re.compile(
    r"(?<![a-z])(?:refund|money|arriv|ship|dispatch|deliver"
    r"|account|reach|get it|receive|reply|answer|call|contact|in touch)"
    r"|到账|退款|退回|发货|寄|送达|送到|到货|[能就会]到|回复|联系|回电|处理好|解决"
)


def ungrounded_times(reading: Reading) -> Iterator[Claim]:
    """Yield the times without a number that no policy or product names."""
    if not reading.hedged:
        yield from _vague_times(reading)
        yield from _at_once(reading)


def _vague_times(reading: Reading) -> Iterator[Claim]:
    for match in _VAGUE_DAYS.finditer(reading.stated):
        places = [reading.facts.policy_text, *(corpus(product) for product in reading.scope(match.start()).products)]
        unit = match["unit"] or match.group()
        if match["vague"] and unit in reading.facts.customer_text and reading.echo:
            continue
        said = any(unit in place or unit.replace("个", "") in place for place in places)
        exact = {
            "day": ("days", 1),
            "week": ("days", 7),
            "month": ("months", 1),
            "year": ("months", 12),
            "hour": ("hours", 60),
        }.get(unit)
        if exact and any((exact[0], Decimal(exact[1])) in measures(place) for place in places):
            continue
        if not said or exact:
            text = reading.quote(match.start(), match.end())
            yield Claim(
                kind="duration", text=text, reason=f"No tool result says '{text}'. Give the time from a result or none."
            )


def _at_once(reading: Reading) -> Iterator[Claim]:
    if not _MOVES.search(reading.stated) or (
        reading.facts.cancellations and reading.words.has("deed_cancel", reading.stated)
    ):
        return
    for match in reading.words.pattern["at_once"].finditer(reading.stated):
        left, right = reading.clause(match.start(), match.end())
        if match.group() in reading.facts.policy_text or not _MOVES.search(reading.folded[left:right]):
            continue
        text = reading.quote(match.start(), match.end())
        yield Claim(
            kind="duration", text=text, reason=f"No tool result says '{text}'. Give the time from a result or none."
        )
        return
