"""The encoder all-MiniLM-L6-v2: on OpenVINO where it runs on a processor, on sentence-transformers on a GPU."""

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.errors import MissingExtra, WeightsError
from retrieval.schema import Encoder
from retrieval.vectors import unit
from retrieval.words import mostly_latin

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

CONVERTED = "openvino"
"""The folder beside the weights where what was converted from them is kept."""
# Tokens read of a text. 64 index twice as fast as 256, and rank as well: understood search nDCG@10 0.647 / 0.819
# (esci / chorus) at 64, 0.651 / 0.815 at 128, 0.645 / 0.814 at 256; the ranked one 0.672 / 0.828 at 64, 0.666 / 0.823
# at 128. BM25 reads the whole text in any case.
LONGEST = 64


def load_minilm(folder: Path) -> Encoder:
    """Load the model by the quicker way that this machine has. Both give the same vectors (cosine above 0.9999).

    Raises `WeightsError` where the folder's files can't be loaded.
    """
    if _has_gpu() or importlib.util.find_spec("openvino") is None:
        return TorchEncoder(folder)
    from retrieval.minilm_openvino import OpenVinoEncoder

    return OpenVinoEncoder(folder)


class TorchEncoder:
    """A sentence-transformers model of the English MiniLM family, from a local folder. Safe to share between threads.

    Its `name` holds a digest of the weights, so that an index is never searched with another fine-tuning.
    """

    def __init__(self, folder: Path) -> None:
        self._model = _load_model(folder)
        self._model.max_seq_length = LONGEST
        self.name = encoder_name(folder)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        # The tokenizer changes its own state while it works.
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Return one unit vector a text: shape (len(texts), dimension), float32."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:
            vectors = self._model.encode(list(texts), batch_size=32, show_progress_bar=False, convert_to_numpy=True)
        return unit(np.asarray(vectors, dtype=np.float32))

    def reads(self, text: str) -> bool:
        """Tell whether the text is in the script that the model was trained on."""
        return mostly_latin(text)


def encoder_name(folder: Path) -> str:
    """Return the encoder's name with a digest of the weights in its folder."""
    digest = hashlib.sha256()
    found = (path for path in folder.rglob("*") if path.suffix in (".safetensors", ".bin"))
    for path in sorted(path for path in found if CONVERTED not in path.parts):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"all-minilm-l6-v2-{digest.hexdigest()[:12]}"


def knows_bfloat16() -> bool:
    """Tell whether the processor has instructions for bfloat16: without them it is emulated, slower than float32."""
    cpuinfo = Path("/proc/cpuinfo")
    flags = set(cpuinfo.read_text().split()) if cpuinfo.is_file() else set()
    return bool(flags & {"avx512_bf16", "amx_bf16"})


def unloadable(folder: Path, error: Exception) -> WeightsError:
    """Return the error that says what to do about a folder that can't be loaded."""
    return WeightsError(f"The encoder in {folder} cannot be loaded ({error}). Fetch it again: shelftalk setup")


def _has_gpu() -> bool:
    # Asking torch takes two seconds, which a search from the command line would wait for.
    return Path("/proc/driver/nvidia/gpus").is_dir()


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
    dtype = torch.bfloat16 if torch.cuda.is_available() or knows_bfloat16() else torch.float32
    try:
        return SentenceTransformer(str(folder), model_kwargs={"dtype": dtype}, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise unloadable(folder, error) from error
