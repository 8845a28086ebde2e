"""Feed files as lines of bytes, compressed or not."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import CatalogueError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def has_ending(path: Path, *endings: str) -> bool:
    """Tell whether the file's name ends so, with or without .gz after it."""
    return path.name.lower().removesuffix(".gz").endswith(endings)


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines with their ends, without a byte order mark. Raises `CatalogueError`."""
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rb") as file:
            for number, line in enumerate(file):
                yield line.removeprefix(_BYTE_ORDER_MARK) if number == 0 else line
    except (OSError, EOFError, zlib.error) as error:
        raise CatalogueError(f"{path.name} cannot be read to its end ({error}). Get the feed again.") from error


def is_unicode(text: str) -> bool:
    """Tell whether the text can be written as UTF-8, which half a surrogate pair cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
