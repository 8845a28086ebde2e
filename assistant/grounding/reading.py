"""One sentence taken apart: which products and orders it is about, what it states and what it only asks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from assistant.grounding.dates import Day, find_days
from assistant.grounding.facts import Facts, corpus, product_attributes
from assistant.grounding.identifiers import Code, find_codes
from assistant.grounding.names import Mention, find_mentions
from assistant.grounding.negation import is_negated
from assistant.grounding.numbers import Quantity, quantities
from assistant.grounding.pointing import of_brand, picked_out, pointed_at
from assistant.grounding.schema import Focus
from assistant.grounding.stating import conditions, questions, segments
from assistant.grounding.text import blank, clean, fold, language_of
from assistant.grounding.words import Words
from assistant.schema import Order
from retrieval.schema import Product

_CONNECTOR = re.compile(
    r"[\s,、和与及或跟/|&()+\"“”「」]*(?:and|or|the|both|plus|以及|还有|as well as|nor|\s)*[\s,、\"“「]*"
)
_CONTRAST = re.compile(r"(?:unlike|compared (?:to|with)|instead of|rather than|than|versus|vs\.?)\s*(?:the\s+)?$")
_FOR_NEXT = re.compile(r"\s*(?:for|buys you|gets you|,? which is|on|with|by)\s+(?:the\s+|our\s+)?")
_CLAUSE = re.compile(r"[,;:—。|]|\s-\s|(?<![a-z])(?:but|so|and then|while)(?![a-z])")


# A shorter sentence stands in a long text by chance.
_QUOTE_LENGTH = 10
_SOME = re.compile(
    r"(?:one|two|three|four|five|six|seven|eight|nine|\d+) of (?:them|these|those|the)(?![a-z])|其中|(?:里|中|当中)有"
)


_CART = re.compile(r"(?<![a-z])(?:carts?|basket|checkout|check out)(?![a-z])|购物车|结账")


@dataclass(frozen=True)
class Scope:
    """The products that a place in a sentence speaks of; `need` tells whether a claim must hold for all or any."""

    products: tuple[Product, ...]
    need: Literal["all", "any"]
    named: bool


@dataclass(frozen=True)
class Reading:
    """A sentence with what every check needs to know of it. All positions count in `folded`."""

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

    @cached_property
    def groups(self) -> list[list[Mention]]:
        """Mentions joined by 'and' and commas, from left to right."""
        groups: list[list[Mention]] = []
        for mention in self.mentions:
            if (
                groups
                and not _CONTRAST.search(self.folded[: groups[-1][0].start])
                and _CONNECTOR.fullmatch(self.folded[groups[-1][-1].end : mention.start])
            ):
                groups[-1].append(mention)
            else:
                groups.append([mention])
        return groups

    def quote(self, start: int, end: int) -> str:
        """Return a stretch of the sentence as it was written."""
        return self.text[start:end].strip()

    def echoes(self, text: str) -> bool:
        """Tell whether the sentence gives back words that are the customer's."""
        return self.echo and text in self.facts.customer_text

    def group_at(self, position: int) -> list[Mention]:
        """Return the named products that a place in the sentence speaks of; none: it names none."""
        if not self.groups:
            return []
        before = [group for group in self.groups if group[0].start <= position]
        after = [group for group in self.groups if group[0].start > position]
        if not before:
            others = [q for q in self.quantities if q.currency and position < q.start < after[0][0].start]
            # '$27.80 a bag, $61 for the bed': the second amount is the bed's.
            return [] if others and "," in self.folded[position : others[0].start] else after[0]
        if after:
            quantity_end = next((q.end for q in self.quantities if q.start <= position < q.end), position)
            gap = self.folded[quantity_end : after[0][0].start]
            if _FOR_NEXT.fullmatch(gap):
                return after[0]
        return before[-1]

    def scope(self, position: int) -> Scope:
        """Return the products that a place in the sentence speaks of."""
        group = self.group_at(position)
        if group:
            return Scope(_unique(mention.product for mention in group), "all", named=True)
        return self._unnamed

    def order_scope(self, position: int) -> tuple[Order, ...]:
        """Return the orders that a place in the sentence speaks of."""
        named = [code for code in self.codes if code.kind == "order number"]
        if named:
            before = [code for code in named if code.start <= position] or named[:1]
            orders = self.facts.orders
            joined = _joined_codes(self.folded, named, before[-1])
            return tuple(orders[code.order_id] for code in joined if code.order_id)
        named_ids = {mention.product.id for mention in self.group_at(position)}
        holding = (o for o in self.facts.orders.values() if named_ids & {line.product_id for line in o.lines})
        return tuple(holding) or self._unnamed_orders

    @cached_property
    def about_order(self) -> bool:
        """Whether facts of an order may be meant."""
        if any(code.kind in ("order number", "tracking number") for code in self.codes):
            return True
        if not self.facts.orders:
            return False
        if self.words.has("order_subject", self.folded) or self.words.has("refund", self.folded):
            return True
        if self.mentions:
            return bool(self.focus.order_id) or not self.facts.listings
        return self.facts.latest_is_about_orders or (bool(self.focus.order_id) and not self.focus.product_ids)

    @cached_property
    def topics(self) -> frozenset[str]:
        """The subjects of policies that the sentence touches."""
        return frozenset(topic for topic, pattern in self.words.topics.items() if pattern.search(self.folded))

    @cached_property
    def next_focus(self) -> Focus:
        """What 'it' refers to in the next sentence."""
        ids = tuple(dict.fromkeys(mention.product.id for mention in self.mentions))
        orders = [code.order_id for code in self.codes if code.order_id]
        if not ids and not orders and self._unnamed.named:
            ids = tuple(product.id for product in self._unnamed.products)
        only = self._unnamed_orders[0].id if self.about_order and len(self._unnamed_orders) == 1 and not ids else None
        return Focus(
            product_ids=ids or self.focus.product_ids,
            order_id=(orders[-1] if orders else None) or self.focus.order_id or only,
        )

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

    # -- helpers -------------------------------------------------------------------------------------------------------

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

    @cached_property
    def quotes(self) -> bool:
        """Whether the sentence stands word by word in the description of what it is about, or in a policy."""
        wanted = self.folded.strip()
        if len(wanted) < _QUOTE_LENGTH:
            return False
        places = [self.facts.policy_text, *(corpus(product) for product in self.scope(0).products[:4])]
        return any(wanted in place for place in places)

    @property
    def restriction(self) -> tuple[int, int] | None:
        """Where the sentence picks out products by an attribute without claiming it: 'both wireless models are …'."""
        return self._restricted[1]

    @cached_property
    def _restricted(self) -> tuple[tuple[Product, ...], tuple[int, int] | None]:
        shown = self.facts.shown
        by_brand = of_brand(self.folded, shown)
        return (by_brand, None) if by_brand and not self.mentions else picked_out(self.folded, shown, self.words)

    @property
    def _unstated(self) -> list[tuple[int, int]]:
        return [*questions(self.plain, self.language, self.words), *conditions(self.plain, self.words)]

    @cached_property
    def _unnamed(self) -> Scope:
        """The products a sentence without a name speaks of; `named` when a word points at one of them."""
        shown = self._restricted[0]
        plural = self.words.has("many", self.folded) or self.words.has("all_of", self.folded)
        focused = tuple(self.facts.products[i] for i in self.focus.product_ids if i in self.facts.products)
        single = self.words.has("one", self.folded) and not plural
        whole = not single and self.words.has("whole_list", self.folded)
        need: Literal["all", "any"] = "all" if plural and not self.some else "any"
        if focused and not whole and not (len(focused) == 1 and self.words.has("all_subject", self.folded)):
            return Scope(focused, "all" if single and len(focused) == 1 else need, named=False)
        return Scope(shown, need, named=False)

    @cached_property
    def _unnamed_orders(self) -> tuple[Order, ...]:
        orders = self.facts.orders
        if self.words.has("recent", self.folded) and self.facts.latest_orders:
            return (max(self.facts.latest_orders, key=lambda order: order.placed_at),)
        if self.focus.order_id in orders:
            return (orders[self.focus.order_id],)
        return tuple(orders[order.id] for order in self.facts.latest_orders)


def _unique(products: Iterable[Product]) -> tuple[Product, ...]:
    seen: dict[str, Product] = {}
    for product in products:
        seen.setdefault(product.id, product)
    return tuple(seen.values())


def _joined_codes(text: str, codes: list[Code], last: Code) -> list[Code]:
    index = codes.index(last)
    first = end = index
    while first > 0 and _CONNECTOR.fullmatch(text[codes[first - 1].end : codes[first].start]):
        first -= 1
    while end + 1 < len(codes) and _CONNECTOR.fullmatch(text[codes[end].end : codes[end + 1].start]):
        end += 1
    return codes[first : end + 1]
