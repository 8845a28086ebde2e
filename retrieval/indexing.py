"""Building and opening the search index. A store is always wholly of before or wholly of after an import."""

import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from chromadb.errors import ChromaError
from filelock import FileLock, Timeout
from sqlalchemy import Engine

from retrieval.database import open_database
from retrieval.dense import DenseIndex, build_dense, open_dense
from retrieval.encoders import can_read, encode_all
from retrieval.errors import CatalogueError, IndexDamaged
from retrieval.lexical import LexicalIndex
from retrieval.manifest import FORMAT_VERSION, Manifest, read_manifest, verify, write_manifest
from retrieval.product_store import ProductStore
from retrieval.product_texts import dense_text
from retrieval.schema import Encoder, Product

INDEX_FOLDER = "index"
_TEMPORARY = ".building-"
_PROBES = 8

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many products are done, and how many there are."""


@dataclass(frozen=True)
class SearchIndex:
    """An open index: `name` is its generation, the folder's name."""

    name: str
    manifest: Manifest
    dense: DenseIndex | None
    lexical: LexicalIndex


def build_index(
    products: Iterable[Product],
    store: Path,
    encoder: Encoder,
    progress: Progress = lambda stage, done, total: None,
    engine: Engine | None = None,
) -> Manifest:
    """Make these the shop's products, and index them; the ones of before are replaced.

    The index is written beside the old one and renamed; the products and the name of their index then change in one
    transaction. A crash at any point leaves the old shop or the new one. Raises `CatalogueError` when there are no
    products, when two have one id, or when another import is at work.
    """
    listed = list(products)
    _check_products(listed)
    with _only_import(store):
        generation, manifest = _write_generation(listed, store, encoder, progress)
        shop = ProductStore(engine or open_database(store))
        previous = shop.generation()
        shop.replace_all(listed, generation, lambda done: progress("Saving", done, len(listed)))
        _sweep(store, keep={generation, previous})
    return manifest


def rebuild_index(
    store: Path,
    encoder: Encoder,
    progress: Progress = lambda stage, done, total: None,
    engine: Engine | None = None,
) -> Manifest:
    """Index the products that the store already holds anew. Raises `CatalogueError` when there are none."""
    shop = ProductStore(engine or open_database(store))
    listed = list(shop.all())
    _check_products(listed)
    with _only_import(store):
        previous = shop.generation()
        generation, manifest = _write_generation(listed, store, encoder, progress)
        shop.set_generation(generation)
        _sweep(store, keep={generation, previous})
    return manifest


def open_index(store: Path, generation: str | None, encoder: Encoder) -> SearchIndex:
    """Open and check the index of this generation. Raises `IndexDamaged`, naming the command that rebuilds it."""
    folder = store / INDEX_FOLDER / (generation or "")
    try:
        if generation is None or not folder.is_dir():
            raise IndexDamaged("it is missing")
        manifest = read_manifest(folder)
        verify(folder, manifest, encoder.name)
        dense = _open_dense(folder, manifest) if manifest.dense_count else None
        return SearchIndex(folder.name, manifest, dense, LexicalIndex.load(folder / "lexical"))
    except IndexDamaged as error:
        raise IndexDamaged(damage_message(store, str(error))) from error


def damage_message(store: Path, reason: str) -> str:
    """Say what is wrong with a store's index and what rebuilds it."""
    return (
        f"The search index of {store} cannot be used: {reason}. Rebuild it with "
        f"`shelftalk import FILE --store {store}`, or for the demo shop with `shelftalk setup --rebuild`."
    )


def _check_products(products: Sequence[Product]) -> None:
    if not products:
        raise CatalogueError("There are no products to index; the shop is left as it is.")
    seen: set[str] = set()
    for product in products:
        if product.id in seen:
            raise CatalogueError(f"Two products have the id '{product.id}'; the shop is left as it is.")
        seen.add(product.id)


@contextmanager
def _only_import(store: Path) -> Iterator[None]:
    (store / INDEX_FOLDER).mkdir(parents=True, exist_ok=True)
    # The operating system frees this lock when its holder dies, so a crash does not lock the shop.
    lock = FileLock(store / INDEX_FOLDER / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CatalogueError(f"Another import into {store} is at work; wait until it has ended.") from None
    try:
        yield
    finally:
        lock.release()


def _write_generation(
    products: Sequence[Product], store: Path, encoder: Encoder, progress: Progress
) -> tuple[str, Manifest]:
    generation = uuid.uuid4().hex[:12]
    temporary = store / INDEX_FOLDER / f"{_TEMPORARY}{generation}"
    temporary.mkdir()
    try:
        manifest = _write_index(products, temporary, encoder, progress)
        temporary.rename(store / INDEX_FOLDER / generation)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return generation, manifest


def _write_index(products: Sequence[Product], folder: Path, encoder: Encoder, progress: Progress) -> Manifest:
    total = len(products)
    readable, texts = _readable(products, encoder)
    vectors = encode_all(encoder, texts, lambda done: progress("Encoding", done, len(texts)))
    if readable:
        build_dense(folder / "dense", readable, vectors)
    LexicalIndex.build(products, lambda done: progress("Indexing words", done, total)).save(folder / "lexical")
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        encoder=encoder.name,
        count=total,
        dense_count=len(readable),
        probes=_probes(folder / "dense", [product.id for product in readable]),
    )
    write_manifest(folder, manifest)
    return manifest


def _readable(products: Sequence[Product], encoder: Encoder) -> tuple[list[Product], list[str]]:
    """Return the products that have a text in a script the encoder knows, and these texts."""
    readable: list[Product] = []
    texts: list[str] = []
    for product in products:
        for language in dict.fromkeys(["en", product.language, *product.texts]):
            text = dense_text(product, language)
            if can_read(encoder, text):
                readable.append(product)
                texts.append(text)
                break
    return readable, texts


def _open_dense(folder: Path, manifest: Manifest) -> DenseIndex:
    try:
        dense = open_dense(folder / "dense")
        held = dense.vectors(list(manifest.probes))
        count = dense.count()
        for vector in list(held.values())[:1]:
            # The graph is read from disk at the first query, so ask one now.
            dense.search(vector, 1)
    except (ChromaError, OSError, ValueError) as error:
        raise IndexDamaged(f"its vectors cannot be read ({error})") from error
    if count != manifest.dense_count:
        raise IndexDamaged(f"it holds {count} vectors instead of {manifest.dense_count}")
    for identifier, start in manifest.probes.items():
        if identifier not in held or not np.allclose(held[identifier][: len(start)], start, atol=1e-3):
            raise IndexDamaged("its vectors have changed")
    return dense


def _probes(folder: Path, ids: Sequence[str]) -> dict[str, tuple[float, ...]]:
    if not ids:
        return {}
    step = max(1, len(ids) // _PROBES)
    dense = open_dense(folder)
    try:
        held = dense.vectors(ids[::step][:_PROBES])
    finally:
        dense.close()
    return {identifier: tuple(vector[:_PROBES].astype(float).round(5)) for identifier, vector in held.items()}


def _sweep(store: Path, keep: set[str | None]) -> None:
    """Delete what earlier imports left. The generation before this one stays, as a running shop may still read it."""
    for folder in (store / INDEX_FOLDER).iterdir():
        if folder.is_dir() and folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
