"""Names that look like a product's and that no result holds."""

import re
from collections.abc import Iterator

from assistant.grounding.facts import Facts
from assistant.grounding.names import is_part_of_name, stems_of
from assistant.grounding.product_facts import corpus, product_attributes
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import blank, bold_parts, fold, has_cjk
from retrieval.schema import Product

_WORD = r"[A-ZÀ-Þ][\w'&-]*[\w]|[A-Z]|\d[\w.]*"
_RUN = re.compile(rf"(?<![\w'])(?:[A-ZÀ-Þ][\w'&-]*)(?:\s+(?:(?:of|the|and|for|de|&|x)\s+)?(?:{_WORD}))*")
_QUOTED = re.compile(r"[「『《“]([^」』》”]{2,30})[」』》”]")
_SINGLE = re.compile(
    r"(?:^|(?<=\s))(?:[Tt]he|[Oo]ur|by|called|named|[Tt]ry|like"
    r"|consider)\s+(?P<name>[A-Z][a-zA-Z]{3,}(?:\d+)?)(?=[\s,.(:]|$)(?!\s+[A-Z])(?:\s+(?:is"
    r"|are|was|has|costs?|comes?|offers?|would|at|for|from|might|could|and|or|with|features?"
    r"|by|boots?|shoes?|jackets?)(?![a-z])|\s*[(:,.]|\s*$)"
)
_PLACE = re.compile(r"(?<![a-z])(?:to|in|at|near|from|with|by|via)\s+(?P<name>[A-Z][a-z]{2,}(?:[A-Z][a-z]+)?)(?![\w])")
_ACRONYM = re.compile(r"(?<![\w$-])[A-Z]{3,5}(?![\w-])(?!\s+[A-Z]{2})")
_ZH_DESTINATION = re.compile(
    r"(?:送到|寄到|配送到|配送至|寄往|送往|发往|送达)(?!您|你|时|后|家|门|手|地|的|指定)(?P<place>[㐀-鿿]{2,4})"
)
_ZH_LEAD = re.compile(r"^\s*(?:[-*•]|\d+[.、)])\s*\**(?P<name>[㐀-鿿A-Za-z0-9· ]{3,20}?)\**\s*(?:[-—:,(]|售价|价格|,)")
_ZH_PLACES = re.compile(
    r"(?:推荐|试试|看看|比如|例如|名为|叫做|还有|包括|考虑)(?:您|的是|一下|:|：|这款"
    r"|我们的)*(?P<name>[㐀-鿿]{4,14}?)(?=[,。;:(]|售价|价格|,|是|很|非常|有|和|$)|(?:^"
    r"|[,。;:])(?P<subject>[㐀-鿿]{4,10}?)(?:的(?:售价|价格|评分|库存)|售价|价格|评分)"
)


def ungrounded_names(reading: Reading) -> Iterator[Claim]:
    """Yield the names in a sentence that no product, brand, order, policy or word of the customer's bears."""
    seen: set[str] = set()
    for name in (
        *_quoted(reading),
        *(_capitalised(reading) if reading.language == "en" else _chinese(reading)),
    ):
        if name not in seen:
            seen.add(name)
            yield Claim(
                kind="name",
                text=name,
                reason=f"No tool result holds '{name}'. Name only products from results, by their short names.",
            )


def _quoted(reading: Reading) -> Iterator[str]:
    for match in _QUOTED.finditer(reading.text):
        name = match.group(1).strip()
        if fold(name) in reading.words.sets["reply_words"] or reading.hedged or _is_status(reading, fold(name)):
            continue
        if not (has_cjk(name) or (name[0].isupper() and " " in name)):
            continue
        covered = [m for m in reading.mentions if m.start < match.end(1) and m.end > match.start(1)]
        if any(m.whole or m.end - m.start >= len(name) for m in covered) or _is_held(reading, name):
            continue
        yield name


def _is_status(reading: Reading, name: str) -> bool:
    """The name of a status: 'the status is “Cancelled”'."""
    return any(reading.words.pattern[f"status_{status}"].fullmatch(name) for status in reading.words.statuses)


def _capitalised(reading: Reading) -> Iterator[str]:
    spans = [(code.start, code.end) for code in reading.codes] + [(m.start, m.end) for m in reading.mentions if m.whole]
    spans += [(day.start, day.end) for day in reading.days]
    text = blank(reading.text, spans)
    for match in _RUN.finditer(text):
        words = _trimmed(
            reading,
            match.group().split(),
            first=not text[: match.start()].strip(" \"'“(|-:")
            or text[: match.start()].rstrip().endswith((".", ":", "!", "|", "?")),
        )
        names = [word for word in words if not _is_ordinary(reading, word)]
        if len(words) >= 2 and names and not _is_held(reading, " ".join(words)):
            yield " ".join(words)
    if reading.rules_out and reading.words.has("negation", reading.stated):
        return
    for match in _PLACE.finditer(text) if reading.about_order or "shipping" in reading.topics else ():
        if not _is_ordinary(reading, match["name"]) and not _is_held(reading, match["name"]):
            yield match["name"]
    for match in _ACRONYM.finditer(text):
        if not _is_ordinary(reading, match.group()) and not _is_held(reading, match.group()):
            yield match.group()
    for match in _SINGLE.finditer(text):
        name = match.group("name")
        if not _is_ordinary(reading, name) and not _is_held(reading, name):
            yield name


def _trimmed(reading: Reading, words: list[str], *, first: bool) -> list[str]:
    """Drop the word that is capitalised only because the sentence begins with it, and a trailing number."""
    while words and first and words[0].lower().strip("'") in reading.words.sets["sentence_starters"]:
        words = words[1:]
    while words and words[0] in ("I", "The", "A", "An", "Our", "Your"):
        words = words[1:]
    while words and re.fullmatch(r"[\d.]+|of|the|and|for|x|&|I|I'\w+", words[-1]):
        words = words[:-1]
    return words


def _is_ordinary(reading: Reading, word: str) -> bool:
    low = word.lower().rstrip("'s").strip("'") if word.lower().endswith("'s") else word.lower()
    ordinary = reading.words.sets["ordinary_names"]
    if (
        low in ordinary
        or low in reading.words.sets["sentence_starters"]
        or low in reading.words.sets["stop"]
        or low in reading.words.units
    ):
        return True
    return (
        bool(reading.words.concepts.fullmatch(low))
        or bool(re.fullmatch(r"[\d.]+\w{0,2}", low))
        or low in reading.words.currencies
    )


def _is_held(reading: Reading, name: str) -> bool:
    """A name is held if one product, order, policy or message of the customer's has all its words."""
    facts = reading.facts
    folded = fold(name)
    if folded in facts.account_text:
        return True
    if folded in facts.customer_text or folded in facts.policy_text or folded in facts.order_text:
        return True
    wanted = [stem for stem in stems_of(name) if not stem.isdigit()]
    if not has_cjk(name) and _held_by_one(wanted, facts):
        return True
    return any(folded in corpus(product) or is_part_of_name(name, product.title) for product in facts.products.values())


def _held_by_one(wanted: list[str], facts: Facts) -> bool:
    places = ["\n".join(_name_texts(product)) for product in facts.products.values()]
    places += [facts.policy_text, facts.customer_text, facts.order_text]
    places.append(
        " ".join(
            f"{o.address.city} {o.address.region} {o.carrier} {o.payment_method.label}" for o in facts.orders.values()
        ).lower()
    )
    return any(all(stem in words for stem in wanted) for words in (set(stems_of(place)) for place in places))


def _name_texts(product: Product) -> Iterator[str]:
    """What a name may be put together from: titles, brand, category, attributes and options; not the description."""
    for texts in product.texts.values():
        yield texts.title
        yield texts.short_name
    yield from (text for text in (product.brand, product.category, product.department) if text)
    for name, value in product_attributes(product):
        yield name
        yield value


def _chinese(reading: Reading) -> Iterator[str]:
    for match in _ZH_DESTINATION.finditer(reading.stated) if reading.facts.passages else ():
        pairs = [match["place"][i : i + 2] for i in range(len(match["place"]) - 1)]
        told = any(pair in reading.facts.policy_text or pair in reading.facts.customer_text for pair in pairs)
        if not told and not reading.negated(match.start(), reading.stated):
            yield match["place"]
    bold = [part for part in bold_parts(reading.sentence) if has_cjk(part)]
    leads = [match["name"].strip() for match in _ZH_LEAD.finditer(fold(reading.sentence))]
    placed = [match["name"] or match["subject"] for match in _ZH_PLACES.finditer(reading.plain)]
    for name in (*bold, *leads, *placed):
        if any(
            fold(name) in reading.folded[m.start : m.end]
            or (reading.folded[m.start : m.end] in fold(name) and (m.whole or m.end - m.start >= 0.6 * len(name)))
            for m in reading.mentions
        ):
            continue
        if (
            name
            and has_cjk(name)
            and (name[-1] in reading.words.sets["product_heads"] or _is_recommended(reading, name, bold))
            and not _is_held(reading, name)
        ):
            yield name


def _is_recommended(reading: Reading, name: str, bold: list[str]) -> bool:
    """'推荐**X**' names a product whatever X is called."""
    return name in bold and re.search(r"推荐|试试|看看|考虑|款", reading.folded) is not None
