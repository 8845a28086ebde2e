"""`Catalogue`, the only door to the products: filter and retrieve wide → fuse → rerank → cut to k."""

import threading
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from retrieval.database import DATABASE_FILE, open_database
from retrieval.encoders import can_read
from retrieval.errors import CatalogueError, IndexDamaged, UnknownName
from retrieval.fusion import fuse
from retrieval.indexing import SearchIndex, damage_message, open_current_index
from retrieval.named import named_ids
from retrieval.product_store import ProductStore
from retrieval.product_texts import rerank_text
from retrieval.registry import unknown_name
from retrieval.schema import Encoder, Filters, Hit, Money, Product, Query, Reranker
from retrieval.words import plain_words

# How deep each retriever looks, how many of the fused the reranker reads, how much of a query is read at all.
_WIDE = 100
_RERANKED = 50
_LONGEST_QUERY = 1000
# An import in the middle of a search would mix old and new products, so such a search is made again, so often at most.
_ATTEMPTS = 5
# What `Catalogue.rank` can be asked for, and an evaluation compares.
SYSTEMS = ("lexical", "dense", "fused", "reranked")


def open_catalogue(
    store: Path, encoder: Encoder, reranker: Reranker | None = None, engine: Engine | None = None
) -> "Catalogue":
    """Open the shop in a folder, its products in `engine` where that is another database.

    Raises `IndexDamaged`, naming the command that rebuilds it, when there is no index, or not one for these products
    and this encoder, or when a file of it has changed.
    """
    if engine is None and not (store / DATABASE_FILE).is_file():
        raise IndexDamaged(damage_message(store, f"there is no {DATABASE_FILE}"))
    try:
        products = ProductStore(engine or open_database(store))
    except CatalogueError as error:
        raise IndexDamaged(damage_message(store, str(error))) from error
    return Catalogue(store, products, encoder, reranker)


class Catalogue:
    """Finds products and tells what the product store holds of them. Safe to share between threads."""

    def __init__(self, store: Path, products: ProductStore, encoder: Encoder, reranker: Reranker | None = None) -> None:
        self._store = store
        self._products = products
        self._encoder = encoder
        self._reranker = reranker
        self._opening = threading.Lock()
        self._index = open_current_index(store, products, encoder)

    def search(self, query: Query, rerank: bool = True) -> list[Hit]:
        """Return at most `query.k` hits inside the limits, best first; reranked where the catalogue has a reranker.

        A product called by id or name comes first. Without words the best rated come. The stage of a hit is 'named',
        'reranked', 'fused' or 'best_rated'.
        """
        for _ in range(_ATTEMPTS):
            generation = self._products.generation()
            hits = self._search(query, rerank)
            if self._products.generation() == generation:
                break
        return hits

    def rank(self, text: str, k: int = 100, system: str = "fused", language: str = "en") -> list[str]:
        """Return the ids of at most k products as one of `SYSTEMS` orders the whole catalogue, best first.

        'lexical' and 'dense' are the two retrievers alone (dense finds nothing for a script that the encoder doesn't
        know), 'fused' is `search` without the reranker, 'reranked' with it. Raises `UnknownName`, also for 'reranked'
        where the catalogue has no reranker.
        """
        if system not in SYSTEMS or (system == "reranked" and self._reranker is None):
            there = [name for name in SYSTEMS if name != "reranked" or self._reranker]
            raise UnknownName(unknown_name("system", dict.fromkeys(there), system))
        if system in ("fused", "reranked"):
            hits = self.search(Query(text=text, k=k, language=language), rerank=system == "reranked")
            return [hit.product.id for hit in hits]
        index, text = self._current_index(), text[:_LONGEST_QUERY]
        if system == "lexical":
            return index.lexical.search(text, k)
        if index.dense is None or not can_read(self._encoder, text):
            return []
        return index.dense.search(self._encoder.encode([text])[0], k)

    def get_product(self, product_id: str) -> Product:
        """Return a product. Raises `ProductNotFound`."""
        return self._products.get(product_id)

    def find_product(self, product_id: str) -> Product | None:
        """Return a product, None where no product has this id."""
        return self._products.find(product_id)

    def get_products(self, product_ids: Sequence[str]) -> list[Product]:
        """Return the products in the order of their ids; ids that are not there are left out."""
        return self._products.get_many(product_ids)

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

    def set_price_and_stock(
        self, product_id: str, price: Money | None, stock: int | None, variant_id: str | None = None
    ) -> None:
        """Set what a product or a variant costs and how many there are; the next search tells it."""
        self._products.set_price_and_stock(product_id, price, stock, variant_id)

    def _search(self, query: Query, rerank: bool) -> list[Hit]:
        text = query.text[:_LONGEST_QUERY].strip()
        if not text or (not plain_words(text) and not query.filters.empty):
            return self._read(self._products.best_rated(query.filters, query.k), "best_rated", query)
        named = self._named(text, query.filters)
        ranked = [entry for entry in self._retrieve(text, query) if entry[0] not in dict(named)]
        hits = self._read(named, "named", query) + self._rank(text, ranked, query, rerank)
        return hits[: query.k]

    def _named(self, text: str, filters: Filters) -> list[tuple[str, float]]:
        found = named_ids(text, self._products)
        admitted = self._products.admitted_ids(filters, among=found) if found else set()
        return [(identifier, 1.0) for identifier in found if identifier in admitted]

    def _retrieve(self, text: str, query: Query) -> list[tuple[str, float]]:
        """Return the fused ranking of admitted ids; where the wide one is too short, one over exactly the admitted."""
        index = self._current_index()
        wide = max(_WIDE, 2 * query.k)
        vector = self._encoder.encode([text])[0] if index.dense and can_read(self._encoder, text) else None

        def ranked(ids: set[str] | None = None) -> list[tuple[str, float]]:
            dense = index.dense.search(vector, wide, query.filters, ids) if index.dense and vector is not None else []
            return fuse(dense, index.lexical.search(text, wide, query.filters, ids))

        found = ranked()
        if query.filters.empty:
            return found
        admitted = self._products.admitted_ids(query.filters, among=[identifier for identifier, _ in found])
        inside = [entry for entry in found if entry[0] in admitted]
        return inside if len(inside) >= query.k else ranked(self._products.admitted_ids(query.filters))

    def _rank(self, text: str, ranked: Sequence[tuple[str, float]], query: Query, rerank: bool) -> list[Hit]:
        if self._reranker is None or not rerank:
            return self._read(ranked[: query.k], "fused", query)
        depth = max(_RERANKED, query.k)
        hits = self._read(ranked[:depth], "fused", query)
        texts = [rerank_text(hit.product, hit.product.text(query.language)) for hit in hits]
        scores = self._reranker.score(text, texts)
        reranked = [
            Hit(product=hit.product, score=score, stage="reranked") for hit, score in zip(hits, scores, strict=True)
        ]
        return sorted(reranked, key=lambda hit: -hit.score)

    def _read(self, ranked: Sequence[tuple[str, float]], stage: str, query: Query) -> list[Hit]:
        """Read the products from the store, which may know better by now what the filters admit."""
        scores = dict(ranked)
        return [
            Hit(product=product, score=scores[product.id], stage=stage)
            for product in self._products.get_many(list(scores))
            if query.filters.admit(product)
        ]

    def _current_index(self) -> SearchIndex:
        """Return the index that belongs to the products, opened anew after an import."""
        generation = self._products.generation()
        if generation == self._index.name:
            return self._index
        with self._opening:
            if generation != self._index.name:
                # The old one is not closed: a search on another thread may be reading it.
                self._index = open_current_index(self._store, self._products, self._encoder)
            return self._index
