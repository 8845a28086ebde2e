"""The folders of a store's index, one a generation: made beside each other, renamed whole, swept when unused."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from retrieval.errors import CatalogueError, IndexServerError
from retrieval.leases import remove_unless_held
from retrieval.vector_places import STORE_FOLDER, VectorPlace

INDEX_FOLDER, DENSE_FOLDER = "index", "dense"
_TEMPORARY = ".building-"


@contextmanager
def only_import(store: Path) -> Iterator[None]:
    """Keep other imports out. Raises `CatalogueError` when one is at work."""
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


@contextmanager
def new_generation(store: Path, place: VectorPlace = STORE_FOLDER) -> Iterator[tuple[str, Path]]:
    """Yield the name of a new generation and an empty folder, which becomes the generation if nothing goes wrong."""
    place.check()
    generation = uuid.uuid4().hex[:12]
    temporary = store / INDEX_FOLDER / f"{_TEMPORARY}{generation}"
    temporary.mkdir()
    try:
        yield generation, temporary
        temporary.rename(store / INDEX_FOLDER / generation)
    except BaseException:
        with suppress(IndexServerError):
            place.remove(temporary / DENSE_FOLDER)
            shutil.rmtree(temporary, ignore_errors=True)
        raise


def sweep(store: Path, keep: set[str | None], place: VectorPlace = STORE_FOLDER) -> None:
    """Delete what earlier imports left, but for `keep` and what a running shop still reads.

    What can't be deleted now, the server of its vectors being away, is left to the next sweep.
    """
    for folder in (store / INDEX_FOLDER).iterdir():
        if folder.is_dir() and folder.name not in keep:
            with suppress(IndexServerError):
                remove_unless_held(folder, partial(place.remove, folder / DENSE_FOLDER))
