"""Judged search sets for training: products with their indexes, queries and gains."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.encoders import can_read, encode_all
from retrieval.importers import read_feed
from retrieval.lexical import LexicalIndex
from retrieval.minilm import LONGEST
from retrieval.product_texts import dense_text
from retrieval.schema import Encoder, Product

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    """Index products in memory. Vectors are kept in `cache`, named by the encoder, how much it reads, and the texts."""
    return SearchSet(
        name=name,
        products={product.id: product for product in products},
        queries=queries or {},
        gains=gains or {},
        lexical=LexicalIndex.build(products),
        vectors=_vectors(products, encoder, cache),
        encoder=encoder,
    )


def _vectors(products: Sequence[Product], encoder: Encoder, cache: Path) -> "NDArray[np.float32]":
    texts = [dense_text(product, product.language) for product in products]
    # An encoder that reads more or less of a text than before gives other vectors under the same name.
    read = [encoder.name, str(LONGEST), *texts]
    digest = hashlib.sha256("\0".join(read).encode()).hexdigest()[:16]
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
