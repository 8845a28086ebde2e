"""Feed files as streams of bytes, unpacked on the way: plain, .gz, or a .zip with one feed or several of one kind."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from retrieval.errors import CatalogueError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BUFFER = 1 << 16
# A feed shrinks to a tenth or so; what unpacks to far more than that is made to fill the memory or the disk.
_ALWAYS_ALLOWED = 64 << 20
_LARGEST_RATIO = 250
_LARGEST = 16 << 30


def has_ending(path: Path, *endings: str) -> bool:
    """Tell whether the file's name ends so, with or without .gz after it; of a .zip, whether all names inside do.

    Raises `CatalogueError` for a damaged .zip.
    """
    if not _is_zip(path):
        return path.name.lower().removesuffix(".gz").endswith(endings)
    with _told(path), zipfile.ZipFile(path) as archive:
        members = _members(archive)
        return bool(members) and all(member.filename.lower().endswith(endings) for member in members)


def open_feeds(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Yield each feed in the file as (name for error messages, unpacked bytes without a byte order mark).

    A stream is closed when the next one is asked for. `CatalogueError` is raised here and while reading where the file
    cannot be read to its end, or unpacks to more than any feed does.
    """
    with _told(path):
        if not _is_zip(path):
            opener = gzip.open if path.name.lower().endswith(".gz") else open
            with cast(IO[bytes], opener(path, "rb")) as file:
                yield path.name, _checked(file, path, _Allowance(path))
            return
        allowance = _Allowance(path)
        with zipfile.ZipFile(path) as archive:
            for member in _members(archive):
                with archive.open(member) as file:
                    yield f"{path.name}/{member.filename}", _checked(file, path, allowance)


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines with their ends, without a byte order mark. Raises `CatalogueError`."""
    for _, feed in open_feeds(path):
        yield from feed


def read_start(path: Path, size: int = 1 << 16) -> bytes:
    """Return at most `size` bytes of the (first) feed's beginning, unpacked, to tell formats apart.

    Raises `CatalogueError`.
    """
    for _, feed in open_feeds(path):
        return feed.read(size)
    return b""


def is_unicode(text: str) -> bool:
    """Tell whether the text can be written as UTF-8, which half a surrogate pair cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


class _Allowance:
    """How many bytes a packed file may still unpack to."""

    def __init__(self, path: Path) -> None:
        packed = path.name.lower().endswith((".gz", ".zip"))
        size = path.stat().st_size
        self._left = min(_LARGEST, max(_ALWAYS_ALLOWED, _LARGEST_RATIO * size)) if packed else None
        self._name = path.name

    def take(self, count: int) -> None:
        if self._left is None:
            return
        self._left -= count
        if self._left < 0:
            raise CatalogueError(f"{self._name} unpacks to far more than a feed holds. Look into it before importing.")


class _Checked(io.RawIOBase):
    """A stream whose failures are told in the operator's words."""

    def __init__(self, file: IO[bytes], path: Path, allowance: _Allowance) -> None:
        self._file, self._path, self._allowance = file, path, allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        with _told(self._path):
            found = self._file.read(len(buffer))
        self._allowance.take(len(found))
        buffer[: len(found)] = found
        return len(found)


def _checked(file: IO[bytes], path: Path, allowance: _Allowance) -> BinaryIO:
    stream = io.BufferedReader(_Checked(file, path, allowance), _BUFFER)
    if stream.peek(3).startswith(_BYTE_ORDER_MARK):
        stream.read(3)
    return stream


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    # A RuntimeError is an archive with a password, NotImplementedError one packed in a way that Python doesn't know.
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise CatalogueError(f"{path.name} cannot be read to its end ({error}). Get the feed again.") from error


def _is_zip(path: Path) -> bool:
    return path.name.lower().endswith(".zip")


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files inside, without the hidden ones that some systems add."""
    return [
        member
        for member in archive.infolist()
        if not member.is_dir() and not any(part.startswith((".", "__MACOSX")) for part in member.filename.split("/"))
    ]
