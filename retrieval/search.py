"""`Catalogue`, the only door to the products.

Understand the words → filter and retrieve wide → fuse → rank → the shop's own hand → diversify → cut to k.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine

from retrieval.candidates import Retrievers
from retrieval.database import DATABASE_FILE, open_database
from retrieval.diversity import diversify
from retrieval.errors import CatalogueError, IndexDamaged, ProductNotFound, UnknownName
from retrieval.finding import Finder
from retrieval.indexing import SearchIndex, damage_message, open_current_index
from retrieval.merchandising import Merchandising
from retrieval.named import named_ids
from retrieval.product_store import ProductStore
from retrieval.query import QueryPlan, understand
from retrieval.ranking.ranker import Ranker
from retrieval.recommending.indexed import items_of
from retrieval.recommending.items import Items
from retrieval.registry import unknown_name
from retrieval.schema import Encoder, Filters, Hit, Money, Product, Query, Reranker
from retrieval.understanding.heeding import Heeded
from retrieval.understanding.query_log import FollowedSearch, QueryLog, learn_query_log
from retrieval.vector_places import STORE_FOLDER, VectorPlace
from retrieval.words import fold, plain_words

_LONGEST_QUERY = 1000
# An import in the middle of a search would mix old and new products, so such a search is made again, so often at most.
_ATTEMPTS = 5
# What `Catalogue.rank` can be asked for, and an evaluation compares.
SYSTEMS = ("lexical", "dense", "fused", "reranked")


def open_catalogue(
    store: Path,
    encoder: Encoder,
    reranker: Reranker | None = None,
    engine: Engine | None = None,
    ranker: Ranker | None = None,
    place: VectorPlace = STORE_FOLDER,
) -> "Catalogue":
    """Open the shop in a folder, its products in `engine` where that is another database, its vectors in `place`.

    Raises `IndexDamaged`, naming the command that rebuilds it, when there is no index, or not one for these products
    and this encoder, or when a file of it has changed; `IndexServerError` when a server doesn't answer.
    """
    if engine is None and not (store / DATABASE_FILE).is_file():
        raise IndexDamaged(damage_message(store, f"there is no {DATABASE_FILE}"))
    try:
        products = ProductStore(engine or open_database(store))
    except CatalogueError as error:
        raise IndexDamaged(damage_message(store, str(error))) from error
    return Catalogue(store, products, encoder, reranker, ranker, place)


class Catalogue:
    """Finds products and tells what the product store holds of them. Safe to share between threads."""

    def __init__(
        self,
        store: Path,
        products: ProductStore,
        encoder: Encoder,
        reranker: Reranker | None = None,
        ranker: Ranker | None = None,
        place: VectorPlace = STORE_FOLDER,
    ) -> None:
        self._store = store
        self._place = place
        self._products = products
        self._encoder = encoder
        self._merchandising = Merchandising(store)
        self._finder = Finder(products, encoder, self._merchandising, ranker, reranker)
        self._heeded = Heeded()
        self._opening = threading.Lock()
        self._index = open_current_index(store, products, encoder, place)

    def search(self, query: Query) -> list[Hit]:
        """Return at most `query.k` hits inside the limits, best first; none where nothing in the shop fits.

        The limits are those of the query and those that its words name. A product called by id or name comes first,
        after those that the shop has pinned. Without words the best rated come. The stage of a hit is 'pinned',
        'named', 'fused', 'ranked', 'reranked' or 'best_rated'.
        """
        for _ in range(_ATTEMPTS):
            generation = self._products.generation()
            hits = self._search(query)
            if self._products.generation() == generation:
                break
        return hits

    def generation(self) -> str | None:
        """Return the name of the index in use, which every import that changes what is indexed renews."""
        return self._products.generation()

    def rank(self, text: str, k: int = 100, system: str = "fused", language: str = "en") -> list[str]:
        """Return the ids of at most k products as one of `SYSTEMS` orders the whole catalogue, best first.

        'lexical' and 'dense' are the two retrievers alone, asked the text as it is (dense finds nothing for a script
        that the encoder doesn't know). 'fused' is both for what `understand` makes of the text; 'reranked' is what a
        shopper sees, but for the judgment that nothing fits. Raises `UnknownName`, also for 'reranked' where the
        catalogue has nothing that ranks.
        """
        ranks = self._finder.ranks
        if system not in SYSTEMS or (system == "reranked" and not ranks):
            there = [name for name in SYSTEMS if name != "reranked" or ranks]
            raise UnknownName(unknown_name("system", dict.fromkeys(there), system))
        query = Query(text=text, k=k, language=language)
        if system == "reranked":
            return [hit.product.id for hit in self._search(query, always=True)]
        index = self._current_index()
        if system == "fused":
            plan = self._understood(index, text, language)
            return self._finder.candidates(index, plan.text or text, plan, query).ids[:k]
        text = text[:_LONGEST_QUERY]
        if system == "lexical":
            return index.lexical.search(text, k)
        return Retrievers(index, self._encoder).find_dense(text, k)[0]

    def fits(self, text: str, language: str = "en") -> bool:
        """Tell whether anything in the shop fits the text; anything found does where that can't be told."""
        index = self._current_index()
        plan = self._understood(index, text, language)
        return self._finder.fits(index, plan, Query(text=text, language=language))

    def says_only_limits(self, text: str, language: str = "en") -> bool:
        """Tell whether a query names a price and nothing else: 'under 80', 100块以内."""
        plan = self._understood(self._current_index(), text, language)
        return not plan.filters.empty and not plain_words(plan.text)

    def learn_words(self, searches: Iterable[FollowedSearch]) -> QueryLog:
        """Learn what shoppers call the products from what they clicked after which search."""
        followed = list(searches)
        clicked = self._products.get_many(list({search.product_id for search in followed}))
        return learn_query_log(followed, {product.id: product for product in clicked}, self._current_index().vocabulary)

    def heed(self, log: Callable[[], QueryLog]) -> None:
        """Understand every query also by the words that `log` returns then."""
        self._heeded.heed(log)

    def get_product(self, product_id: str) -> Product:
        """Return a product. Raises `ProductNotFound`, also for one that the shop never shows."""
        product = self._products.get(product_id)
        if self._merchandising.rules().never_show.selects(product):
            raise ProductNotFound(f"The product '{product_id}' isn't shown here.")
        return product

    def get_products(self, product_ids: Sequence[str]) -> list[Product]:
        """Return the products in the order of their ids; ids that are not there are left out."""
        return self._products.get_many(product_ids)

    def on_sale(self, product_ids: Sequence[str], max_price: Decimal | None = None) -> set[str]:
        """Return those of the products that may be offered: there, not sold out, not hidden, within the price."""
        among = list(dict.fromkeys(product_ids))
        sold_out = self._products.admitted_ids(Filters(in_stock=False), among)
        return self._products.admitted_ids(Filters(max_price=max_price), among) - sold_out - self._finder.hidden()

    def knows(self, words: str) -> bool:
        """Tell whether the shop's texts have these words, together, in any language."""
        return self._current_index().vocabulary.knows(fold(words))

    def items(self, known: Items | None = None) -> Items:
        """Return all products as arrays, with their vectors from the index.

        `known` are those of the same generation, of which only the prices may have changed.
        """
        facts = self._products.facts()
        if known is not None and known.ids == tuple(fact.id for fact in facts):
            return known.priced([fact.price for fact in facts])
        return items_of(facts, self._current_index().dense)

    def categories(self) -> list[str]:
        """Return the names of the categories, sorted."""
        return self._products.categories()

    def departments(self) -> list[str]:
        """Return the names of the departments, sorted."""
        return self._products.departments()

    def brands(self) -> list[str]:
        """Return the names of the brands, sorted."""
        return self._products.brands()

    def has_attribute(self, name: str, value: str) -> bool:
        """Tell whether any product has the attribute, in any of the catalogue's languages."""
        return bool(self._products.admitted_ids(Filters(attributes={name: value})))

    def count(self) -> int:
        """Return how many products the shop has."""
        return self._products.count()

    def check(self) -> int:
        """Return how many products the shop has, once the index has answered too. Raises `RetrievalError`."""
        dense = self._current_index().dense
        if dense is not None:
            dense.count()
        return self.count()

    def set_price_and_stock(
        self, product_id: str, price: Money | None, stock: int | None, variant_id: str | None = None
    ) -> None:
        """Set what a product or a variant costs and how many there are; the next search tells it."""
        self._products.set_price_and_stock(product_id, price, stock, variant_id)

    def _search(self, query: Query, always: bool = False) -> list[Hit]:
        """Search once; `always` shows the best even where nothing fits."""
        index = self._current_index()
        plan = self._understood(index, query.text[:_LONGEST_QUERY], query.language)
        query = query.model_copy(update={"filters": _within(query.filters, plan.filters)})
        if not plain_words(plan.text) and not (query.text.strip() and query.filters.empty):
            return self._arranged(query, [], self._best_rated(query))
        named = self._finder.read(self._named(index, query), "named", query)
        found = self._finder.find(index, plan, query, show_misfits=always or bool(named) or plan.vague)
        known = {hit.product.id for hit in named}
        return self._arranged(query, named, [hit for hit in found if hit.product.id not in known])

    def _understood(self, index: SearchIndex, text: str, language: str) -> QueryPlan:
        return understand(text, self._heeded.vocabulary(index.vocabulary), language)

    def _best_rated(self, query: Query) -> list[Hit]:
        ranked = self._products.best_rated(query.filters, query.k + len(self._finder.hidden()))
        return self._finder.read(ranked, "best_rated", query)

    def _arranged(self, query: Query, named: list[Hit], found: list[Hit]) -> list[Hit]:
        """Return k hits as the shop's own hand and variety want them."""
        arranged = self._merchandising.arrange(query, [*named, *found], self._products.get_many)
        first = [*arranged.pinned, *(hit for hit in arranged.ranked if hit.stage == "named")]
        others = [hit for hit in arranged.ranked if hit.stage != "named"]
        return [*first, *diversify(others, len(others), above=first), *arranged.buried][: query.k]

    def _named(self, index: SearchIndex, query: Query) -> list[tuple[str, float]]:
        found = named_ids(query.text[:_LONGEST_QUERY], self._products, index.vocabulary)
        admitted = self._products.admitted_ids(query.filters, among=found) if found else set()
        return [(identifier, 1.0) for identifier in found if identifier in admitted]

    def _current_index(self) -> SearchIndex:
        """Return the index that belongs to the products, opened anew after an import."""
        generation = self._products.generation()
        if generation == self._index.name:
            return self._index
        with self._opening:
            if generation != self._index.name:
                # The old one is not closed: a search on another thread may be reading it.
                self._index = open_current_index(self._store, self._products, self._encoder, self._place)
            return self._index


def _within(given: Filters, said: Filters) -> Filters:
    """Return the limits of the query, and of those that its words name the ones that it doesn't set itself."""
    fields = given.model_dump(exclude_defaults=True)
    if "min_price" in fields or "max_price" in fields:
        said = said.model_copy(update={"min_price": None, "max_price": None, "currency": None})
    return Filters.model_validate({**said.model_dump(exclude_defaults=True), **fields})
