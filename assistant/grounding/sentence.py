"""One sentence: its words and numbers, what it names, what it states and what it only asks."""

import re
from dataclasses import dataclass
from functools import cached_property

from assistant.grounding.dates import Day, find_days
from assistant.grounding.facts import Facts
from assistant.grounding.identifiers import Code, find_codes
from assistant.grounding.names import Mention, find_mentions
from assistant.grounding.negation import is_negated
from assistant.grounding.numbers import Quantity, quantities
from assistant.grounding.pointing import pointed_at
from assistant.grounding.product_facts import product_attributes
from assistant.grounding.schema import Focus
from assistant.grounding.stating import conditions, questions, segments
from assistant.grounding.text import blank, clean, fold, language_of
from assistant.grounding.words import Words

_CLAUSE = re.compile(r"[,;:—。|]|\s-\s|(?<![a-z])(?:but|so|and then|while)(?![a-z])")
_SOME = re.compile(
    r"(?:one|two|three|four|five|six|seven|eight|nine|\d+) of (?:them|these|those|the)(?![a-z])|其中|(?:里|中|当中)有"
)
_CART = re.compile(r"(?<![a-z])(?:carts?|basket|checkout|check out)(?![a-z])|购物车|结账")


@dataclass(frozen=True)
class Sentence:
    """A sentence before it is known what it is about. All positions count in `folded`."""

    sentence: str
    facts: Facts
    focus: Focus
    words: Words

    @cached_property
    def text(self) -> str:
        """The sentence without markdown."""
        return clean(self.sentence)

    @cached_property
    def folded(self) -> str:
        """The same in lower case, sign for sign."""
        return fold(self.text)

    @cached_property
    def language(self) -> str:
        """'en', 'zh' or 'other'."""
        return language_of(self.text, self.words.common["en"], self.words.common["other"])

    @cached_property
    def mentions(self) -> list[Mention]:
        """Where products are named."""
        products = self.facts.products.values()
        found = find_mentions(self.text, products, shortened=self.language != "other")
        named = [mention for mention in found if mention.whole or self._is_name(mention)]
        return sorted([*named, *pointed_at(self.folded, self.facts.shown, named)], key=lambda mention: mention.start)

    @cached_property
    def codes(self) -> list[Code]:
        """Links, order numbers and the like."""
        return find_codes(self.folded, self.facts, [(m.start, m.end) for m in self.mentions])

    @cached_property
    def about_cart(self) -> bool:
        """Whether the sentence speaks of the cart, and there is one."""
        return self.facts.cart is not None and _CART.search(self.folded) is not None

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """Dates and weekdays."""
        taken = [(m.start, m.end) for m in self.mentions] + [(c.start, c.end) for c in self.codes]
        return find_days(blank(self.folded, taken))

    @cached_property
    def plain(self) -> str:
        """The folded text with names, identifiers and dates blanked out, so that they claim nothing."""
        spans = [(mention.start, mention.end) for mention in self.mentions]
        spans += [(code.start, code.end) for code in self.codes] + [(day.start, day.end) for day in self.days]
        return blank(self.folded, spans)

    @cached_property
    def stated(self) -> str:
        """`plain` with questions and conditions blanked out, and parts that say it isn't known: what is put forward."""
        hedges = [(a, b) for a, b in self.segments if self.words.has("hedge", self.folded[a:b])]
        return blank(self.unasked, hedges)

    @cached_property
    def put(self) -> str:
        """`stated` with its conditions: in a policy a condition is part of the rule."""
        hedges = [(a, b) for a, b in self.segments if self.words.has("hedge", self.folded[a:b])]
        return blank(self.plain, [*questions(self.plain, self.language, self.words), *hedges])

    @cached_property
    def unasked(self) -> str:
        """`plain` with questions and conditions blanked out: 'I can't say, but I'll ask' still promises."""
        return blank(self.plain, self._unstated)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The numbers outside names, identifiers and dates."""
        return quantities(self.plain)

    @cached_property
    def segments(self) -> list[tuple[int, int]]:
        """The parts of the sentence that 'but' and semicolons set against each other."""
        return segments(self.folded)

    @cached_property
    def hedged(self) -> bool:
        """Whether all of the sentence says that something isn't known; a part that does so is left out of `stated`."""
        return all(self.words.has("hedge", self.folded[a:b]) for a, b in self.segments)

    @cached_property
    def echo(self) -> bool:
        """Whether the sentence gives back what the customer wants, or says that it wasn't found."""
        return self.words.has("request", self.folded) or self.not_found

    @cached_property
    def not_found(self) -> bool:
        """Whether the sentence says that nothing like it was found."""
        return self.words.has("not_found", self.folded)

    @cached_property
    def rules_out(self) -> bool:
        """Whether a policy says 'only', so that what it doesn't name may be denied: 'we don't deliver to Mexico'."""
        return re.search(r"(?<![a-z])only(?![a-z])|仅|只(?!要)", self.facts.policy_text) is not None

    @cached_property
    def reports(self) -> bool:
        """Whether the sentence tells what customers wrote."""
        return self.words.has("reports", self.folded)

    @cached_property
    def some(self) -> bool:
        """Whether only part of a group is spoken of."""
        return self.words.has("some_of", self.folded) or _SOME.search(self.folded) is not None

    @cached_property
    def asks(self) -> bool:
        """Whether the sentence as a whole is a question."""
        return not self.stated.strip(" ?!,.:;。、")

    def quote(self, start: int, end: int) -> str:
        """Return a stretch of the sentence as it was written."""
        return self.text[start:end].strip()

    def echoes(self, text: str) -> bool:
        """Tell whether the sentence gives back words that are the customer's."""
        return self.echo and text in self.facts.customer_text

    @cached_property
    def topics(self) -> frozenset[str]:
        """The subjects of policies that the sentence touches."""
        return frozenset(topic for topic, pattern in self.words.topics.items() if pattern.search(self.folded))

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the clause around a stretch of the sentence."""
        left = max((match.end() for match in _CLAUSE.finditer(self.folded, 0, start)), default=0)
        right = next((match.start() for match in _CLAUSE.finditer(self.folded, end)), len(self.folded))
        return left, right

    def nearest(self, keys: tuple[str, ...], start: int, end: int) -> str | None:
        """Return which of the word lists has a word nearest to the stretch; one before it counts as nearer."""
        best: tuple[int, str] | None = None
        for key in keys:
            for match in self.words.pattern[key].finditer(self.folded):
                if match.start() < start and match.end() > end:
                    return key  # 'get $20 back'
                distance = start - match.end() if match.end() <= start else 4 + match.start() - end
                if distance >= -3 and (best is None or distance < best[0]):
                    best = (max(distance, 0), key)
        return best[1] if best else None

    def negated(self, start: int, text: str | None = None) -> bool:
        """Tell whether a negation reaches the place: one in the same clause before it."""
        return is_negated(text if text is not None else self.folded, start, self.words)

    def _is_name(self, mention: Mention) -> bool:
        """A part of a name that is an ordinary or descriptive word ('Merino', 'USB-C', '四十') names no product."""
        part = self.folded[mention.start : mention.end]
        if re.fullmatch(r"[a-z]+\d+", part):
            return True  # a model's code
        rest = [
            word for word in re.findall(r"[^\W\d_]+", self.words.concepts.sub(" ", part)) if not self._is_common(word)
        ]
        if not rest or (not part.isascii() and all(sign in "零一二两三四五六七八九十百千万" for sign in part)):
            return False
        tables = (product_attributes(product) for product in self.facts.products.values())
        return not any(part in fold(value) for table in tables for _, value in table)

    def _is_common(self, word: str) -> bool:
        return word in self.words.sets["ordinary_names"] or word in self.words.sets["stop"]

    @property
    def _unstated(self) -> list[tuple[int, int]]:
        return [*questions(self.plain, self.language, self.words), *conditions(self.plain, self.words)]
