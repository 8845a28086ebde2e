"""How an order was paid: 'you paid by card' must be the order's own way."""

import re
from collections.abc import Iterator

from assistant.grounding.negation import is_negated
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim

_KINDS = {
    "card": r"(?:credit |debit |bank )?card(?![a-z])|visa|mastercard|信用卡|银行卡|借记卡",
    "paypal": r"paypal",
    "gift_card": r"gift card|礼品卡|购物卡",
}
_PAID = re.compile(
    r"(?<![a-z])paid(?: for)?(?: [a-z]+){0,4}? (?:by|with|through|via|using|from) (?:a |an |the |your )?"
    r"(?P<with>[^,;.!?]{3,30})"
    r"|(?:用|通过)(?:了|的是)?(?P<zh>[^,;。!?]{2,10}?)(?:支付|付款|付的)"
)


def wrongly_paid(reading: Reading) -> Iterator[Claim]:
    """Yield a way to pay that none of the orders spoken of was paid by."""
    orders = reading.order_scope(0) if reading.facts.orders and reading.about_order else ()
    for match in _PAID.finditer(reading.folded):
        said = match["with"] or match["zh"]
        kinds = [kind for kind, words in _KINDS.items() if re.match(words, said.strip())]
        if not orders or not kinds or is_negated(reading.folded, match.start(), reading.words):
            continue
        if not any(order.payment_method.kind in kinds for order in orders):
            text = reading.quote(*match.span())
            known = "; ".join(f"order {order.id} was paid with {order.payment_method.label}" for order in orders[:3])
            yield Claim(kind="order", text=text, reason=f"That isn't how it was paid: {known}.")
            return
