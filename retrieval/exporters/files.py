"""Where an exporter writes: a file that is there whole or not at all, packed where its name ends in .gz."""

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from retrieval.errors import CatalogueError


@contextmanager
def open_output(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file under a temporary name, line ends as written; leaving the block puts it in place.

    An error in the block leaves what was there before. Raises `CatalogueError` where nothing can be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _open(unfinished, packed=path.name.lower().endswith(".gz")) as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        raise CatalogueError(f"{path} cannot be written ({error}). Choose another place.") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _open(path: Path, packed: bool) -> Iterator[TextIO]:
    with path.open("wb") as raw:
        if not packed:
            with io.TextIOWrapper(raw, "utf-8", newline="") as text:
                yield text
            return
        # Without name and time inside, the same products make the same file.
        with (
            gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as archive,
            io.TextIOWrapper(archive, "utf-8", newline="") as text,
        ):
            yield text
