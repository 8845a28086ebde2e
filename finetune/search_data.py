"""Judged search sets for training: products, queries, gains, folds by query, and the fused candidates of a query."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.encoders import can_read, encode_all
from retrieval.fusion import fuse
from retrieval.importers import read_feed
from retrieval.lexical import LexicalIndex
from retrieval.product_texts import dense_text
from retrieval.schema import Encoder, Product

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 3
_WIDE = 100


@dataclass(frozen=True)
class SearchSet:
    """A catalogue with its indexes; `queries` (id → text) and `gains` (query id → product id → gain) may be empty."""

    name: str
    products: dict[str, Product]
    queries: dict[str, str]
    gains: dict[str, dict[str, float]]
    lexical: LexicalIndex
    vectors: "NDArray[np.float32]"
    """Unit vectors of the products, in their order: shape (products, dimension); zeros for an unreadable text."""
    encoder: Encoder

    def fused(self, query: str, wide: int = _WIDE) -> list[tuple[str, float]]:
        """Return the (id, score) pairs of BM25 and exact dense search, fused, best first."""
        ids = list(self.products)
        lexical = self.lexical.search(query, wide)
        if not can_read(self.encoder, query):
            return fuse(lexical)
        nearest = np.argsort(-(self.vectors @ self.encoder.encode([query])[0]), kind="stable")[:wide]
        return fuse([ids[row] for row in nearest], lexical)

    def labels(self, query_id: str) -> dict[str, float]:
        """Return the gains of a query's judged products, scaled so that the best grade of the set is 1."""
        best = max((gain for judged in self.gains.values() for gain in judged.values()), default=1.0)
        return {product: gain / (best or 1.0) for product, gain in self.gains[query_id].items()}


def load_search_set(folder: Path, encoder: Encoder, cache: Path) -> SearchSet:
    """Read catalogue.jsonl.gz, queries_dev.csv and qrels_dev.csv of a folder. Raises `CatalogueError`."""
    products, _ = read_feed(folder / "catalogue.jsonl.gz")
    queries = {row["query_id"]: row["query"] for row in _rows(folder / "queries_dev.csv")}
    gains: dict[str, dict[str, float]] = {identifier: {} for identifier in queries}
    for row in _rows(folder / "qrels_dev.csv"):
        gains[row["query_id"]][row["product_id"]] = float(row["gain"])
    return make_search_set(folder.name, products, encoder, cache, queries, gains)


def make_search_set(
    name: str,
    products: Sequence[Product],
    encoder: Encoder,
    cache: Path,
    queries: dict[str, str] | None = None,
    gains: dict[str, dict[str, float]] | None = None,
) -> SearchSet:
    """Index products in memory. Vectors are kept in `cache`, named by the encoder and the texts."""
    return SearchSet(
        name=name,
        products={product.id: product for product in products},
        queries=queries or {},
        gains=gains or {},
        lexical=LexicalIndex.build(products),
        vectors=_vectors(products, encoder, cache),
        encoder=encoder,
    )


def fold_of(query_id: str) -> int:
    """Return the fold of a query, 0 to FOLDS - 1: the same in every run and for every model."""
    return int(hashlib.sha256(query_id.encode()).hexdigest(), 16) % FOLDS


def ndcg(ranked: Sequence[str], gains: dict[str, float], k: int = 10) -> float | None:
    """Return NDCG@k with linear gains, unjudged products counting 0; None where nothing judged has a gain."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = float(np.sum(np.array(sorted(gains.values(), reverse=True)[:k]) * discounts[: len(gains)]))
    if ideal == 0:
        return None
    found = [gains.get(product, 0.0) for product in ranked[:k]]
    return float(np.sum(np.array(found) * discounts[: len(found)])) / ideal


def _vectors(products: Sequence[Product], encoder: Encoder, cache: Path) -> "NDArray[np.float32]":
    texts = [dense_text(product, product.language) for product in products]
    digest = hashlib.sha256("\0".join([encoder.name, *texts]).encode()).hexdigest()[:16]
    path = cache / f"vectors-{digest}.npy"
    if path.is_file():
        kept: NDArray[np.float32] = np.load(path)
        return kept
    vectors = encode_all(encoder, [text if can_read(encoder, text) else "" for text in texts])
    vectors[[row for row, text in enumerate(texts) if not can_read(encoder, text)]] = 0.0
    cache.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors)
    return vectors


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
