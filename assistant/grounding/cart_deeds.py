"""Things said to be done with the cart: added, taken out, changed, a code applied."""

import re

from assistant.grounding.identifiers import COUPON
from assistant.grounding.reading import Reading

_FORMS = {
    "added": re.compile(r"\b(?:added|adding|put|putting)\b|加入|添加|放入|放进|加到|加进|加好|添入"),
    "removed": re.compile(
        r"\b(?:removed|removing|taken|took|taking|deleted|cleared)\b|移除|删除|移出|拿出|去掉|清空|删掉"
    ),
    "changed": re.compile(
        r"\b(?:changed|changing|updated|updating|set|made|raised|reduced)\b|修改|更新|更改|改为|改成|调整"
    ),
    "coupon_applied": re.compile(r"\b(?:applied|applying|redeemed)\b|使用优惠|应用优惠|使用|应用|生效|兑换"),
}
_SOMETHING_ELSE = re.compile(
    r"(?<![a-z])(?:order|address|return|refund|payment|account)(?![a-z])|订单|地址|退货|退款|支付"
)

_HOLDS = re.compile(r"^(?:is |are )?(?:already )?in (?:your|the) (?:cart|basket)$")


def is_done_in_cart(reading: Reading, match: re.Match[str]) -> bool:
    """Tell whether a deed that is told was done with the cart, and the sentence is about nothing else."""
    if reading.facts.cart and reading.facts.cart.lines and _HOLDS.search(match.group()):
        return True  # what is in it is counted apart
    if any(code.kind != COUPON for code in reading.codes) or _SOMETHING_ELSE.search(reading.stated):
        return False
    told = match.group()
    return any(done in reading.facts.cart_deeds and forms.search(told) for done, forms in _FORMS.items())
