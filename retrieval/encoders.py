"""Encoders by name: texts to unit vectors."""

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from retrieval.errors import UnknownName, WeightsError
from retrieval.registry import unknown_name
from retrieval.schema import Encoder
from retrieval.vectors import unit
from retrieval.words import mostly_latin, plain_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Texts are encoded so many at a time between two reports of progress.
_REPORT_EVERY = 256


def load_encoder(name: str, folder: Path | None = None) -> Encoder:
    """Load an encoder by name, its files in `folder`.

    Raises `UnknownName` with the names there are, `WeightsError` where the folder holds no model.
    """
    if name not in ENCODERS:
        raise UnknownName(unknown_name("encoder", ENCODERS, name))
    return ENCODERS[name](folder)


def encode_all(
    encoder: Encoder, texts: Sequence[str], progress: Callable[[int], None] = lambda done: None
) -> "NDArray[np.float32]":
    """Encode many texts, reporting how many are done: shape (len(texts), dimension), float32, in their order."""
    vectors = np.zeros((len(texts), encoder.dimension), dtype=np.float32)
    # Texts of like length share a batch, so little is spent on padding.
    order = sorted(range(len(texts)), key=lambda index: -len(texts[index]))
    for start in range(0, len(order), _REPORT_EVERY):
        chunk = order[start : start + _REPORT_EVERY]
        vectors[chunk] = encoder.encode([texts[index] for index in chunk])
        progress(start + len(chunk))
    return vectors


def can_read(encoder: Encoder, text: str) -> bool:
    """Tell whether the encoder knows the text's script; one that doesn't say knows them all."""
    return encoder.reads(text) if isinstance(encoder, _SelectiveReader) else True


@runtime_checkable
class _SelectiveReader(Protocol):
    def reads(self, text: str) -> bool: ...


class HashingEncoder:
    """Vectors from hashed words: no weights, no meaning beyond shared words. For tests, and for trying things out."""

    def __init__(self, dimension: int = 256) -> None:
        self.name = f"hashing-{dimension}"
        self.dimension = dimension

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one unit vector a text: shape (len(texts), dimension), float32."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in plain_words(text) or [""]:
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        return unit(vectors)

    def reads(self, text: str) -> bool:
        """Read what MiniLM reads, so that tests go the same ways."""
        return mostly_latin(text)


def _load_minilm(folder: Path | None) -> Encoder:
    if folder is None or not (folder / "config.json").is_file():
        raise WeightsError(f"{folder or 'The encoder folder'} holds no model. Fetch it with: shelftalk setup")
    # Imported here: an index without vectors needs no runtime for them.
    from retrieval.minilm import load_minilm

    return load_minilm(folder)


def _load_hashing(folder: Path | None) -> Encoder:
    return HashingEncoder()


ENCODERS: dict[str, Callable[[Path | None], Encoder]] = {
    "all-minilm-l6-v2": _load_minilm,
    "hashing": _load_hashing,
}
