"""Dense search: products by the nearness of their vectors, in Chroma."""

import json
import shutil
import sqlite3
from collections.abc import Collection as IdCollection
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import chromadb
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings

from retrieval.schema import Filters, Product

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLLECTION = "products"
# A wide beam: the first stage should miss nothing that fusion could use.
_HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_construction": 200, "ef_search": 400}
# Chroma keeps the last records back, as many as this, and writes its graph when there are more. A small shop's graph is
# to be on disk as well, where it can be checked.
_SMALL: CreateHNSWConfiguration = {**_HNSW, "batch_size": 2, "sync_threshold": 2}
_SMALL_COUNT = 1000
_IDS = "ids.json"
_DATABASE = "chroma.sqlite3"
# What may change between two imports (price, stock, rating) is not kept here; the product store tells it.
_FIELDS = ("category", "department", "brand")


class DenseIndex:
    """Nearest products by cosine. `collection` may live in a folder or on a Chroma server."""

    def __init__(self, client: Client, collection: Collection, ids: Iterable[str]) -> None:
        self._client = client
        self._collection = collection
        self._ids = frozenset(ids)

    def search(
        self,
        vector: "NDArray[np.float32]",
        n: int,
        filters: Filters | None = None,
        ids: IdCollection[str] | None = None,
    ) -> list[str]:
        """Return the ids of at most n products, nearest first.

        `vector` has the shape (dimension,). Only category, department and brand of `filters` count here; `ids`
        restricts the search to exactly these products.
        """
        # Chroma fails on an id that it does not hold, as a product without a readable text is.
        within = None if ids is None else sorted(self._ids.intersection(ids))
        if within == []:
            return []
        vectors: Any = [vector]
        result = self._collection.query(
            query_embeddings=vectors,
            n_results=n,
            where=_where(filters) if filters else None,
            ids=within,
            include=["distances"],
        )
        return list(result["ids"][0])

    def count(self) -> int:
        """Return how many products have a vector."""
        return self._collection.count()

    def vectors(self, ids: Sequence[str]) -> dict[str, "NDArray[np.float32]"]:
        """Return id → vector of shape (dimension,) for those of the ids that are there."""
        found = self._collection.get(ids=list(ids), include=["embeddings"])
        held: Any = found["embeddings"]
        return dict(zip(found["ids"], held, strict=True))

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()


def open_dense(folder: Path) -> DenseIndex:
    """Open the index in a folder. Raises what Chroma raises where there is none."""
    client = _open_client(folder)
    ids = json.loads((folder / _IDS).read_text(encoding="utf-8"))
    return DenseIndex(client, client.get_collection(_COLLECTION, embedding_function=None), ids)


def build_dense(folder: Path, products: Sequence[Product], vectors: "NDArray[np.float32]") -> None:
    """Write products and their vectors, of shape (len(products), dimension), to a new folder."""
    client = _open_client(folder)
    hnsw = _SMALL if len(products) < _SMALL_COUNT else _HNSW
    try:
        collection = client.create_collection(_COLLECTION, configuration={"hnsw": hnsw}, embedding_function=None)
        step = client.get_max_batch_size()
        for start in range(0, len(products), step):
            batch = products[start : start + step]
            collection.add(
                ids=[product.id for product in batch],
                embeddings=vectors[start : start + step],
                metadatas=[_metadata(product) for product in batch],
            )
    finally:
        client.close()
    (folder / _IDS).write_text(json.dumps([product.id for product in products]), encoding="utf-8")


def patch_dense(
    source: Path,
    folder: Path,
    ids: Sequence[str],
    touched: Sequence[Product],
    vectors: "NDArray[np.float32]",
    gone: Sequence[str],
) -> None:
    """Copy the index in `source` to a new folder and change it there; afterwards it holds exactly `ids`.

    `touched` are added or replaced with `vectors`, of shape (len(touched), dimension); `gone` are taken out.
    """
    _copy(source, folder)
    client = _open_client(folder)
    try:
        collection = client.get_collection(_COLLECTION, embedding_function=None)
        step = client.get_max_batch_size()
        for start in range(0, len(gone), step):
            collection.delete(ids=list(gone[start : start + step]))
        for start in range(0, len(touched), step):
            batch = touched[start : start + step]
            collection.upsert(
                ids=[product.id for product in batch],
                embeddings=vectors[start : start + step],
                metadatas=[_metadata(product) for product in batch],
            )
    finally:
        client.close()
    (folder / _IDS).write_text(json.dumps(list(ids)), encoding="utf-8")


def _copy(source: Path, folder: Path) -> None:
    """Copy an index that other processes may have open: they write to its database, and to nothing else."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(f"{_DATABASE}*"))
    with closing(sqlite3.connect(source / _DATABASE)) as old, closing(sqlite3.connect(folder / _DATABASE)) as new:
        old.backup(new)


def _open_client(folder: Path) -> Client:
    # Declared as an interface without `close`; what comes is always this class.
    return cast(Client, chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False)))


def _metadata(product: Product) -> dict[str, str]:
    # Chroma refuses a record without metadata, so an unknown field is an empty text, which no filter asks for.
    return {field: (getattr(product, field) or "").casefold() for field in _FIELDS}


def _where(filters: Filters) -> dict[str, Any] | None:
    limits = [{field: wanted.casefold()} for field in _FIELDS if (wanted := getattr(filters, field)) is not None]
    return {"$and": limits} if len(limits) > 1 else next(iter(limits), None)
