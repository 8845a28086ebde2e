"""Encoders by name: texts to unit vectors."""

import hashlib
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from retrieval.errors import MissingExtra, UnknownName, WeightsError
from retrieval.registry import unknown_name
from retrieval.schema import Encoder
from retrieval.words import mostly_latin, plain_words

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

# Texts are encoded so many at a time between two reports of progress.
_REPORT_EVERY = 128
# So few texts are a query, and not a catalogue.
_FEW = 4


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


class MiniLMEncoder:
    """A sentence-transformers model of the English MiniLM family, from a local folder. Safe to share between threads.

    Its `name` holds a digest of the weights, so that an index is never searched with another fine-tuning.
    """

    def __init__(self, folder: Path) -> None:
        self._model = _load_model(folder)
        self.name = f"all-minilm-l6-v2-{_digest_of_weights(folder)}"
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        # The tokenizer changes its own state while it works.
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one unit vector a text: shape (len(texts), dimension), float32."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock, _one_thread_for_few(len(texts)):
            vectors = self._model.encode(list(texts), batch_size=32, show_progress_bar=False, convert_to_numpy=True)
        return _unit(np.asarray(vectors, dtype=np.float32))

    def reads(self, text: str) -> bool:
        """Tell whether the text is in the script that the model was trained on."""
        return mostly_latin(text)


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
        return _unit(vectors)

    def reads(self, text: str) -> bool:
        """Read what MiniLM reads, so that tests go the same ways."""
        return mostly_latin(text)


def _load_minilm(folder: Path | None) -> Encoder:
    if folder is None or not (folder / "config.json").is_file():
        raise WeightsError(f"{folder or 'The encoder folder'} holds no model. Fetch it with: shelftalk setup")
    return MiniLMEncoder(folder)


def _load_hashing(folder: Path | None) -> Encoder:
    return HashingEncoder()


ENCODERS: dict[str, Callable[[Path | None], Encoder]] = {
    "all-minilm-l6-v2": _load_minilm,
    "hashing": _load_hashing,
}


def _load_model(folder: Path) -> "SentenceTransformer":
    try:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"The encoder needs {error.name}. Install it with: pip install sentence-transformers"
        ) from error
    untyped_logging: Any = logging
    untyped_logging.disable_progress_bar()
    dtype = torch.bfloat16 if torch.cuda.is_available() or _cpu_knows_bfloat16() else torch.float32
    try:
        return SentenceTransformer(str(folder), model_kwargs={"dtype": dtype}, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise WeightsError(
            f"The encoder in {folder} cannot be loaded ({error}). Fetch it again: shelftalk setup"
        ) from error


@contextmanager
def _one_thread_for_few(count: int) -> Iterator[None]:
    """Calculate a query on the thread that asks: where another process has the second core, waiting for it takes 0.5 s.

    Measured on two cores with four busy processes: 11 ms instead of 495 ms a query; on idle ones nothing is lost.
    """
    import torch

    before = torch.get_num_threads()
    if count <= _FEW:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _cpu_knows_bfloat16() -> bool:
    # Without these instructions bfloat16 is emulated and slower than float32.
    cpuinfo = Path("/proc/cpuinfo")
    flags = set(cpuinfo.read_text().split()) if cpuinfo.is_file() else set()
    return bool(flags & {"avx512_bf16", "amx_bf16"})


def _digest_of_weights(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".safetensors", ".bin")):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]


def _unit(vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
    # bfloat16 leaves lengths a percent off.
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
