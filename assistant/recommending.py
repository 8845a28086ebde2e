"""Recommendations for the shop's people: whose history may be used, what was said in the talk, and what is on sale."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assistant.history import History
from assistant.listening.subjects import concerns
from assistant.listening.tastes import tastes_in
from assistant.refitting import Pace, Refitted
from assistant.schema import (
    Conversation,
    Preference,
    PreferencesFound,
    Product,
    ProductDetails,
    ProductsRecommended,
)
from assistant.shop.records import ShopRecords
from assistant.shop.sessions import Clock, utc_now
from assistant.telling.phrases import phrase
from assistant.turns.turn import customer_texts
from retrieval.recommend import Admitted, Recommender, nearer_first
from retrieval.recommending.events import RawEvent
from retrieval.recommending.exploring import Explorer
from retrieval.recommending.formula import Formula
from retrieval.recommending.items import Items
from retrieval.recommending.learned import Ranking
from retrieval.recommending.schema import Suggestion
from retrieval.schema import Filters, Hit, Query, Value
from retrieval.search import Catalogue

_ASKED_DEPTH = 60
"""Hits of a purpose that are ranked for the customer."""
_CHOICES = 3
_LEAST_FOR_TRIAL = 4
_TRIED, _TRIED_ON_STRANGERS = 6, 60
"""Products without a history that one to try is chosen from: near what is known of somebody, any for a stranger."""
_FIXED = frozenset({"pinned", "named"})
_QUICKLY_NEAR = 20_000
"""Products up to which the nearest of each are found in seconds."""


class Wish(Value):
    """What a recommendation is asked for. `budget` is the highest price, in the shop's currency."""

    purpose: str | None = None
    companion: Product | None = None
    budget: Decimal | None = None


@dataclass(frozen=True)
class Shopper:
    """Whom a list is for: who they are, what they said, and which products they have looked at in this talk."""

    customer_id: str | None = None
    visitor_id: str | None = None
    language: str = "en"
    preferences: tuple[Preference, ...] = ()
    said: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()


class ShopRecommender:
    """Recommends from the shop's records and catalogue. Safe to share between threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        records: ShopRecords,
        clock: Clock = utc_now,
        ranking: Ranking | None = None,
        explore: float = 0.0,
        personal_search: bool = True,
        pace: Pace = Pace(),
    ) -> None:
        self._catalogue = catalogue
        self._records = records
        self._clock = clock
        self._ranking = ranking or Formula()
        self._explore = explore
        self._personal_search = personal_search
        self._history = History(records)
        self._items: tuple[str | None, Items] | None = None
        self.model = Refitted(self._state, self._fit, pace, self._fit_quickly)

    def recommend(
        self,
        customer_id: str | None,
        visitor_id: str | None = None,
        conversation: Conversation | None = None,
        k: int = 8,
        purpose: str | None = None,
        for_product: str | None = None,
        budget: Decimal | None = None,
        language: str = "en",
    ) -> ProductsRecommended:
        """Return at most k products for a customer or a guest, each with its reason.

        What was said and looked at in the conversation counts; `language` is the shopper's where there is none.
        Raises ProductNotFound for an unknown `for_product`.
        """
        companion = self._catalogue.get_product(for_product) if for_product else None
        shopper = _shopper_of(customer_id, visitor_id, conversation, language)
        return self.choose(shopper, Wish(purpose=purpose, companion=companion, budget=budget), k)

    def choose(self, shopper: Shopper, wish: Wish, k: int) -> ProductsRecommended:
        """Return at most k products that fit the wish and the shopper."""
        if wish.companion is not None:
            return self.goes_with(shopper, wish.companion, k, wish.budget)
        asked = self._asked(wish, shopper) if wish.purpose else None
        note = None
        if wish.purpose and not asked:
            note = f"Nothing here is for '{wish.purpose}' in particular; these are chosen by what is known."
        events = self._events(shopper)
        tastes = self._tastes(shopper)
        found = self.model.current().recommend(
            events,
            self._clock(),
            k=k + _CHOICES if tastes else k,
            admitted=self._admitted(shopper, wish, tastes),
            among=asked or None,
            segment=shopper.language,
        )
        liked = self._liked_first(found, tastes)[:k]
        if not wish.purpose:
            liked = self._with_a_trial(liked, events, self._admitted(shopper, wish, tastes))
        question = None if events or wish.purpose or tastes else self._question(liked, shopper.language)
        result = self._result("recommend", liked, question=question, note=note)
        if tried := tuple(each.product_id for each in liked if each.explored):
            self._records.interactions.show(result.attribution_id, tried, self._clock())
        return result

    def similar(self, shopper: Shopper, product: Product, k: int, cheaper: bool = False) -> ProductsRecommended:
        """Return what can take a product's place, for less where that is wanted."""
        admitted = self._admitted(shopper, Wish(), self._tastes(shopper), below=product if cheaper else None)
        found = self.model.current().similar(product.id, k, cheaper, admitted)
        return self._result("similar", found, because=product, cheaper=cheaper)

    def goes_with(
        self, shopper: Shopper, product: Product, k: int, budget: Decimal | None = None
    ) -> ProductsRecommended:
        """Return what is taken together with a product."""
        admitted = self._admitted(shopper, Wish(budget=budget), self._tastes(shopper))
        found = self.model.current().goes_with(product.id, self._events(shopper), self._clock(), k, admitted)
        return self._result("goes_with", found, because=product)

    def taste(self, shopper: Shopper) -> PreferencesFound:
        """Return what is known of the shopper's taste."""
        events = self._events(shopper)
        products = self._catalogue.get_products(list(dict.fromkeys(event.product_id for event in events)))
        counts: dict[str, int] = {}
        for product in products:
            if product.category:
                counts[product.category] = counts.get(product.category, 0) + 1
        most = sorted(counts, key=lambda name: -counts[name])[:_CHOICES]
        return PreferencesFound(
            preferences=self._tastes(shopper),
            categories=tuple(most),
            history=shopper.customer_id is not None and self._history.may_use(shopper.customer_id),
        )

    def remember(self, customer_id: str | None, preference: Preference) -> bool:
        """Keep a customer's taste beyond the talk; return whether that could be done."""
        if customer_id is None:
            return False
        return self._records.preferences.set(customer_id, preference.subject, preference.liked)

    def personalise(self, shopper: Shopper, hits: Sequence[Hit], k: int) -> list[Hit]:
        """Return the first k of a search's hits, those nearer to the shopper's past moved up by two places at most.

        What was pinned or called by name stays first; every hit keeps the limits of its search, since none is added.
        """
        events = self._events(shopper) if self._personal_search else []
        if not events:
            return list(hits[:k])
        near = self.model.current().affinity(events, [hit.product.id for hit in hits], self._clock())
        fixed = [hit for hit in hits if hit.stage in _FIXED]
        others = {hit.product.id: hit for hit in hits if hit.stage not in _FIXED}
        return [*fixed, *(others[product_id] for product_id in nearer_first(list(others), near))][:k]

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _events(self, shopper: Shopper) -> list[RawEvent]:
        now = self._clock().timestamp()
        seen = [RawEvent("", product_id, "view", now) for product_id in shopper.looked_at]
        return [*self._history.of(shopper.customer_id, shopper.visitor_id), *seen]

    def _tastes(self, shopper: Shopper) -> tuple[Preference, ...]:
        """Return what was said, now and earlier; the newer word on a subject counts."""
        kept: tuple[Preference, ...] = ()
        if shopper.customer_id is not None and self._history.may_use(shopper.customer_id):
            kept = self._records.preferences.of(shopper.customer_id)
        said = tastes_in(shopper.said, self._catalogue.knows)
        latest: dict[str, Preference] = {}
        for preference in (*shopper.preferences, *said, *kept):
            latest.setdefault(preference.subject.casefold(), preference)
        return tuple(latest.values())

    def _asked(self, wish: Wish, shopper: Shopper) -> dict[str, float]:
        query = Query(
            text=wish.purpose or "",
            filters=Filters(max_price=wish.budget),
            k=_ASKED_DEPTH,
            language=shopper.language,
        )
        hits = self._catalogue.search(query)
        # By rank: the scores of two stages don't compare.
        return {hit.product.id: 1 / (place + 10) for place, hit in enumerate(hits)}

    def _admitted(
        self, shopper: Shopper, wish: Wish, tastes: Sequence[Preference], below: Product | None = None
    ) -> Admitted:
        """Return what tells which products may be shown: on sale, within the budget, without what isn't wanted."""
        unwanted = tuple(taste.subject for taste in tastes if not taste.liked)

        def may_be_shown(product_ids: Sequence[str]) -> set[str]:
            on_sale = self._catalogue.on_sale(product_ids, wish.budget)
            if not unwanted and below is None:
                return on_sale
            # Products are read whole only where their texts or prices are needed: reading them is what takes time.
            return {
                product.id
                for product in self._catalogue.get_products(sorted(on_sale))
                if not concerns(product, unwanted) and (below is None or _costs_less(product, below))
            }

        return may_be_shown

    def _liked_first(self, found: Sequence[Suggestion], tastes: Sequence[Preference]) -> list[Suggestion]:
        liked = tuple(taste.subject for taste in tastes if taste.liked)
        if not liked:
            return list(found)
        products = {
            product.id: product for product in self._catalogue.get_products([each.product_id for each in found])
        }
        return sorted(found, key=lambda each: not concerns(products[each.product_id], liked))

    def _with_a_trial(
        self, found: list[Suggestion], events: Sequence[RawEvent], admitted: Admitted
    ) -> list[Suggestion]:
        """Put now and then a product without a history into the last place, to learn whether it is liked."""
        explorer = Explorer(self._explore)
        if len(found) < _LEAST_FOR_TRIAL or not explorer.draws():
            return found
        shown = {each.product_id for each in found}
        most = _TRIED if events else _TRIED_ON_STRANGERS
        fresh = self.model.current().untried(events, self._clock(), most, admitted)
        untried = {each.product_id: each for each in fresh if each.product_id not in shown}
        chosen = explorer.choose(list(untried), self._records.interactions.trials())
        return [*found[:-1], untried[chosen]] if chosen else found

    def _question(self, found: Sequence[Suggestion], language: str) -> str:
        """Ask what would tell most: which of the kinds on the screen comes nearest."""
        products = self._catalogue.get_products([each.product_id for each in found])
        kinds = list(dict.fromkeys(p.department for p in products if p.department and p.language == language))
        if len(kinds) < 2:
            return phrase("ask_purpose", language)
        comma, last = phrase("list_comma", language), phrase("list_or", language)
        *first, end = kinds[:_CHOICES]
        return phrase("ask_which_kind", language, choices=comma.join(first) + last + end)

    def _result(
        self,
        asked: str,
        found: Sequence[Suggestion],
        because: Product | None = None,
        cheaper: bool = False,
        question: str | None = None,
        note: str | None = None,
    ) -> ProductsRecommended:
        products = self._catalogue.get_products([each.product_id for each in found])
        reasons = {each.product_id: each.reason for each in found}
        wanted = dict.fromkeys(r.product_id for r in reasons.values() if r.product_id)
        grounds = self._catalogue.get_products(list(wanted))
        if because is not None:
            # The product that was asked about comes last, whether a reason speaks of it or not.
            grounds = [*(product for product in grounds if product.id != because.id), because]
        return ProductsRecommended.model_validate(
            {
                "asked": asked,
                "products": tuple(products),
                "reasons": reasons,
                "because": tuple(grounds),
                "cheaper": cheaper,
                "question": question,
                "note": note,
                "made_on": self._clock().date(),
            }
        )

    def _state(self) -> str:
        return f"{self._catalogue.generation()} {self._history.state()}"

    def _fit(self) -> Recommender:
        """Learn from the catalogue and the log as they are."""
        items = self._read_items()
        # Here, and not when the first shopper asks: for many products it takes minutes.
        _ = items.close
        return self._learned(items)

    def _fit_quickly(self) -> Recommender | None:
        """Learn all but what is alike, where that takes long; None where it doesn't."""
        items = self._read_items()
        return self._learned(items.without_neighbours()) if len(items.ids) > _QUICKLY_NEAR else None

    def _learned(self, items: Items) -> Recommender:
        return Recommender(self._history.fit(items, self._clock()), self._ranking)

    def _read_items(self) -> Items:
        """Read the products; what is known of those of one generation is kept, but for their prices."""
        generation = self._catalogue.generation()
        known = self._items[1] if self._items and self._items[0] == generation else None
        items = self._catalogue.items(known)
        self._items = (generation, items)
        return items


def _shopper_of(
    customer_id: str | None, visitor_id: str | None, conversation: Conversation | None, language: str
) -> Shopper:
    if conversation is None:
        return Shopper(customer_id, visitor_id, language)
    looked_at = tuple(each.product.id for each in conversation.results if isinstance(each, ProductDetails))
    return Shopper(
        customer_id=customer_id or conversation.customer_id,
        visitor_id=visitor_id or conversation.visitor_id,
        language=conversation.language,
        preferences=tuple(conversation.preferences),
        said=customer_texts(conversation),
        looked_at=looked_at,
    )


def _costs_less(product: Product, other: Product) -> bool:
    return (
        product.price is not None
        and other.price is not None
        and product.price.currency == other.price.currency
        and product.price.amount < other.price.amount
    )
