"""Importing products and opening their search index. A store is always wholly of before or wholly of after an import.

An index is written beside the one before and renamed; the products and the name of their index then change in one
transaction. A crash at any point leaves the old shop or the new one.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from chromadb.errors import ChromaError
from sqlalchemy import Engine

from retrieval.changes import Changes, ImportReport, check_removals, compare
from retrieval.contents import read_contents
from retrieval.database import open_database
from retrieval.dense import DenseIndex
from retrieval.errors import CatalogueError, IndexDamaged
from retrieval.generations import DENSE_FOLDER, new_generation, only_import, sweep
from retrieval.generations import INDEX_FOLDER as INDEX_FOLDER
from retrieval.index_writing import FIELDS_FOLDER, VOCABULARY_FILE, Previous, Progress, digests_of, write_index
from retrieval.leases import Lease
from retrieval.lexical import LexicalIndex
from retrieval.manifest import FORMAT_VERSION, Manifest, read_manifest, verify
from retrieval.product_store import ProductStore
from retrieval.ranking.fields import FieldIndex
from retrieval.schema import Encoder, Product
from retrieval.vector_places import STORE_FOLDER, VectorPlace
from retrieval.vocabulary import Vocabulary


@dataclass(frozen=True)
class SearchIndex:
    """An open index: `name` is its generation, the folder's name. No import deletes the folder while `lease` lives."""

    name: str
    manifest: Manifest
    dense: DenseIndex | None
    lexical: LexicalIndex
    fields: FieldIndex
    vocabulary: Vocabulary
    lease: Lease | None = None


def import_products(
    products: Iterable[Product],
    store: Path,
    encoder: Encoder,
    progress: Progress = lambda stage, done, total: None,
    engine: Engine | None = None,
    partial: bool = False,
    allow_removals: bool = False,
    place: VectorPlace = STORE_FOLDER,
) -> ImportReport:
    """Bring the shop to the state of a feed, doing only what the difference needs, and report what was done.

    Products that the feed lacks are removed unless it is `partial`. Vectors of unchanged texts are taken over; where
    only prices, stock and ratings differ no index is written. Raises `CatalogueError` when there are no products, when
    two have one id, when more than half of the shop would go without `allow_removals`, or when another import is at
    work; `IndexServerError` when `place` is a server that does not answer.
    """
    feed = list(products)
    _check_products(feed)
    with only_import(store):
        shop = ProductStore(engine or open_database(store))
        changes = compare(shop.all(), feed, partial)
        if not allow_removals:
            check_removals(changes)
        generation, encoded = _index_for(changes.products, store, shop.generation(), encoder, progress, place)
        return _take_over(changes, store, shop, generation, encoded, progress, place)


def build_index(
    products: Iterable[Product],
    store: Path,
    encoder: Encoder,
    progress: Progress = lambda stage, done, total: None,
    engine: Engine | None = None,
    place: VectorPlace = STORE_FOLDER,
) -> Manifest:
    """Make these the shop's products, however many go, and return the passport of their index.

    Raises `CatalogueError` as `import_products` does.
    """
    report = import_products(products, store, encoder, progress, engine, allow_removals=True, place=place)
    return read_manifest(store / INDEX_FOLDER / report.generation)


def rebuild_index(
    store: Path,
    encoder: Encoder,
    progress: Progress = lambda stage, done, total: None,
    engine: Engine | None = None,
    place: VectorPlace = STORE_FOLDER,
) -> Manifest:
    """Index the products that the store already holds wholly anew, their vectors in `place`.

    Raises `CatalogueError` when there are none, `IndexServerError` when `place` is a server that does not answer.
    """
    shop = ProductStore(engine or open_database(store))
    with only_import(store):
        listed = list(shop.all())
        _check_products(listed)
        previous = shop.generation()
        with new_generation(store, place) as (generation, folder):
            manifest, _ = write_index(listed, digests_of(listed), folder, encoder, progress, place=place)
        shop.set_generation(generation)
        sweep(store, {generation, previous}, place)
    return manifest


def open_index(store: Path, generation: str | None, encoder: Encoder, place: VectorPlace = STORE_FOLDER) -> SearchIndex:
    """Open and check the index of this generation, whose vectors are in `place`.

    Raises `IndexDamaged`, naming the command that rebuilds it, and `IndexServerError` where a server doesn't answer.
    """
    folder = store / INDEX_FOLDER / (generation or "")
    try:
        if generation is None:
            raise IndexDamaged("it is missing")
        lease = _lease(folder)
        manifest = read_manifest(folder)
        verify(folder, manifest, encoder.name)
        dense = _open_dense(folder / DENSE_FOLDER, manifest, place) if manifest.dense_count else None
        lexical, fields = LexicalIndex.load(folder / "lexical"), FieldIndex.load(folder / FIELDS_FOLDER)
        vocabulary = Vocabulary.load(folder / VOCABULARY_FILE)
        return SearchIndex(folder.name, manifest, dense, lexical, fields, vocabulary, lease)
    except IndexDamaged as error:
        raise IndexDamaged(damage_message(store, str(error))) from error


def open_current_index(
    store: Path, shop: ProductStore, encoder: Encoder, place: VectorPlace = STORE_FOLDER
) -> SearchIndex:
    """Open the index that belongs to the shop's products, also while imports go on. Raises what `open_index` does."""
    generation = shop.generation()
    while True:
        try:
            return open_index(store, generation, encoder, place)
        except IndexDamaged:
            # Between the two lines above, imports may have made a new one and swept this one away.
            before, generation = generation, shop.generation()
            if generation == before:
                raise


def is_outdated(store: Path, place: VectorPlace = STORE_FOLDER) -> bool:
    """Tell whether the store's index was written in another version's format, or its vectors to another place."""
    folder = store / INDEX_FOLDER / (ProductStore(open_database(store)).generation() or "")
    try:
        manifest = read_manifest(folder)
    except IndexDamaged:
        return False
    elsewhere = manifest.dense_count > 0 and not place.keeps(folder / DENSE_FOLDER)
    return manifest.format_version != FORMAT_VERSION or elsewhere


def damage_message(store: Path, reason: str) -> str:
    """Say what is wrong with a store's index and what rebuilds it."""
    return (
        f"The search index of {store} cannot be used: {reason}. Rebuild it with `shelftalk reindex --store {store}`; "
        f"where the products are gone too, with `shelftalk import FILE --store {store}`, or for the demo shop with "
        "`shelftalk setup --rebuild`."
    )


def _check_products(products: Sequence[Product]) -> None:
    if not products:
        raise CatalogueError("There are no products to index; the shop is left as it is.")
    seen: set[str] = set()
    for product in products:
        if product.id in seen:
            raise CatalogueError(f"Two products have the id '{product.id}'; the shop is left as it is.")
        seen.add(product.id)


def _index_for(
    products: Sequence[Product],
    store: Path,
    current: str | None,
    encoder: Encoder,
    progress: Progress,
    place: VectorPlace,
) -> tuple[str, int]:
    """Return the generation that fits the products, the current one where it does, and how many texts were encoded."""
    contents = digests_of(products)
    with _previous(store, current, encoder, place) as previous:
        if current and previous and contents == {name: held.product for name, held in previous.contents.items()}:
            return current, 0
        with new_generation(store, place) as (generation, folder):
            _, encoded = write_index(products, contents, folder, encoder, progress, previous, place)
    return generation, encoded


@contextmanager
def _previous(store: Path, generation: str | None, encoder: Encoder, place: VectorPlace) -> Iterator[Previous | None]:
    """Yield the current generation where it is sound, of this encoder and format, and says what it was built of."""
    try:
        index = open_index(store, generation, encoder, place)
    except IndexDamaged:
        yield None
        return
    try:
        folder = store / INDEX_FOLDER / index.name
        contents = read_contents(folder)
        yield None if contents is None else Previous(folder, index.manifest.patched, index.dense, contents)
    finally:
        if index.dense:
            index.dense.close()


def _take_over(
    changes: Changes,
    store: Path,
    shop: ProductStore,
    generation: str,
    encoded: int,
    progress: Progress,
    place: VectorPlace,
) -> ImportReport:
    previous = shop.generation()
    written = changes.written
    order = [product.id for product in changes.products]
    shop.apply(written, changes.removed, order, generation, lambda done: progress("Saving", done, len(written)))
    if generation != previous:
        sweep(store, {generation, previous}, place)
    return ImportReport(
        products=len(changes.products),
        added=len(changes.added),
        changed=len(changes.changed),
        removed=len(changes.removed),
        repriced=len(changes.repriced),
        unchanged=len(changes.unchanged),
        kept=len(changes.kept),
        encoded=encoded,
        reindexed=generation != previous,
        generation=generation,
    )


def _lease(folder: Path) -> Lease:
    try:
        return Lease(folder)
    except FileNotFoundError:
        raise IndexDamaged("it is missing") from None


def _open_dense(folder: Path, manifest: Manifest, place: VectorPlace) -> DenseIndex:
    try:
        dense = place.open(folder)
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
