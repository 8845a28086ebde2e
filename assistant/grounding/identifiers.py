"""Links, order numbers, tracking numbers, addresses of mail and telephone numbers: only those that results hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.grounding.facts import Facts
from assistant.grounding.product_facts import corpus
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold, link_targets

if TYPE_CHECKING:
    from assistant.grounding.reading import Reading

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(
    r"https?://[^\s)\]>,，。；、！？\"'）]+|www\.[^\s)\]>,，。；、\"']+"
    r"|(?<![a-z0-9_@.])(?:[a-z0-9-]+\.)+(?:com|net|org|shop|store|io|cn|co|example|test|de|fr"
    r"|uk|eu|info|biz)(?![a-z0-9_])(?:/[^\s)\]>,，。；]*)?"
)
# A path of the shop's own: '/products/blue-mug-7'.
_PATH = re.compile(r"(?<![\w./])/(?:[a-z][\w.-]*/)+[\w.-]*\w")
_PHONE = re.compile(
    r"(?<![a-z0-9_$€£¥.])(?:\+\d{1,3}[\s-]?)?(?:\(\d{3}\)\s?"
    r"|\d{3}[\s-])\d{3}[\s-]\d{4}(?![a-z0-9_])|(?<![a-z0-9_])1?-?800[\s-][\w-]{6,9}|(?<!\d)400-\d{3}-?\d{4}(?!\d)"
)
_CODE = re.compile(
    r"(?<![a-z0-9_$€£¥.-])#?(?=[a-z0-9-]*\d{3})[a-z]{1,6}-?\d[a-z0-9]*(?:-[a-z0-9]*\d[a-z0-9]*)*(?![a-z0-9_])|(?<![a-z0-9_$€£¥.,-])#?\d{8,}(?![a-z0-9_])|(?<![a-z0-9_&])#\d{2,}(?![a-z0-9_])"
)
_NUMBERED = re.compile(
    r"(?:order|订单)(?:\s*(?:number|no\.?|id|号码|编号|号))?\s*(?:is|为|是|:)?\s*#?\s*(?P<id>\d{3,}[a-z0-9-]*)(?![a-z0-9_.%])"
)
_TRACKING = re.compile(
    r"(?:tracking|运单|快递单|物流单|(?<!工)(?<!订)单号)[^.;。；]{0,24}?(?P<id>[a-z0-9][a-z0-9-]*\d[a-z0-9-]*)(?![a-z0-9_])"
)
_ENDING = re.compile(
    r"(?:ending|ends|ended|尾号)(?:\s+(?:in|with|on))?(?:为|是)?\s*(?:\*+|x+)?\s*(?P<id>\d{2,4})(?!\d)"
)
COUPON = "coupon code"


@dataclass(frozen=True)
class Code:
    """An identifier in a sentence; `order_id` when it's a known order's."""

    kind: str
    start: int
    end: int
    text: str
    order_id: str | None = None


def find_codes(text: str, facts: Facts, taken: list[tuple[int, int]]) -> list[Code]:
    """Return the identifiers in a folded text, outside of the spans already taken."""
    codes: list[Code] = []

    def add(kind: str, start: int, end: int) -> None:
        spans = [*taken, *((code.start, code.end) for code in codes)]
        if _is_tracking(text[start:end], facts):
            kind = "tracking number"
        if all(end <= left or start >= right for left, right in spans):
            codes.append(Code(kind, start, end, text[start:end], _order_of(text[start:end], facts)))

    for order_id in facts.orders:
        for match in re.finditer(rf"#?(?<![a-z0-9]){re.escape(fold(order_id))}(?![a-z0-9])", text):
            add("order number", match.start(), match.end())
    for coupon in facts.coupons:
        for match in re.finditer(rf"(?<![a-z0-9]){re.escape(coupon)}(?![a-z0-9])", text):
            add(COUPON, match.start(), match.end())
    for kind, pattern in (("e-mail address", _MAIL), ("link", _LINK), ("link", _PATH), ("telephone number", _PHONE)):
        for match in pattern.finditer(text):
            add(kind, match.start(), match.end() - (len(match.group()) - len(match.group().rstrip(".:!?"))))
    for kind, pattern in (("tracking number", _TRACKING), ("card number", _ENDING), ("order number", _NUMBERED)):
        for match in pattern.finditer(text):
            add(kind, match.start("id"), match.end("id"))
    for match in _CODE.finditer(text):
        add("order number", match.start(), match.end())
    return sorted(codes, key=lambda code: code.start)


def ungrounded_identifiers(reading: "Reading") -> Iterator[Claim]:
    """Yield the identifiers that no result and no word of the customer's holds."""
    for target in link_targets(reading.sentence):
        if not _holds(reading, fold(target)):
            yield Claim(
                kind="link",
                text=target,
                reason=f"No tool result holds the link {target}. Give only links from results.",
            )
    for code in reading.codes:
        if not _is_known(reading, code):
            text = reading.quote(code.start, code.end)
            reason = f"No tool result holds the {code.kind} '{text}'. Give only those from results."
            yield Claim(kind=code.kind, text=text, reason=reason)


def _order_of(text: str, facts: Facts) -> str | None:
    wanted = text.lstrip("#")
    return next((order_id for order_id in facts.orders if fold(order_id).lstrip("#") == wanted), None)


def _is_tracking(text: str, facts: Facts) -> bool:
    return any(_plain(text) == _plain(fold(o.tracking_number)) for o in facts.orders.values() if o.tracking_number)


def _is_known(reading: "Reading", code: Code) -> bool:
    if code.kind == COUPON:
        return True
    if code.order_id and code.kind != "tracking number":
        return True
    if reading.words.has("example", reading.folded[max(0, code.start - 24) : code.start]):
        return True
    if code.kind == "tracking number":
        known = [order.tracking_number for order in reading.order_scope(code.start)]
        held = reading.facts.held_text.splitlines()
        return _plain(code.text) in {_plain(fold(number)) for number in (*known, *held) if number}
    if code.kind == "card number":
        labels = " ".join(fold(order.payment_method.label) for order in reading.order_scope(code.start))
        return code.text in f"{labels} {reading.facts.held_text} {reading.facts.policy_text}"
    return _holds(reading, code.text)


def _holds(reading: "Reading", text: str) -> bool:
    facts = reading.facts
    wanted = text.strip("#/").removeprefix("https://").removeprefix("http://").removeprefix("www.")
    if not wanted:
        return True
    products = reading.scope(0).products if reading.mentions else tuple(facts.products.values())
    links = (fold(link) for product in products for link in (product.link, product.image) if link)
    checkout = facts.cart.checkout_url if facts.cart else None
    if any(_same_link(wanted, link) for link in (*links, *([fold(checkout)] if checkout else []))):
        return True
    if any(
        wanted in fold(part)
        for order in facts.orders.values()
        for part in (order.id, order.tracking_number or "")
        if part
    ):
        return any(
            _plain(wanted) == _plain(fold(part))
            for order in facts.orders.values()
            for part in (order.id, order.tracking_number or "")
        )
    if any(_plain(wanted) == _plain(fold(ticket.id)) for ticket in facts.tickets):
        return True
    places = (
        facts.policy_text,
        facts.customer_text,
        facts.order_text,
        facts.held_text,
        *(corpus(product) for product in products),
    )
    return any(re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])", place) for place in places)


def _same_link(wanted: str, link: str) -> bool:
    bare = link.removeprefix("https://").removeprefix("http://").removeprefix("www.").strip("/")
    return wanted.strip("/") == bare


def _plain(text: str) -> str:
    return re.sub(r"[\s#-]", "", text)
