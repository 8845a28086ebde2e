"""What is left of a statement once every word with evidence is taken out: nothing may be.

The other checks look for claims of a known kind. This one closes the list from the other side: a statement may hold
words that claim nothing (`coverage.toml`), words of the results it speaks of, and words of the customer's about the
customer. Any other word says something that nobody looked up.
"""

import re
from calendar import month_name
from collections.abc import Iterator

from assistant.grounding.order_facts import order_dates
from assistant.grounding.plain_words import PlainWords, load_plain_words, roots
from assistant.grounding.product_facts import corpus, reviews_of
from assistant.grounding.reading import Reading
from assistant.grounding.schema import Claim
from assistant.grounding.text import has_cjk

_WORD = re.compile(r"(?<![a-z])[a-z]{3,}")
_PART = re.compile(r"[,;:!?|—()。]|\.(?!\d)|\s-\s")
# 'With a cat at home, …': an opening that gives back the customer's words.
_OPENING = re.compile(r"\s*(?:with|for|since|as|because|given|on|in|at|during|when|if)(?![a-z])")
_OF_CUSTOMER = re.compile(
    r"(?<![a-z])(?:you|your|you're|you've|you'd|yours|he|she|him|her|his|they)(?![a-z])|您|你|孩子|宝宝|[他她]|请"
)
_OF_ALL = re.compile(r"(?<![a-z])(?:both|all)(?![a-z])")
_OF_ITSELF = re.compile(r"\s*(?:and |but |so |then )?i(?!\w)|[^,]{0,4}我(?!们)")
_HAN = re.compile(r"[\u3400-\u9fff]+")

# From here on a word that is part of a longer one may stand for it.
_COMPOUND = 5
# From how many letters a stem may grow into another word, and by how many.
_ROOT, _ENDING = 4, 3
# Words that have a check of their own.
_CHECKED = (
    "cheapest", "dearest", "best_rated", "worst_rated", "most_reviewed", "lightest", "heaviest", "most_stock",
    "other_superlative", "cheaper", "dearer", "more_reviewed", "better_rated", "worse_rated", "lighter", "heavier",
    "stock_in", "stock_out", "stock_low", "restock", "status_unknown",
)  # fmt: skip


def uncovered_words(reading: Reading) -> Iterator[Claim]:
    """Yield the words of a statement that neither claim nothing nor stand in the results."""
    if reading.hedged or reading.language == "other" or not reading.facts.evidence.results:
        return
    plain = load_plain_words()
    left = _left_chinese(reading, plain) if reading.language == "zh" else _left_english(reading, plain)
    for word in left:
        yield Claim(kind="unsupported", text=word, reason=f"No tool result says anything of '{word}'. Leave it out.")
        return


def _left_english(reading: Reading, plain: PlainWords) -> Iterator[str]:
    customer = roots(reading.facts.customer_text)
    usual = plain.order_english if _speaks_of_orders(reading) else plain.policy_english
    text_put = _put(reading)
    for start, end in _parts(text_put):
        part, texts = text_put[start:end], _texts(reading, start)
        if not any(re.search(r"[a-z]{3}", text) for text in texts):
            continue  # nothing in the sentence's language to compare it with
        held = usual.union(*(roots(text) for text in texts))
        if _claims_nothing(reading, part, start, end):
            continue
        known = held | customer if _is_of_customer(reading, part) else held
        scope = reading.scope(start)
        every = (
            _OF_ALL.search(part) is not None
            and scope.need == "all"
            and not reading.mentions
            and not reading.negated(end, text_put)
        )
        apart = [corpus(product) for product in scope.products] if every else []
        for match in _WORD.finditer(_without_checked(reading, start, end)):
            word = match.group()
            holding = [word[:_ROOT] in each for each in apart]
            if any(holding) and not all(holding) and not any(root in plain.english for root in plain.roots_of(word)):
                yield match.group()  # 'both fold', where one of them doesn't
            if len(word) >= _COMPOUND and any(word in text for text in texts):
                continue  # 'table' of a tabletop
            if not any(_is_known(root, known, plain) for root in plain.roots_of(match.group())):
                yield match.group()


def _is_known(root: str, known: frozenset[str], plain: PlainWords) -> bool:
    if root.startswith("un") and root[2:] in known:
        return True
    return root in plain.english or root in known or bool(plain.family(root) & known) or _is_derived(root, known)


def _is_derived(root: str, known: frozenset[str]) -> bool:
    """'It grips', where the text says 'grippy': one grows out of the other by a few letters that deny nothing."""
    return any(_grows(root, other) or _grows(other, root) for other in known)


def _grows(short: str, long: str) -> bool:
    return (
        len(short) >= _ROOT
        and 0 < len(long) - len(short) <= _ENDING
        and long.startswith(short)
        and not long.endswith("less")
    )


def _left_chinese(reading: Reading, plain: PlainWords) -> Iterator[str]:
    text_put = _put(reading)
    for start, end in _parts(text_put):
        part, held = text_put[start:end], "\n".join(text for text in _texts(reading, start) if has_cjk(text))
        if not held:
            continue
        if _claims_nothing(reading, part, start, end):
            continue
        known = f"{held}\n{reading.facts.customer_text}" if _is_of_customer(reading, part) else held
        text = plain.chinese_families(known).sub(" ", _without_checked(reading, start, end))
        # Pairs of signs first: '公斤装' mustn't be torn by a plain word.
        covered = [False] * len(text)
        for i in range(len(text) - 1):
            if text[i] > "\u3400" and text[i + 1] > "\u3400" and text[i : i + 2] in known:
                covered[i] = covered[i + 1] = True
        pattern = plain.order_chinese if _speaks_of_orders(reading) else plain.policy_chinese
        for match in pattern.finditer(text):
            covered[match.start() : match.end()] = [True] * (match.end() - match.start())
        left = "".join(sign if not done and sign > "\u3400" else " " for sign, done in zip(text, covered, strict=True))
        for run in _HAN.findall(left):
            if len(run) > 1 or (
                run not in known and run not in plain.chinese_signs and run not in plain.handling_signs
            ):
                yield run


def _claims_nothing(reading: Reading, part: str, start: int, end: int) -> bool:
    """What an 'only' of the policies rules out, and what the assistant says of itself (deeds are checked apart)."""
    if reading.rules_out and reading.words.has("negation", part):
        return True
    return _OF_ITSELF.match(part) is not None and not any(start <= m.start < end for m in reading.mentions)


def _speaks_of_orders(reading: Reading) -> bool:
    """Words of orders need an order, or at least no policy that they could contradict."""
    return bool(reading.facts.orders) or not reading.facts.passages


def _is_of_customer(reading: Reading, part: str) -> bool:
    """Whether a part of the sentence may give back the customer's words."""
    if (
        reading.echo
        or reading.words.has("empathy", reading.folded)
        or ((reading.facts.passages or reading.facts.orders) and not reading.mentions)
    ):
        return True
    return (_OF_CUSTOMER.search(part) or _OPENING.match(part)) is not None


def _put(reading: Reading) -> str:
    return reading.put if reading.facts.passages and not reading.mentions else reading.stated


def _without_checked(reading: Reading, start: int, end: int) -> str:
    """A part of the sentence without what other checks read: numbers with their units, and known attributes."""
    text = _put(reading)[start:end]
    spans = [(q.start - start, q.end - start) for q in reading.quantities if start <= q.start and q.end <= end]
    words = reading.words
    concepts = (words.concepts,) if reading.scope(0).products else ()
    patterns = (*concepts, *words.ranks.values(), *(words.pattern[key] for key in _CHECKED))
    spans += [match.span() for pattern in patterns for match in pattern.finditer(text)]
    for a, b in spans:
        text = text[:a] + " " * (b - a) + text[b:]
    return text


def _texts(reading: Reading, start: int) -> list[str]:
    """What may bear out the part that starts here; what customers are said to report, only their reviews."""
    facts = reading.facts
    products = {mention.product.id: mention.product for mention in reading.mentions}
    if not products:
        products = {product.id: product for product in reading.scope(0).products}
    texts = [reviews_of(product) for product in products.values()]
    reports = any(a <= start < b and reading.words.has("reports", reading.folded[a:b]) for a, b in reading.segments)
    if not (reports and any(texts)):
        texts += [corpus(product) for product in products.values()]
    texts += [facts.order_text, facts.policy_text, facts.said_text, facts.account_text, facts.held_text]
    texts.append(_words_of_results(reading))
    return [text for text in texts if text]


def _words_of_results(reading: Reading) -> str:
    """The words that the kinds of results stand for: a return has a fee and a refund, whatever they come to."""
    table = load_plain_words().of_results
    kinds = dict.fromkeys(result.type for result in reading.facts.evidence.results)
    return "\n".join([*(table[kind] for kind in kinds if kind in table), *_months(reading)])


def _months(reading: Reading) -> Iterator[str]:
    """Yield the names of the months in which something was or will be done with the orders."""
    for order in reading.facts.orders.values():
        yield from (month_name[day.month].lower() for day in order_dates(order).values() if day)


def _parts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _PART.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)
