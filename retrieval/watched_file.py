"""A small file that a shop edits while its assistant runs: looked at on every use, read anew when it has changed."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

# Two changes within one tick of the file system's clock look alike, so a file younger than this is read each time.
_TICK_NS = 50_000_000

_logger = logging.getLogger(__name__)


class WatchedFile(Generic[T]):
    """What a file says now, or what it last said well while it is broken. Safe to share between threads."""

    def __init__(self, path: Path, parse: Callable[[bytes], T], errors: tuple[type[Exception], ...]) -> None:
        """Begin with what `parse` makes of no bytes; `errors` are what it raises for bytes that it cannot read."""
        self._path = path
        self._parse = parse
        self._errors: tuple[type[Exception], ...] = (*errors, OSError)
        self._reading = threading.Lock()
        self._seen: object = None
        self._content = b""
        self._value = parse(b"")

    def current(self) -> T:
        """Return what the file says, that of no bytes where there is no file; one that is broken is logged once."""
        signature = _signature(self._path)
        if signature is None or signature != self._seen:
            with self._reading:
                self._read(signature)
        return self._value

    def _read(self, signature: object) -> None:
        try:
            content = read_content(self._path)
            if content != self._content:
                self._content = content
                self._value = self._parse(content)
        except self._errors as error:
            _logger.warning("%s: %s What it said before stays in force.", self._path, error)
        self._seen = signature


def read_content(path: Path) -> bytes:
    """Return the file's bytes, none where there is no file. Raises `OSError` where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _signature(path: Path) -> object:
    """Return what changes with the file, None where that cannot be told yet."""
    try:
        found = path.stat()
    except OSError as error:
        return type(error)
    if abs(time.time_ns() - found.st_mtime_ns) < _TICK_NS:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
