"""The ranking model: boosted trees over the features of a person's candidates."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import lightgbm
import numpy as np

from retrieval.errors import WeightsError
from retrieval.recommending.features import FEATURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODEL_FILE = "model.json"
_SHIPPED = Path(__file__).parents[2] / "finetune" / "adapters" / "recommender"
_FORMAT = 1
_REMEDY = "Train it again: shelftalk train recommend"


class Ranking(Protocol):
    """Scores candidates by their features."""

    def score(self, features: "NDArray[np.float32]") -> "NDArray[np.float64]":
        """Return a score a row of `features`, (n, len(FEATURES)); higher is better."""
        ...


class LearnedRanking:
    """A forest that was trained to put what a person took next above the other candidates. Safe to share."""

    def __init__(self, forest: lightgbm.Booster) -> None:
        self._forest = forest

    def score(self, features: "NDArray[np.float32]") -> "NDArray[np.float64]":
        """Return a score a row of `features`, (n, len(FEATURES)); higher is better."""
        if not len(features):
            return np.zeros(0)
        # One thread: a list is scored before a second one has started.
        found = self._forest.predict(features, num_threads=1)
        return np.asarray(cast("NDArray[np.float64]", found), dtype=np.float64)

    def gains(self) -> dict[str, float]:
        """Return how much each feature took part in, as shares that add up to 1."""
        gains = self._forest.feature_importance("gain")
        return {name: float(gain / max(gains.sum(), 1e-9)) for name, gain in zip(FEATURES, gains, strict=True)}

    def save(self, path: Path) -> None:
        """Write the model to a JSON file."""
        text = self._forest.model_to_string()
        path.write_text(json.dumps({"format": _FORMAT, "features": list(FEATURES), "trees": text}), encoding="utf-8")


def load_ranking(path: Path) -> LearnedRanking:
    """Read a model. Raises `WeightsError` where it is missing, broken, or of other features than this code's."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        features, trees = held["features"], held["trees"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"The recommender's model {path} cannot be read ({error}). {_REMEDY}") from error
    if held.get("format") != _FORMAT or features != list(FEATURES) or not str(trees).startswith("tree"):
        raise WeightsError(f"The recommender's model {path} was trained on other features than these. {_REMEDY}")
    return LearnedRanking(lightgbm.Booster(model_str=trees))


def load_shipped_ranking() -> LearnedRanking | None:
    """Return the model that comes with the package, None where it was left out. Raises `WeightsError`."""
    path = _SHIPPED / MODEL_FILE
    return load_ranking(path) if path.is_file() else None
