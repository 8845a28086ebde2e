"""Dates in a sentence, and whether an order, a policy or a product bears them out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant.grounding.order_facts import order_dates
from assistant.grounding.product_facts import product_texts, reviews_of
from assistant.grounding.schema import Claim
from assistant.grounding.text import fold
from assistant.schema import DeliveryEstimated, DeliveryOption

if TYPE_CHECKING:
    from assistant.grounding.reading import Reading

_MONTH_NAMES = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTHS = {name[:length]: i for i, name in enumerate(_MONTH_NAMES, 1) for length in (3, 4, len(name))}
_WEEKDAY_NAMES = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAYS = {name: i for i, name in enumerate(_WEEKDAY_NAMES)} | {
    name: i for i, name in enumerate(("mon", "tues", "wed", "thurs", "fri", "sat", "sun"))
}
_SIGNS = "零一二三四五六七八九"
_CHINESE_WEEKDAYS = {sign: i for i, sign in enumerate("一二三四五六")} | {"日": 6, "天": 6}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ONES = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_TEENS = ["tenth", "eleventh", "twelfth", *(f"{tens}teenth" for tens in ("thir", "four", "fif", "six", "seven"))]
_ORDINALS = [
    *_ONES, *_TEENS, "eighteenth", "nineteenth", "twentieth", *(f"twenty-{ones}" for ones in _ONES),
    "thirtieth", "thirty-first",
]  # fmt: skip
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_DAY = r"(?P<{0}>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_PATTERNS = [
    re.compile(r"(?<!\d)(?P<year>20\d\d)[-/.](?P<month>1[0-2]|0?[1-9])[-/.](?P<day>[12]\d|3[01]|0?[1-9])(?!\d)"),
    re.compile(rf"(?<![a-z])(?P<name>{_MONTH})\.?\s+{_DAY.format('day')}(?![\d,.]*\d)(?:,?\s+(?P<year>20\d\d))?"),
    re.compile(rf"(?<![a-z])(?P<name>{_MONTH})\.?\s+{_DAY.format('day')},\s+(?P<year>20\d\d)"),
    re.compile(rf"(?<!\d){_DAY.format('day')}\s+(?:of\s+)?(?P<name>{_MONTH})(?![a-z])\.?(?:,?\s+(?P<year>20\d\d))?"),
    re.compile(
        r"(?:(?P<year>20\d\d)\s*年\s*)?(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*月\s*"
        r"(?P<day>[12]\d|3[01]|0?[1-9]|二?十[一二三四五六七八九]?|三十一?|[一二三四五六七八九])\s*[日号]"
    ),
    re.compile(r"(?<![\d./])(?P<month>1[0-2]|0?[1-9])/(?P<day>[12]\d|3[01]|0?[1-9])(?:/(?P<year>20\d\d))?(?![\d/])"),
    re.compile(rf"(?<![a-z])(?:the )?(?P<ordinal>{_ORDINAL}) of (?P<name>{_MONTH})(?![a-z])"),
    re.compile(rf"(?<![a-z])(?P<name>{_MONTH}) (?:the )?(?P<ordinal>{_ORDINAL})(?![a-z])"),
    re.compile(rf"(?<![a-z])(?P<name>{_MONTH})\.?,?\s+(?P<year>20\d\d)(?!\d)"),
    re.compile(rf"(?<![a-z])(?<=in )(?P<name>(?!may|mar\b|dec\b){_MONTH})(?![a-z])"),
    re.compile(r"(?P<year>20\d\d)\s*年\s*(?P<month>1[0-2]|0?[1-9])\s*月"),
]
_WEEKDAY = re.compile(
    r"(?<![a-z])(?P<name>(?:mon|tues|wednes|thurs|fri|satur|sun)day)s?(?![a-z])|(?:星期|周|礼拜)(?P<sign>[一二三四五六日天])(?!内)"
)
# Times of a day by which something will be there; 'before' begins no condition here.
_CLOCK = re.compile(
    r"(?:arrive|there|delivered|deliver|with you|get it|reach you|receive it) "
    r"(?:before|by|around|at) (?:noon|midday|lunch\w*)"
    r"|(?:中午|晚上|傍晚)(?:之)?前[^,。;]{0,4}(?:送|到)"
)
_ON_TO = re.compile(
    r"\s*(?:and|to|-|~|through|until|到|至)\s*(?:the )?(?P<day>[12]\d|3[01]|[1-9])(?:st|nd|rd|th|[日号])?"
    r"(?![\d:%.]|\s*(?:[ap]m|days?|items?|pieces?|of |[a-z]))"
)
_DAY_OF_MONTH = re.compile(
    r"(?<![\d月])(?P<day>[12]\d|3[01]|[1-9])号(?=[^码店线楼,。;]{0,3}(?:到|送|发|寄|签收|前|左右|下单))"
)
_RELATIVE = re.compile(
    r"(?<![a-z])(?:day after tomorrow|tomorrow|yesterday|today|tonight|this weekend|this week"
    r"|next week(?:end)?|next month"
    r"|this month|later this week|end of the week|end of the month|end of the year"
    r"|new year|christmas|this afternoon"
    r"|this evening|(?:before|by|around|at) noon"
    r"|(?:in the|this|by) morning|by the end of the day|last week|last month|last year)(?![a-z])"
    r"|明天|后天|昨天|前天|今天|今晚|今日|明日|下周(?![一二三四五六日天])|下个月|下个?星期(?![一二三四五六日天])|本周(?![一二三四五六日天])"
    r"|这周(?![一二三四五六日天])|周末|上午|中午|下午|傍晚|早上|上周(?![一二三四五六日天])|月底"
)

_TOMORROW = re.compile(r"tomorrow|明[天日]")
_NEXT_DAY = re.compile(r"next (?:working |business )?day|次日|第二天")


@dataclass(frozen=True)
class Day:
    """A date as a text names it: any of its parts may be missing."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    def fits(self, known: date) -> bool:
        """Tell whether the known date has every part that was named."""
        parts = ((self.year, known.year), (self.month, known.month), (self.day, known.day))
        return all(named in (None, held) for named, held in (*parts, (self.weekday, known.weekday())))

    def says_same(self, other: "Day") -> bool:
        """Tell whether another text names the same day."""
        parts = (self.month, self.day, self.weekday)
        return parts == (other.month, other.day, other.weekday) and self.year in (None, other.year)


@lru_cache(maxsize=2048)
def find_days(text: str) -> tuple[Day, ...]:
    """Return the dates and weekdays in a folded text."""
    days: list[Day] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if all(match.end() <= day.start or match.start() >= day.end for day in days):
                days.append(_day(match.groupdict(), match))
    for first in list(days):
        # 'December 3 to 7', '12月8日到12日'.
        last = _ON_TO.match(text, first.end) if first.month and first.day else None
        if last:
            days.append(Day(last.start("day"), last.end(), month=first.month, day=int(last["day"])))
    for match in _WEEKDAY.finditer(text):
        sign, name = match["sign"], match["name"]
        weekday = _CHINESE_WEEKDAYS[sign] if sign else _WEEKDAYS[name]
        days.append(Day(match.start(), match.end(), weekday=weekday))
    for match in _DAY_OF_MONTH.finditer(text):
        if all(match.end() <= day.start or match.start() >= day.end for day in days):
            days.append(Day(match.start(), match.end(), day=int(match["day"])))
    return tuple(sorted(days, key=lambda day: day.start))


def ungrounded_dates(reading: "Reading") -> Iterator[Claim]:
    """Yield the dates that no order, policy or product bears out, and 'tomorrow' and the like, which nothing can."""
    for day in reading.days:
        if not _is_known(reading, day):
            text = reading.quote(day.start, day.end)
            yield Claim(
                kind="date",
                text=text,
                reason=f"No tool result gives the date '{text}' for this. Give only dates from results.",
            )
    for match in _CLOCK.finditer(reading.plain):
        if match.group() not in reading.facts.policy_text and not reading.echoes(match.group()):
            text = reading.quote(match.start(), match.end())
            yield Claim(kind="date", text=text, reason=f"No tool result says '{text}'. Give only times from results.")
    if not reading.words.has("relative_context", reading.stated):
        return
    for match in _RELATIVE.finditer(reading.stated):
        if _TOMORROW.fullmatch(match.group()) and _NEXT_DAY.search(reading.facts.policy_text):
            continue  # 'order by one and it comes tomorrow'
        if match.group() not in reading.facts.policy_text and not reading.echoes(match.group()):
            text = reading.quote(match.start(), match.end())
            yield Claim(
                kind="date", text=text, reason=f"No tool result says '{text}'. Give the date from the result instead."
            )


def _day(parts: dict[str, str | None], match: re.Match[str]) -> Day:
    name, month, day, year = (parts.get(key) for key in ("name", "month", "day", "year"))
    ordinal = parts.get("ordinal")
    if ordinal:
        day = str(_ORDINALS.index(ordinal) + 1)
    return Day(
        match.start(),
        match.end(),
        year=int(year) if year else None,
        month=_MONTHS[name] if name else _number(month or "0"),
        day=_number(day) if day else None,
    )


def _number(text: str) -> int:
    """Read '12' and '十二'."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_SIGNS.index(tens) if tens else 1) * 10 * bool(ten) + (_SIGNS.index(ones) if ones else 0)


def _is_known(reading: "Reading", day: Day) -> bool:
    if reading.echo and any(day.says_same(other) for other in find_days(reading.facts.customer_text)):
        return True
    if options := _options_named(reading):
        return any(day.fits(known) for option in options for known in (option.earliest, option.latest))
    if any(day.says_same(other) for other in find_days(reading.facts.policy_text)):
        return True
    if any(day.fits(known) for known in reading.facts.held_days):
        return True
    if day.month in reading.facts.reason_months and day.day is None:
        return True  # whose month it is, `reasons.py` checks
    products = reading.scope(day.start).products
    texts = [fold(text) for product in products for text in product_texts(product)]
    if reading.reports:
        texts += [reviews_of(product) for product in products]
    if any(day.says_same(other) for text in texts for other in find_days(text)):
        return True
    wanted = _event(reading, day)
    for order in reading.order_scope(day.start):
        known = order_dates(order)
        if any(day.fits(known[what]) for what in wanted if what in known):
            return True
    return False


def _options_named(reading: "Reading") -> list[DeliveryOption]:
    """Return the ways of delivery that the sentence names: each has days of its own."""
    told = [result for result in reading.facts.evidence.results if isinstance(result, DeliveryEstimated)]
    options = told[-1].options if told else ()
    return [option for option in options if len(options) > 1 and fold(option.name).split()[0] in reading.folded]


def _event(reading: "Reading", day: Day) -> tuple[str, ...]:
    """Return which days of an order the words nearest to the date speak of."""
    keys = ("placed", "delivered", "expected", "shipped_on")
    left, right = reading.clause(day.start, day.end)
    clause = reading.folded[left:right]
    inside = tuple(key for key in keys if reading.words.has(key, clause))
    nearest = inside[0] if len(inside) == 1 else reading.nearest(inside or keys, day.start, day.end)
    if re.match(r"(?:左右|前|之前|就?能|就?会)*到(?!账)", reading.folded[day.end :]):
        return ("expected", "delivered")
    if nearest == "shipped_on":
        return ("expected",) if reading.words.has("expected", reading.plain) else ()
    if nearest == "delivered":
        awaited = reading.words.has("expected", reading.plain) or reading.words.has("negation", reading.plain)
        return ("delivered", "expected") if awaited else ("delivered",)
    if nearest == "expected" and reading.language == "zh" and not re.search(r"预计|预期|会|将|能", clause):
        return ("expected", "delivered")
    if nearest == "expected":
        return ("expected", "delivered") if reading.words.has("delivered", reading.plain) else ("expected",)
    return (nearest,) if nearest else ("placed", "expected", "delivered")
