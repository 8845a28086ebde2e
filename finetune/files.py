"""Files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from finetune.errors import TrainingError


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Hand out another name to write under, and give it the right one at the end; what broke off is removed.

    Raises TrainingError, saying what to do, where the disk is full or cannot be written.
    """
    partial = target.with_name(f".{target.name}.partial")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
    except OSError as error:
        raise TrainingError(
            f"{target} cannot be written: {error.strerror or error}. What was there is as it was. "
            "Make room and start the same command again."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
