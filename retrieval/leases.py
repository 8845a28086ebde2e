"""A running shop holds the index it reads, so that no import of another process deletes it meanwhile."""

import os
import shutil
import sys
import weakref
from collections.abc import Callable
from pathlib import Path


class Lease:
    """Keeps a folder from `remove_unless_held` for as long as this object lives; the system ends it with the process.

    Raises `FileNotFoundError` where the folder is gone, or is going. Where the system cannot lock folders, nothing is
    held, and only the age of an index protects it.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise FileNotFoundError(folder)
        descriptor = _open(folder)
        if descriptor is None:
            return
        self._release = weakref.finalize(self, os.close, descriptor)
        if not _lock(descriptor, exclusive=False) or not folder.is_dir():
            self._release()
            raise FileNotFoundError(folder)


def remove_unless_held(folder: Path, first: Callable[[], None] = lambda: None) -> bool:
    """Delete a folder with all it holds unless somebody has a lease on it, after `first`; tell whether it was tried."""
    descriptor = _open(folder)
    try:
        if descriptor is not None and not _lock(descriptor, exclusive=True):
            return False
        first()
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open(folder: Path) -> int | None:
    try:
        return os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        raise
    except OSError:
        return None


def _lock(descriptor: int, exclusive: bool) -> bool:
    """Lock without waiting; False where somebody else's lock is in the way."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network file systems cannot do this.
        return True
    return True
