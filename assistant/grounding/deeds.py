"""Things said to be done, and things promised: only what a tool has done, or can do."""

import re
from collections.abc import Iterator

from assistant.grounding.cart_deeds import is_done_in_cart
from assistant.grounding.negation import is_negated
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold
from assistant.schema import AddressChanged

_REPORTED = re.compile(r"(?<![a-z])(?:i've|i have|i|we've|we have|we)\s+(?:just\s+|already\s+|also\s+|now\s+)*$")
# Any deed at all that the assistant tells of itself; what is harmless is listed.
_ANY_DEED = re.compile(
    r"(?<![a-z])(?:(?:i've|i have|we've|we have)\s+(?:(?:just|already|also|now|successfully"
    r"|gone ahead and)\s+)*(?P<deed>[a-z]+ed|sent|put|set|made|given|paid|bought|held|kept"
    r"|done|begun|taken|written|spoken|let)(?![a-z])"
    r"|(?:i'm|i am|we're|we are)\s+(?:now\s+|currently\s+)*(?P<doing>[a-z]+ing)(?![a-z]))"
)
_ZH_ANY_DEED = re.compile(
    r"(?:我|我们)?(?:已经?|刚刚)(?:为|帮|替|给)您(?P<deed>[^,。;!?]{1,8})|(?:我|我们)已经?(?P<doing>[^,。;!?]{1,8})"
)
_PASSIVE = re.compile(
    r"(?:has|have|had|was|were|is|are|been|being|'s|'ve|got|get)\s+(?:(?:now|just|already"
    r"|been|being|also|successfully|fully)\s+)*$"
)
_CHANGED = re.compile(
    r"chang|updat|noted|registered|(?:set|arranged|started|booked|requested)$|修改|更新|更改|改|登记|办理|申请|换货"
)
_MONEY_BACK = re.compile(r"(?<![a-z])(?:back|refund\w*)(?![a-z])|退")
_LATER = re.compile(
    r"[^,;.]{0,20}?(?<![a-z])(?:within|in (?:\d|a|one|two|three|four|five|about)|once|after|when|by)(?![a-z])"
)
_PART_ONLY = re.compile(r"(?<![a-z])(?:only|just|kept|keep|keeping)(?![a-z])|只|仅|保留|留下")
_SAVED = re.compile(r"(?<![a-z])(?:saved|account|profile|default) (?:address|details)|保存的地址|账户地址|默认地址")
_OURS = re.compile(r"我|为您|帮您|替您|给您")
_BACK = re.compile(
    r"(?<![a-z])(?:(?:going|go|goes|come|comes|coming|sent|sending|send) back|return\w*|exchang\w*|swap\w*)(?![a-z])"
    r"|退|换货|换成|寄回"
)
_STAYS = re.compile(r"(?<![a-z])(?:keep|kept|stays?|remains?)(?![a-z])|保留|留着|不退|不换")
_YOURS = re.compile(
    r"(?<![a-z])(?:you|you've|you have|customers?|she|he|they|they've|who|anyone|people|items?"
    r"|products?)\s+(?:have\s+|had\s+|already\s+|just\s+|recently\s+|previously\s+|has\s+|was\s+|were\s+)*$"
)


def ungrounded_deeds(reading: Reading) -> Iterator[Claim]:
    """Yield what is said to have been done, or will be, without the tool result that proves it."""
    if reading.language == "other":
        return
    yield from _done(reading)
    yield from _sent_back(reading)
    for match in reading.words.pattern["money_arrived"].finditer(reading.stated):
        # 'The money is back within five days' is no news of today.
        later = _LATER.match(reading.stated, match.end()) is not None
        if not later and not is_negated(reading.stated, match.start(), reading.words):
            text = reading.quote(*match.span())
            yield Claim(kind="deed", text=text, reason=f"Nobody has looked at the account: '{text}'. Leave it out.")
    yield from _promised(reading)


def _sent_back(reading: Reading) -> Iterator[Claim]:
    """Yield what is said to come back or to be swapped along with what was asked for."""
    asked = {product_id for product_id, _ in reading.facts.requested}
    if not asked:
        return
    for match in _BACK.finditer(reading.stated):
        denied = is_negated(reading.stated, match.start(), reading.words) or _STAYS.search(reading.stated)
        group = {mention.product.id for mention in reading.group_at(match.start())}
        if group and not group <= asked and not denied:
            text = reading.quote(*match.span())
            yield Claim(kind="deed", text=text, reason="Only what was asked for comes back. Leave the other out.")
            return


def _done(reading: Reading) -> Iterator[Claim]:
    words, text = reading.words, reading.stated
    for key in ("deed_cancel", "deed_refund", "deed_hand_over", "deed_other", "deed_search"):
        for match in words.pattern[key].finditer(text):
            if not _is_deed(reading, key, match) or _proved(reading, key, match):
                continue
            quoted = reading.quote(match.start(), match.end())
            yield Claim(
                kind="deed", text=quoted, reason=f"No tool did that: '{quoted}'. Call the tool first, or don't say it."
            )
            return
    if reading.facts.cancellations or reading.facts.tickets or words.has("hedge", text):
        return
    for match in (_ZH_ANY_DEED if reading.language == "zh" else _ANY_DEED).finditer(text):
        if reading.facts.changes_made and _CHANGED.search(match.group()) and _is_where_changed(reading):
            continue
        if not _is_harmless(reading, match):
            quoted = reading.quote(match.start(), match.end())
            yield Claim(
                kind="deed", text=quoted, reason=f"No tool did that: '{quoted}'. Call the tool first, or don't say it."
            )
            return


def _is_harmless(reading: Reading, match: re.Match[str]) -> bool:
    """Looking, finding and comparing need no tool of their own."""
    if is_done_in_cart(reading, match):
        return True
    deed = reading.words.pattern["harmless_deeds"].match(match["deed"] or match["doing"])
    return deed is not None or is_negated(reading.stated, match.start(), reading.words)


def _is_deed(reading: Reading, key: str, match: re.Match[str]) -> bool:
    text = reading.stated
    if is_negated(text, match.start(), reading.words) or reading.words.has("hedge", text):
        return False
    if reading.language == "zh":
        return _is_chinese_deed(reading, match)
    before = re.split(r"[,;.:]|(?<![a-z])(?:but|and then)(?![a-z])", text[: match.start()])[-1]
    if _YOURS.search(before) or (
        reading.words.has("modal", " ".join(before.split()[-2:])) and not _PASSIVE.search(before)
    ):
        return False
    if re.search(
        r"(?:can|could|may|might|will|would|must|should|to|'ll|if|once|please|cannot|can't)\s+(?:\w+\s+){0,2}$", before
    ):
        return False
    if key == "deed_search":
        return _REPORTED.search(before) is not None
    if match.group().endswith("ing"):
        return (
            re.search(r"(?:i'm|i am|we're|we are|now|currently|is being)\s+(?:now\s+|currently\s+)?$", before)
            is not None
        )
    if key == "deed_cancel":
        return _REPORTED.search(before) is not None or not before.strip() or " " in match.group()
    return True


def _is_chinese_deed(reading: Reading, match: re.Match[str]) -> bool:
    text = reading.stated
    left = max((text.rfind(sign, 0, match.start()) for sign in ",;。.:!?"), default=-1) + 1
    before, after = text[left : match.start()], re.split(r"[,;。!?:]", text[match.end() :])[0]
    if re.search(r"可以|可|请|如果|若|如需|需要|想|会|将|能|是否|要|无法|才", before[-10:]) and not re.search(
        r"已|刚刚|成功", before
    ):
        return False
    if re.search(r"已经?|刚刚|刚才|成功|正在", before + match.group()):
        return True
    return re.match(
        r"(?:成功|完成|好了|了|完毕|妥当|已经?(?:处理|完成|办理|到账|发放|退回|批准|提交|发出))", after
    ) is not None or match.group().endswith("了")


def _proved(reading: Reading, key: str, match: re.Match[str]) -> bool:
    facts = reading.facts
    later = reading.words.has("condition", reading.folded[match.end() :])
    if facts.refunds and later and _MONEY_BACK.search(match.group()):
        return True  # 'the refund is on its way once we have the items'
    if key == "deed_search":
        return bool(facts.evidence.results)
    if key in ("deed_cancel", "deed_refund"):
        if facts.cancellations and reading.mentions and _PART_ONLY.search(reading.stated):
            return False  # an order is cancelled whole, and so is what goes back
        if (
            key == "deed_cancel"
            and reading.language == "zh"
            and not re.search(r"我|为您|帮您|替您|给您|成功", reading.stated)
        ):
            return True  # a status, checked as such
        named = {code.order_id for code in reading.codes if code.order_id}
        cancelled = {result.order.id for result in facts.cancellations}
        if match.group().startswith("退") and not _OURS.search(reading.stated) and _all_returned(reading, match):
            return True
        return bool(cancelled) and (
            not named or named <= cancelled or (bool(named & cancelled) and key == "deed_refund")
        )
    if key == "deed_other" and is_done_in_cart(reading, match):
        return True
    if key == "deed_other" and facts.changes_made and _CHANGED.search(match.group()) and _is_where_changed(reading):
        return True
    if key == "deed_hand_over" or (
        facts.tickets and re.search(r"工单|ticket", reading.folded) and match.group() in ("登记", "logged")
    ):
        return bool(facts.tickets)
    if (
        match.group() in ("寄出", "发送了")
        and reading.about_order
        and not re.search(r"我|为您|帮您|替您|给您", reading.stated)
    ):
        return all(order.status in ("shipped", "delivered", "returned") for order in reading.order_scope(match.start()))
    return reading.about_order and _is_about_the_order(reading, match)


def _is_where_changed(reading: Reading) -> bool:
    """'Your saved address' is changed by a change of the account alone, not by one of an order."""
    if _SAVED.search(reading.stated) is None:
        return True
    return any(isinstance(result, AddressChanged) for result in reading.facts.evidence.results)


def _all_returned(reading: Reading, match: re.Match[str]) -> bool:
    orders = reading.order_scope(match.start()) if reading.about_order else ()
    return bool(orders) and all(order.status == "returned" for order in orders)


def _is_about_the_order(reading: Reading, match: re.Match[str]) -> bool:
    """'placed your order on May 3' tells of the customer's deed, not of ours."""
    paid_with = (fold(order.payment_method.label) for order in reading.order_scope(match.start()))
    if match.group().startswith("charged") and any(label in reading.folded[match.start() :] for label in paid_with):
        return True
    return match.group().startswith(("placed", "paid", "charged", "payment", "支付", "付款", "下单")) and not re.search(
        r"(?:i|i've|we've|we|我)\s", reading.stated[: match.start()]
    )


def _promised(reading: Reading) -> Iterator[Claim]:
    words, text = reading.words, reading.unasked
    if reading.facts.tickets and words.has("promise_hand_over", text):
        return
    for key in ("promise_refund", "promise_hand_over", "promise"):
        for match in words.pattern[key].finditer(text):
            if not _is_promise(reading, key, match) or _allowed(reading, key, match):
                continue
            quoted = reading.quote(match.start(), match.end())
            yield Claim(kind="promise", text=quoted, reason=f"There is no tool for that: '{quoted}'. Don't promise it.")
            return


def _is_promise(reading: Reading, key: str, match: re.Match[str]) -> bool:
    text = reading.unasked
    left = max((m.end() for m in re.finditer(r"[,;.:。!?]", text[: match.start()])), default=0)
    before = text[left : match.start()]
    if is_negated(text, match.start(), reading.words):
        return False
    futures = list(reading.words.pattern["future"].finditer(before))
    if not futures:
        return False
    if reading.language != "zh":
        last = futures[-1]
        if last.group() in ("i can", "we can") and key == "promise_hand_over":
            return False
        if (
            last.group() == "will"
            and re.search(r"(?<![a-z])(?:items?|products?|shirt|it|this)\s*$", before[: last.start()])
            and key == "promise"
        ):
            return False
        return len(before[last.end() :].split()) <= 4
    if not re.search(r"我|同事|客服|团队|人员|专员|您|稍后|马上|退款", text[: match.end()]):
        return False
    return not re.search(r"我可以|我能|您可以|可以", before) or key == "promise"


def _allowed(reading: Reading, key: str, match: re.Match[str]) -> bool:
    facts, words = reading.facts, reading.words
    if key == "promise_refund" and (facts.cancellations or facts.refunds):
        return True
    if facts.refunds and _MONEY_BACK.search(match.group()):
        return True
    if key == "promise_hand_over" and (words.has("promise_excuse", reading.folded)):
        return True
    if key == "promise_refund" and words.has("condition", reading.folded):
        return True
    forms = [match.group(), *match.group().split()[-1:]]
    return bool(facts.passages) and _you_are_told(reading) and any(form in facts.policy_text for form in forms)


def _you_are_told(reading: Reading) -> bool:
    return re.search(r"(?<![a-z])(?:i'll|i will|i'm|i can|i)(?![a-z'])|我", reading.unasked) is None
