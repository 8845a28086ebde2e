"""The learned ranker: boosted trees that score a query's candidates by their features."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import lightgbm
import numpy as np

from retrieval.errors import WeightsError
from retrieval.ranking.features import FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL_FILE = "model.txt"
_FORMAT = 1
# Parts the header and the trees of each seed; LightGBM writes no such line.
_PARTING = "\n=== trees ===\n"


class LearnedRanker:
    """Forests of two kinds, of each as many as there were seeds. Safe to share between threads.

    `pointwise` ones tell the log odds of one candidate by itself, `listwise` ones only an order. `encoder` names the
    encoder whose cosines they have learned from; another's mean something else.
    """

    def __init__(
        self, pointwise: Sequence[lightgbm.Booster], listwise: Sequence[lightgbm.Booster] = (), encoder: str = ""
    ) -> None:
        self._pointwise = tuple(pointwise)
        self._listwise = tuple(listwise)
        self.encoder = encoder

    def score(self, features: "NDArray[np.float32]") -> "NDArray[np.float64]":
        """Return a score a row of `features`, (n, len(FEATURES)): about the log odds of being relevant, (n,).

        The listwise scores are brought to the mean and spread of the query's log odds, and count as much.
        """
        if features.ndim != 2 or features.shape[1] != len(FEATURES):
            raise ValueError(f"The ranker reads {len(FEATURES)} features a candidate, not the shape {features.shape}.")
        if not len(features):
            return np.zeros(0)
        odds = _mean(self._pointwise, features)
        if not self._listwise:
            return odds
        order = _mean(self._listwise, features)
        spread = order.std()
        moved = (order - order.mean()) * (odds.std() / spread) + odds.mean() if spread > 1e-9 else odds
        return np.asarray((odds + moved) / 2, dtype=np.float64)

    def save(self, path: Path) -> None:
        """Write the ranker to a text file whose first line names its features."""
        forests = [*self._pointwise, *self._listwise]
        trees = [_bare(forest.model_to_string(importance_type="gain")) for forest in forests]
        header = {
            "format": _FORMAT,
            "features": list(FEATURES),
            "encoder": self.encoder,
            "pointwise": len(self._pointwise),
            "sha256": _digest(trees),
        }
        path.write_text(_PARTING.join([json.dumps(header), *trees]), encoding="utf-8")


def load_ranker(path: Path) -> LearnedRanker:
    """Read a ranker. Raises `WeightsError` where it is missing, broken, or of other features than this code's."""
    try:
        first, *trees = path.read_text(encoding="utf-8").split(_PARTING)
        header = json.loads(first)
    except (OSError, ValueError) as error:
        raise WeightsError(f"The ranker {path} cannot be read ({error}). {_REMEDY}") from error
    check_header(header, FEATURES, path)
    # LightGBM ends the whole process over a broken tree, so it is never given one.
    if not trees or header.get("sha256") != _digest(trees):
        raise WeightsError(f"The trees of {path} are not those that were written. {_REMEDY}")
    forests = [lightgbm.Booster(model_str=text) for text in trees]
    pointwise = header.get("pointwise", len(forests))
    return LearnedRanker(forests[:pointwise], forests[pointwise:], header.get("encoder", ""))


def check_header(header: Any, features: Sequence[str], path: Path) -> None:
    """Compare a file's header with what this code computes. Raises `WeightsError` that names the difference."""
    held = header.get("features") if isinstance(header, dict) and header.get("format") == _FORMAT else None
    if not isinstance(held, list):
        raise WeightsError(f"{path} has no header of format {_FORMAT}. {_REMEDY}")
    if held != list(features):
        strange = sorted(set(held) ^ set(features)) or ["the same ones in another order"]
        raise WeightsError(f"{path} was trained on other features ({', '.join(strange[:5])}). {_REMEDY}")


_REMEDY = "Fetch the file again, or train it anew: python -m finetune.train_ranker"


def _mean(forests: Sequence[lightgbm.Booster], features: "NDArray[np.float32]") -> "NDArray[np.float64]":
    # One thread: a hundred rows are done before a second one has started.
    found = [cast("NDArray[np.float64]", forest.predict(features, raw_score=True, num_threads=1)) for forest in forests]
    return np.asarray(np.mean(found, axis=0), dtype=np.float64)


def _digest(trees: Sequence[str]) -> str:
    return hashlib.sha256(_PARTING.join(trees).encode()).hexdigest()


def _bare(text: str) -> str:
    """Leave out what a model needs for nothing but being trained on."""
    return text.split("\nparameters:")[0].rstrip() + "\n"
