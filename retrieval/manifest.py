"""The index's passport: which encoder built it, of how many products, and what its files must look like."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from pydantic import Field, ValidationError

from retrieval.errors import IndexDamaged
from retrieval.schema import Value

# To be raised whenever the same product is indexed otherwise than before: imports then take nothing over.
FORMAT_VERSION = 4
_NAME = "manifest.json"
# Chroma writes to its database when it is opened, so the bytes are no proof; SQLite checks it instead. The files of a
# graph count only where Chroma has closed it with this one: before that, it fills them anew each time.
_DATABASE, _GRAPH_CLOSED = "chroma.sqlite3", "index_metadata.pickle"
_LARGE, _EDGE = 64 * 2**20, 2**20


class Manifest(Value):
    """What an index folder was built as. `probes` are how a few vectors begin, by product id.

    `patched` counts the vectors changed since the graph was built whole.
    """

    format_version: int
    encoder: str
    count: int
    dense_count: int
    patched: int = 0
    probes: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, with the fingerprints of the files that are in the folder now."""
    files = {path.relative_to(folder).as_posix(): _fingerprint(path) for path in _stable_files(folder)}
    (folder / _NAME).write_text(manifest.model_copy(update={"files": files}).model_dump_json(indent=1))


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of an index folder. Raises `IndexDamaged` (a reason, without the command)."""
    try:
        return Manifest.model_validate_json((folder / _NAME).read_bytes())
    except FileNotFoundError:
        raise IndexDamaged(f"{_NAME} is missing") from None
    except (OSError, ValidationError) as error:
        raise IndexDamaged(f"{_NAME} cannot be read") from error


def verify(folder: Path, manifest: Manifest, encoder: str) -> None:
    """Check the folder against its manifest. Raises `IndexDamaged` (a reason, without the command)."""
    if manifest.format_version != FORMAT_VERSION:
        raise IndexDamaged(f"it has format {manifest.format_version}, this version reads {FORMAT_VERSION}")
    if manifest.encoder != encoder:
        raise IndexDamaged(f"it was built with the encoder {manifest.encoder}, the settings ask for {encoder}")
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise IndexDamaged(f"{name} is missing")
        if _fingerprint(path) != expected:
            raise IndexDamaged(f"{name} has changed")
    for path in folder.rglob("*.sqlite3"):
        _check_sqlite(path)


def _stable_files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in (_DATABASE, _NAME))
    return sorted(path for path in found if path.suffix != ".bin" or (path.parent / _GRAPH_CLOSED).is_file())


def _fingerprint(path: Path) -> str:
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        if size <= _LARGE:
            digest.update(file.read())
        else:
            # Opening a shop must take a moment only: of a very large file, size and both ends.
            digest.update(file.read(_EDGE))
            file.seek(-_EDGE, 2)
            digest.update(file.read())
    return digest.hexdigest()


def _check_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise IndexDamaged(f"{path.name} has changed ({error})") from error
    if answer != ("ok",):
        raise IndexDamaged(f"{path.name} has changed ({answer})")
