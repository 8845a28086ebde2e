"""What the ranker is trained on: each query's candidates, their features and their gains."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from finetune.search_data import SearchSet
from retrieval.encoders import can_read
from retrieval.query import understand
from retrieval.ranking.features import candidate_features
from retrieval.ranking.fields import FieldIndex, build_fields
from retrieval.understanding.negation import has_excluded
from retrieval.vocabulary import Vocabulary, build_vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDE = 100


@dataclass(frozen=True)
class RankedQuery:
    """A query in a shop and its n candidates in fused order: `features` (n, F), `gains` (n,) from 0 to 1."""

    query_id: str
    shop: str
    text: str
    rows: "NDArray[np.int64]"
    features: "NDArray[np.float32]"
    gains: "NDArray[np.float64]"
    judged: "NDArray[np.bool_]"
    ideal: tuple[float, ...]
    """The gains of all judged products, those that weren't found too."""


@dataclass(frozen=True)
class RankedShop:
    """A search set with the ranker's field index beside it."""

    shop: SearchSet
    fields: FieldIndex
    vocabulary: Vocabulary
    ids: tuple[str, ...]

    @cached_property
    def places(self) -> dict[str, int]:
        """Product id → row."""
        return {identifier: row for row, identifier in enumerate(self.ids)}

    def own_queries(self) -> Iterator[RankedQuery]:
        """Yield the set's own queries with what people judged."""
        for query_id, text in self.shop.queries.items():
            yield self.ask(query_id, text, self.shop.labels(query_id))

    def ask(
        self, query_id: str, text: str, labels: dict[str, float], without: Collection[int] = (), reading: bool = True
    ) -> RankedQuery:
        """Retrieve a query's candidates as search does, the rows in `without` taken out of the shop.

        `reading=False` leaves the encoder out, as for a script that it doesn't know. Price limits in the text limit
        nothing: judges weren't told prices.
        """
        encoder, absent = self.shop.encoder, set(without)
        plan = understand(text, self.vocabulary, "en")
        asked = plan.text or text
        lexical = self._rows(self.shop.lexical.search(asked, _WIDE + len(absent), expansions=plan.expansions), absent)
        vector = encoder.encode([asked])[0] if reading and can_read(encoder, asked) else None
        dense: list[int] = []
        if vector is not None:
            nearest = np.argsort(-(self.shop.vectors @ vector), kind="stable")[: _WIDE + len(absent)]
            dense = [int(row) for row in nearest if int(row) not in absent][:_WIDE]
        if plan.excluded:
            lexical, dense = self._without(plan.excluded, lexical), self._without(plan.excluded, dense)
        rows, features = candidate_features(self.fields, asked, lexical, dense, vector)
        found = [self.ids[row] for row in rows]
        return RankedQuery(
            query_id=query_id,
            shop=self.shop.name,
            text=text,
            rows=rows,
            features=features,
            gains=np.array([labels.get(product, 0.0) for product in found]),
            judged=np.array([product in labels for product in found], dtype=bool),
            ideal=tuple(sorted(labels.values(), reverse=True)),
        )

    def _without(self, excluded: tuple[str, ...], rows: Sequence[int]) -> list[int]:
        return [row for row in rows if not has_excluded(self.shop.products[self.ids[row]], excluded)]

    def _rows(self, found: Sequence[str], absent: set[int]) -> list[int]:
        places = (self.places[name] for name in found)
        return [row for row in places if row not in absent][:_WIDE]


def ranked_shop(shop: SearchSet) -> RankedShop:
    """Build the field index and the vocabulary of a search set."""
    products = list(shop.products.values())
    fields, vocabulary = build_fields(products, shop.vectors), build_vocabulary(products)
    return RankedShop(shop, fields, vocabulary, tuple(shop.products))
