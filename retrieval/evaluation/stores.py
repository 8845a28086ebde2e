"""Stores made for an evaluation, kept in the user's cache folder: the same feed is imported once."""

import hashlib
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from retrieval import encoders
from retrieval.database import open_database
from retrieval.errors import CatalogueError
from retrieval.evaluation.remembering import RememberingEncoder
from retrieval.evaluation.sources import building_code
from retrieval.importers import read_feed
from retrieval.indexing import build_index
from retrieval.manifest import FORMAT_VERSION
from retrieval.schema import Encoder

_LEFT_OUT = "left_out.txt"
# Each state of the code leaves a store; another evaluation may still be reading one of the last few.
_KEPT = 3

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def cached_store(
    feed: Path,
    encoder: Encoder,
    progress: Progress = lambda stage, done, total: None,
    cache: Path | None = None,
) -> tuple[Path, list[str]]:
    """Return a store that holds the feed's products, and what is wrong with the rows that were left out of it.

    It is kept under `cache` (default: in the user's cache folder) by the feed's content, the encoder, and the code and
    format of the index. Raises `CatalogueError` where the feed cannot be read or holds no product.
    """
    if not feed.is_file():
        raise CatalogueError(f"There is no file {feed}.")
    folder = (cache or user_cache_path("shelftalk", appauthor=False) / "evaluation") / _key(feed, encoder)
    store = folder / f"store-{FORMAT_VERSION}-{building_code()}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if not store.is_dir():
            _build(feed, store, encoder, progress)
        # What is in use is the last to be swept.
        store.touch()
        _sweep(folder)
    return store, (store / _LEFT_OUT).read_text(encoding="utf-8").splitlines()


def _build(feed: Path, store: Path, encoder: Encoder, progress: Progress) -> None:
    products, problems = read_feed(feed)
    if not products:
        first = f" The first: {problems[0]}" if problems else ""
        raise CatalogueError(f"{feed.name} holds no product that can be read ({len(problems)} rows left out).{first}")
    temporary = store.with_name(f".building-{uuid.uuid4().hex[:12]}")
    remembering = RememberingEncoder(encoder, store.parent / _vectors_name())
    engine = open_database(temporary)
    try:
        build_index(products, temporary, remembering, progress, engine)
        # Closed before it moves: an open database would be written where it no longer is.
        engine.dispose()
        (temporary / _LEFT_OUT).write_text("\n".join(str(problem) for problem in problems), encoding="utf-8")
        temporary.rename(store)
    except BaseException:
        engine.dispose()
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    remembering.save()


def _key(feed: Path, encoder: Encoder) -> str:
    with feed.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    # The importer goes by how the name ends; what comes before the first dot doesn't matter.
    digest.update(f"{''.join(feed.suffixes).lower()} {encoder.name}".encode())
    return digest.hexdigest()[:24]


def _vectors_name() -> str:
    return f"vectors-{hashlib.sha256(Path(encoders.__file__).read_bytes()).hexdigest()[:16]}.npz"


def _sweep(folder: Path) -> None:
    """Delete all but the last few states, and what a crash left."""
    kinds = [(".building-*", 0), ("store-*", _KEPT), ("vectors-*", 1)]
    for pattern, kept in kinds:
        for old in sorted(folder.glob(pattern), key=lambda path: -path.stat().st_mtime)[kept:]:
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
            else:
                old.unlink(missing_ok=True)
