"""What a sentence, and each place in it, is about: which of the products, which of the orders."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from assistant.grounding.identifiers import Code
from assistant.grounding.names import Mention
from assistant.grounding.pointing import of_brand, picked_out
from assistant.grounding.product_facts import corpus
from assistant.grounding.schema import Focus
from assistant.grounding.sentence import Sentence
from assistant.schema import Order
from retrieval.schema import Product

_CONNECTOR = re.compile(
    r"[\s,、和与及或跟/|&()+\"“”「」]*(?:and|or|the|both|plus|以及|还有|as well as|nor|\s)*[\s,、\"“「]*"
)
_CONTRAST = re.compile(r"(?:unlike|compared (?:to|with)|instead of|rather than|than|versus|vs\.?)\s*(?:the\s+)?$")
_FOR_NEXT = re.compile(r"\s*(?:for|buys you|gets you|,? which is|on|with|by)\s+(?:the\s+|our\s+)?")
# A shorter sentence stands in a long text by chance.
_QUOTE_LENGTH = 10


@dataclass(frozen=True)
class Scope:
    """The products that a place in a sentence speaks of; `need` tells whether a claim must hold for all or any."""

    products: tuple[Product, ...]
    need: Literal["all", "any"]
    named: bool


@dataclass(frozen=True)
class Reading(Sentence):
    """A sentence with what every check needs to know of it."""

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
