"""From a query that is understood to ranked hits: retrieve wide, fuse, rank, and judge whether anything fits."""

from collections.abc import Sequence

from retrieval.boosting import boosted
from retrieval.candidates import Candidates, Retrievers
from retrieval.chinese.fitting import say_it
from retrieval.indexing import SearchIndex
from retrieval.merchandising import Merchandising
from retrieval.product_store import ProductStore
from retrieval.product_texts import rerank_text
from retrieval.query import QueryPlan
from retrieval.ranking.ranker import Ranker
from retrieval.schema import Encoder, Hit, Query, Reranker
from retrieval.understanding.negation import has_excluded
from retrieval.words import is_chinese

# How deep each retriever looks, how many of the ranked are read, and how many of those a reranker reads.
_WIDE = 100
_READ = 60
_RERANKED = 50
# So many of the lexical search's best are read for whether they say what a Chinese query names.
_CHINESE_READ = 50


class Finder:
    """The steps between understanding and the shop's own hand. Safe to share between threads."""

    def __init__(
        self,
        products: ProductStore,
        encoder: Encoder,
        merchandising: Merchandising,
        ranker: Ranker | None,
        reranker: Reranker | None,
    ) -> None:
        self._products = products
        self._encoder = encoder
        self._merchandising = merchandising
        self._ranker = ranker if ranker and ranker.knows(encoder) else None
        self._reranker = reranker

    @property
    def ranks(self) -> bool:
        """Whether anything here ranks what is found."""
        return self._ranker is not None or self._reranker is not None

    def find(self, index: SearchIndex, plan: QueryPlan, query: Query, show_misfits: bool) -> list[Hit]:
        """Return the best hits for the words and for what the shop says they mean as well, none where none fits."""
        text = plan.text or query.text
        best: dict[str, Hit] = {}
        for words in (text, *self._merchandising.rewrite(text)):
            candidates = self.candidates(index, words, plan, query)
            ranked, fits, stage = self._ranked(index, candidates)
            if not fits and not show_misfits and not self._said_in_chinese(index, candidates, plan):
                continue
            hits = self.read(ranked[: max(_READ, query.k)], stage, query)
            for hit in boosted(hits, plan.boosts, odds=stage == "ranked"):
                if hit.product.id not in best or hit.score > best[hit.product.id].score:
                    best[hit.product.id] = hit
        return self._reranked(text, sorted(best.values(), key=lambda hit: -hit.score), query)

    def candidates(self, index: SearchIndex, text: str, plan: QueryPlan, query: Query) -> Candidates:
        """Return the admitted candidates; where the wide search has too few, those of one over exactly the admitted."""
        retrievers, wide = Retrievers(index, self._encoder), max(_WIDE, 2 * query.k)
        found = retrievers.find(text, wide, query.filters, expansions=plan.expansions)
        hidden = self.hidden()
        if not query.filters.empty or hidden:
            inside = found.only(self._products.admitted_ids(query.filters, among=found.ids) - hidden)
            if len(inside.ids) < query.k:
                admitted = self._products.admitted_ids(query.filters) - hidden
                inside = retrievers.find(text, wide, query.filters, admitted, plan.expansions)
            found = inside
        return found.only(self._without(plan.excluded, found.ids)) if plan.excluded else found

    def fits(self, index: SearchIndex, plan: QueryPlan, query: Query) -> bool:
        """Tell whether anything fits; anything found does where that can't be told."""
        candidates = self.candidates(index, plan.text or query.text, plan, query)
        if not candidates.ids:
            return False
        return plan.vague or self._ranked(index, candidates)[1] or self._said_in_chinese(index, candidates, plan)

    def read(self, ranked: Sequence[tuple[str, float]], stage: str, query: Query) -> list[Hit]:
        """Read the products from the store, which may know better by now what the filters admit."""
        scores = dict(ranked)
        return [
            Hit(product=product, score=scores[product.id], stage=stage)
            for product in self._products.get_many(list(scores))
            if query.filters.admit(product)
        ]

    def hidden(self) -> frozenset[str]:
        """Return the ids of what the shop never shows."""
        return self._merchandising.hidden_ids(self._products.generation(), self._products.admitted_ids)

    def _without(self, excluded: tuple[str, ...], ids: Sequence[str]) -> set[str]:
        """Return those of the products that have nothing of what the shopper doesn't want."""
        return {product.id for product in self._products.get_many(ids) if not has_excluded(product, excluded)}

    def _ranked(self, index: SearchIndex, candidates: Candidates) -> tuple[list[tuple[str, float]], bool, str]:
        """Return (id, score) pairs, best first, whether any fits, and the stage they have come to."""
        # The ranker was trained on queries that the encoder can read, and makes others worse.
        if self._ranker is None or candidates.vector is None or not candidates.ids:
            # Without the encoder nothing can be told, but of a Chinese text by its words.
            return candidates.fused, self._ranker is None or not is_chinese(candidates.text), "fused"
        ranked = self._ranker.rank(index, candidates)
        return ranked.entries, ranked.fits, "ranked"

    def _said_in_chinese(self, index: SearchIndex, candidates: Candidates, plan: QueryPlan) -> bool:
        read = self._products.get_many(candidates.lexical[:_CHINESE_READ]) if is_chinese(candidates.text) else []
        return say_it(read, candidates, plan, index.vocabulary)

    def _reranked(self, text: str, hits: Sequence[Hit], query: Query) -> list[Hit]:
        """Return the hits with the first of them in the order of the reranker, where there is one."""
        if self._reranker is None:
            return list(hits)
        depth = max(_RERANKED, query.k)
        texts = [rerank_text(hit.product, hit.product.text(query.language)) for hit in hits[:depth]]
        scores = self._reranker.score(text, texts)
        scored = zip(hits, scores, strict=False)
        reranked = [hit.model_copy(update={"score": score, "stage": "reranked"}) for hit, score in scored]
        return [*sorted(reranked, key=lambda hit: -hit.score), *hits[depth:]]
