"""A cross-encoder that reads query and product together, from a folder that `finetune.train_reranker` wrote."""

import threading
from collections.abc import Sequence
from pathlib import Path

from retrieval.errors import WeightsError


class CrossEncoderReranker:
    """Scores texts by a sentence-transformers CrossEncoder. Safe to share between threads.

    Raises `WeightsError` where the folder holds none.
    """

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(str(folder), local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise WeightsError(f"The reranker in {folder} cannot be loaded ({error}). Train it anew.") from error
        # The tokenizer changes its own state while it works.
        self._lock = threading.Lock()

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return a score a text, higher for a better one."""
        if not texts:
            return []
        with self._lock:
            scores = self._model.predict([(query, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in scores]
