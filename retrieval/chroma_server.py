"""Vectors on a Chroma server: a collection a generation, named in the generation's folder."""

import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.api.client import Client
from chromadb.api.fastapi import FastAPI
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError, error_types

from retrieval.dense import COLLECTION_FILE, HNSW, IDS_FILE, DenseIndex, put_products
from retrieval.errors import IndexDamaged, IndexServerError
from retrieval.schema import Product

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Long enough for a batch of vectors on a busy server, short enough for a shopper to be told that something is wrong.
_SECONDS = httpx.Timeout(30, connect=5)


class ChromaServer:
    """Keeps vectors on the Chroma server at `url`, such as http://index:8000. Safe to share between threads.

    What goes wrong with the server is an `IndexServerError`, at the first question and at every later one.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._making = threading.Lock()
        self._client: Client | None = None

    def check(self) -> None:
        """Ask the server whether it lives."""
        client = self._connected()
        with self._asking():
            client.heartbeat()

    def keeps(self, folder: Path) -> bool:
        """Tell whether the folder names a collection."""
        return _named(folder) is not None

    def open(self, folder: Path) -> DenseIndex:
        """Open the collection that the folder names. Raises `IndexDamaged` where there is none."""
        name = _named(folder)
        if name is None:
            raise IndexDamaged("its vectors are in the store's folder, and SHELFTALK_CHROMA_URL is to have them")
        ids = json.loads((folder / IDS_FILE).read_text(encoding="utf-8"))
        client = self._connected()
        with self._asking():
            try:
                collection = client.get_collection(name, embedding_function=None)
            except NotFoundError:
                raise IndexDamaged(f"the Chroma server at {self._url} holds no vectors of it") from None
        return DenseIndex(collection, ids, close=lambda: None, asking=self._asking)

    def write(self, folder: Path, products: Sequence[Product], vectors: "NDArray[np.float32]") -> None:
        """Make a collection of products and their vectors, of shape (len(products), dimension), for a new folder."""
        name = f"shelftalk-{uuid.uuid4().hex[:12]}"
        client = self._connected()
        folder.mkdir(parents=True)
        # First the name: whoever sweeps the folder up after a crash finds the collection by it.
        (folder / COLLECTION_FILE).write_text(json.dumps(name), encoding="utf-8")
        (folder / IDS_FILE).write_text(json.dumps([product.id for product in products]), encoding="utf-8")
        with self._asking():
            collection = client.create_collection(name, configuration={"hnsw": HNSW}, embedding_function=None)
            put_products(collection.add, products, vectors, client.get_max_batch_size())

    def patch(
        self,
        source: Path,
        folder: Path,
        ids: Sequence[str],
        touched: Sequence[Product],
        vectors: "NDArray[np.float32]",
        gone: Sequence[str],
    ) -> bool:
        """Do nothing: a server of one machine cannot copy a collection."""
        return False

    def remove(self, folder: Path) -> None:
        """Delete the collection that the folder names, if any."""
        name = _named(folder)
        if name is not None:
            client = self._connected()
            with self._asking(), suppress(NotFoundError):
                client.delete_collection(name)

    def _connected(self) -> Client:
        with self._making:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Client:
        self._greet()
        # A whole address as the host leaves a path before a proxy's Chroma as it is.
        settings, ssl = Settings(anonymized_telemetry=False), urlsplit(self._url).scheme == "https"
        try:
            client = cast(Client, chromadb.HttpClient(self._url, ssl=ssl, settings=settings))
        except ValueError as error:
            raise IndexServerError(f"The Chroma server at {self._url} can't be used ({error}).") from error
        # Chroma's own client waits for ever, and makes a bare Exception of what is between it and its server.
        session = cast(FastAPI, client._server)._session
        session.timeout = _SECONDS
        session.event_hooks = {"response": [_refuse_what_is_not_chroma]}
        return client

    def _greet(self) -> None:
        """See that it is a Chroma server before a client is made, which would say little of what it finds instead."""
        parts = urlsplit(self._url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise IndexServerError(
                f"SHELFTALK_CHROMA_URL '{self._url}' is not an address. Give one such as http://index:8000"
            )
        with self._asking():
            answer = httpx.get(f"{self._url.rstrip('/')}/api/v2/heartbeat", timeout=_SECONDS)
        if answer.is_error or "nanosecond heartbeat" not in answer.text:
            raise IndexServerError(
                f"What answers at {self._url} is no Chroma server (status {answer.status_code}). "
                "Mend SHELFTALK_CHROMA_URL; a server is started with: chroma run --path FOLDER --port 8000"
            )

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Name what goes wrong with the server in here."""
        try:
            yield
        except httpx.HTTPError as error:
            raise IndexServerError(
                f"The Chroma server at {self._url} does not answer ({str(error) or type(error).__name__}). "
                "Start it, or mend SHELFTALK_CHROMA_URL."
            ) from error
        except ChromaError as error:
            raise IndexServerError(
                f"The Chroma server at {self._url} refuses ({error.message()}). Look at its log; where vectors are "
                "lost, `shelftalk reindex` writes them anew."
            ) from error


def _named(folder: Path) -> str | None:
    """Return the name of the folder's collection, None where its vectors are not on a server."""
    try:
        return str(json.loads((folder / COLLECTION_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _refuse_what_is_not_chroma(response: httpx.Response) -> None:
    if not response.is_error:
        return
    response.read()
    try:
        known = response.json()["error"] in error_types
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        response.raise_for_status()
