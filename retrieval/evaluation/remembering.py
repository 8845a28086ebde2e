"""An encoder that keeps its vectors in a file: when words are indexed in another way, no text is encoded again."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from retrieval.encoders import can_read
from retrieval.schema import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RememberingEncoder:
    """Encodes what the file doesn't hold; `save` writes what was asked for since it was opened, and nothing else."""

    def __init__(self, encoder: Encoder, path: Path) -> None:
        self.name = encoder.name
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._path = path
        self._held = _read(path, encoder.dimension)
        self._asked: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one unit vector a text: shape (len(texts), dimension), float32."""
        keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._held}
        if new:
            self._held.update(zip(new, self._encoder.encode(list(new.values())), strict=True))
        self._asked.update((key, self._held[key]) for key in keys)
        return np.array([self._held[key] for key in keys], dtype=np.float32).reshape(len(keys), self.dimension)

    def reads(self, text: str) -> bool:
        """Tell whether the encoder knows the text's script."""
        return can_read(self._encoder, text)

    def save(self) -> None:
        """Write the vectors in one step: another process sees the old file or the new one."""
        temporary = self._path.with_suffix(f".{os.getpid()}.tmp")
        with temporary.open("wb") as file:
            vectors = np.array(list(self._asked.values()), dtype=np.float32)
            np.savez(file, keys=np.array(list(self._asked)), vectors=vectors)
        temporary.replace(self._path)


def _read(path: Path, dimension: int) -> "dict[str, NDArray[np.float32]]":
    try:
        with path.open("rb") as file, np.load(file) as held:
            keys, vectors = held["keys"], held["vectors"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        # Absent or damaged: it only saves time.
        return {}
    if vectors.shape != (len(keys), dimension):
        return {}
    return {str(key): vector for key, vector in zip(keys, vectors, strict=True)}
