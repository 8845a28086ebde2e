"""Dense search: products by the nearness of their vectors, in Chroma."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Collection as IdCollection
from contextlib import AbstractContextManager, closing, nullcontext
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

# Names a Chroma server's collection in the folder of an index whose vectors are there.
COLLECTION_FILE = "collection.json"
_COLLECTION = "products"
# A wide beam: the first stage should miss nothing that fusion could use.
HNSW: CreateHNSWConfiguration = {"space": "cosine", "ef_construction": 200, "ef_search": 400}
# Chroma keeps the last records back, as many as this, and writes its graph when there are more. A small shop's graph is
# to be on disk as well, where it can be checked.
_SMALL: CreateHNSWConfiguration = {**HNSW, "batch_size": 2, "sync_threshold": 2}
_SMALL_COUNT = 1000
IDS_FILE = "ids.json"
_DATABASE = "chroma.sqlite3"
# A server's answer of so many vectors is some 20 MB.
_READ_AT_ONCE = 5000
# What may change between two imports (price, stock, rating) is not kept here; the product store tells it.
_FIELDS = ("category", "department", "brand")


class DenseIndex:
    """Nearest products by cosine. `collection` lives in a folder or on a Chroma server.

    `asking` is what each question is asked in, and may give what goes wrong its name; `close` lets go of the client.
    """

    def __init__(
        self,
        collection: Collection,
        ids: Iterable[str],
        close: Callable[[], None],
        asking: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._collection = collection
        self._ids = frozenset(ids)
        self._close = close
        self._asking = asking

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
        with self._asking():
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
        with self._asking():
            return self._collection.count()

    def vectors(self, ids: Sequence[str]) -> dict[str, "NDArray[np.float32]"]:
        """Return id → vector of shape (dimension,) for those of the ids that are there."""
        held: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(ids), _READ_AT_ONCE):
            with self._asking():
                found = self._collection.get(ids=list(ids[start : start + _READ_AT_ONCE]), include=["embeddings"])
            embeddings: Any = found["embeddings"]
            held.update(zip(found["ids"], embeddings, strict=True))
        return held

    def close(self) -> None:
        """Let go of the files, or of the line to the server."""
        self._close()


def open_dense(folder: Path) -> DenseIndex:
    """Open the index in a folder. Raises what Chroma raises where there is none."""
    client = _open_client(folder)
    ids = json.loads((folder / IDS_FILE).read_text(encoding="utf-8"))
    return DenseIndex(client.get_collection(_COLLECTION, embedding_function=None), ids, client.close)


def build_dense(folder: Path, products: Sequence[Product], vectors: "NDArray[np.float32]") -> None:
    """Write products and their vectors, of shape (len(products), dimension), to a new folder."""
    client = _open_client(folder)
    hnsw = _SMALL if len(products) < _SMALL_COUNT else HNSW
    try:
        collection = client.create_collection(_COLLECTION, configuration={"hnsw": hnsw}, embedding_function=None)
        put_products(collection.add, products, vectors, client.get_max_batch_size())
    finally:
        client.close()
    (folder / IDS_FILE).write_text(json.dumps([product.id for product in products]), encoding="utf-8")


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
        put_products(collection.upsert, touched, vectors, step)
    finally:
        client.close()
    (folder / IDS_FILE).write_text(json.dumps(list(ids)), encoding="utf-8")


def put_products(
    put: Callable[..., None], products: Sequence[Product], vectors: "NDArray[np.float32]", step: int
) -> None:
    """Let a collection `put` products with their vectors, of shape (len(products), dimension), `step` at once."""
    for start in range(0, len(products), step):
        batch = products[start : start + step]
        put(
            ids=[product.id for product in batch],
            embeddings=vectors[start : start + step],
            metadatas=[_metadata(product) for product in batch],
        )


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
