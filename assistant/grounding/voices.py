"""Who speaks, and what others are said to have done: the assistant is an AI and sees no one else at work."""

import re
from collections.abc import Iterator

from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold
from assistant.schema import HandedOver

_OTHERS = re.compile(
    r"(?<![a-z])(?:driver|courier|employee|staff|manager|supervisor|warehouse|team|colleague|seller|supplier"
    r"|manufacturer|management)s?\s+(?:who [a-z]+ [a-z]+ )?(?:has|have|was|were|is being|are being)\s+"
    r"(?:already |now |also |just |been )*(?:(?!been)[a-z]+(?:ed|en)|told|sent|made|given)(?![a-z])"
    r"|(?:员工|同事|司机|快递员|配送员|经理|仓库|主管|店长|负责人|厂家)[^,。;!?]{0,6}(?:已经?|刚刚|受到)[^,。;!?]{1,8}"
)
# A small model that has lost its way says one thing again and again.
_CIRCLES = re.compile(r"(\w.{1,38}\w)(?:[^\w]{0,4}\1){2,}")
# The assistant has bought nothing: a small model gives back the customer's own words.
_MINE = re.compile(
    r"(?<![a-z])(?:i|i've|i have) (?:just |already |last |recently )?(?:bought|ordered|purchased|paid for)(?![a-z])"
    r"|(?<![a-z])my (?:last |latest |recent |own )?(?:orders?|purchases?|parcels?|cart)(?![a-z])"
    r"|我(?:上次|之前|最近|已经)?(?:买了|买过|买的|下的单|订购了)|我的(?:订单|包裹|购物车|购买记录)"
)
_NO_ORDERS = re.compile(
    r"(?<![a-z])(?:you|i|there) (?:currently |still )?(?:have|are|see|find) no "
    r"(?:[a-z]+ )?(?:orders?|purchases?)(?![a-z])"
    r"|(?:you|i) (?:don't|do not|haven't) (?:have|placed|see) any (?:[a-z]+ )?orders?(?![a-z])"
    r"|(?:您|你|账户|名下)[^,。;]{0,6}(?:没有|暂无|无)(?:任何|其他)?(?:的)?(?:订单|购买记录)"
)
_LATER = re.compile(r"(?<![a-z])(?:will|can|once|as soon as|until|when|to)(?![a-z])[^,.;]*$|[会将等能后]|才[^,。;]*$")
_STATED_OF = re.compile(
    r"(?<![a-z])(?!(?:you|we|i|they|what|which|that|who)\s)[a-z0-9'-]+ (?:is|are) (?:also |fully |completely |100% )?$"
)


def ungrounded_voices(reading: Reading) -> Iterator[Claim]:
    """Yield the claim to be human, deeds of staff, carriers that aren't the order's, and facts without any result."""
    match = reading.words.pattern["human"].search(reading.folded)
    if match:
        reason = "You are an AI assistant. Never say otherwise; offer a human colleague instead."
        yield Claim(kind="deed", text=reading.quote(*match.span()), reason=reason)
    match = _CIRCLES.search(reading.folded)
    if match:
        yield Claim(kind="repetition", text=match[1], reason=f"'{match[1]}' is said over and over. Say it once.")
    match = _MINE.search(reading.folded)
    if match:
        reason = "You speak to the customer: say 'you bought', 'your order'."
        yield Claim(kind="deed", text=reading.quote(*match.span()), reason=reason)
    match = _OTHERS.search(reading.stated)
    handed = reading.facts.tickets and match and re.match(r"colleague|team|同事", match.group())
    if match and not handed and not reading.negated(match.start(), reading.stated):
        yield _claim(reading, match, "deed")
    yield from _taken(reading)
    yield from _helped(reading)
    yield from _duties(reading)
    yield from _sold_after_all(reading)
    yield from _carriers(reading)
    if not reading.facts.orders and not _asked_for_orders(reading):
        match = _NO_ORDERS.search(reading.stated)
        if match:
            yield _claim(reading, match, "order status")
    yield from _of_nothing(reading)


def _claim(reading: Reading, match: re.Match[str], kind: str) -> Claim:
    text = reading.quote(*match.span())
    return Claim(kind=kind, text=text, reason=f"No tool result says '{text}'. Look it up first or leave it out.")


def _asked_for_orders(reading: Reading) -> bool:
    return any(result.type in ("orders_found", "purchases_found") for result in reading.facts.evidence.results)


def _taken(reading: Reading) -> Iterator[Claim]:
    """'A colleague is already on it' needs a ticket that somebody took."""
    tickets = reading.facts.tickets
    if not tickets or any(ticket.state != "open" for ticket in tickets):
        return
    for match in reading.words.pattern["ticket_taken"].finditer(reading.stated):
        if not reading.negated(match.start(), reading.stated) and not _LATER.search(reading.stated[: match.start()]):
            yield _claim(reading, match, "deed")
            return


def _helped(reading: Reading) -> Iterator[Claim]:
    """'I'm glad I could help', while all that was done is that a person was called who hasn't answered yet."""
    results = reading.facts.evidence.results
    match = reading.words.pattern["helped"].search(reading.folded)
    if match and results and isinstance(results[-1], HandedOver) and results[-1].ticket.state == "open":
        reason = "Nothing is solved yet: a colleague will answer the ticket. Say so."
        yield Claim(kind="deed", text=reading.quote(*match.span()), reason=reason)


def _duties(reading: Reading) -> Iterator[Claim]:
    """'You have to send it back first' is a rule, and rules stand in the policies."""
    if reading.facts.passages:
        return
    match = reading.words.pattern["allowed_deed"].search(reading.stated)
    if match and reading.about_order and not reading.negated(match.start(), reading.stated):
        yield _claim(reading, match, "policy")
    for match in reading.words.pattern["duty"].finditer(reading.stated):
        if reading.words.has("duty_deed", reading.stated[match.end() : match.end() + 24]):
            yield _claim(reading, match, "policy")
            return


def _sold_after_all(reading: Reading) -> Iterator[Claim]:
    """'We have plenty of them' after a search that found nothing."""
    listings = reading.facts.listings
    if not listings or listings[0].products or reading.facts.orders or reading.not_found:
        return
    match = reading.words.pattern["rating"].search(reading.stated)
    if match and not reading.facts.products:
        yield _claim(reading, match, "count")
    match = reading.words.pattern["we_sell"].search(reading.stated)
    if (
        match
        and not reading.negated(match.end(), reading.stated)
        and not reading.negated(match.start(), reading.stated)
    ):
        yield _claim(reading, match, "stock")


def _carriers(reading: Reading) -> Iterator[Claim]:
    orders = reading.order_scope(0)
    own = {fold(order.carrier) for order in orders if order.carrier}
    others = {fold(order.carrier) for order in reading.facts.orders.values() if order.carrier}
    for match in re.finditer(
        "|".join([reading.words.pattern["carriers"].pattern, *map(re.escape, others)]), reading.folded
    ):
        told = match.group() in reading.facts.policy_text or match.group() in reading.facts.customer_text
        if not told and not any(match.group() in carrier for carrier in own):
            yield _claim(reading, match, "order status")


def _of_nothing(reading: Reading) -> Iterator[Claim]:
    """'NovaBook is waterproof', with no product at hand."""
    if reading.facts.products or reading.echo or reading.hedged:
        return
    for match in reading.words.concepts.finditer(reading.stated):
        left = reading.stated[max(0, match.start() - 40) : match.start()]
        if match.group() in reading.facts.policy_text or match.group() in reading.facts.customer_text:
            continue
        if _STATED_OF.search(left) or re.search(
            r"(?:[它款品]|这个|(?:我们|本店)[^,。;]{1,8}?)(?:都|全|均)?(?:是|支持|带有?|具有|采用)$", left
        ):
            yield _claim(reading, match, "attribute")
