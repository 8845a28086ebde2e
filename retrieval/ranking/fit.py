"""Whether anything in the shop fits the query: a calibrated probability, from the candidates' features and scores."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.errors import WeightsError
from retrieval.ranking.features import FEATURES
from retrieval.ranking.model import check_header

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIT_FILE = "fit.json"
_FORMAT = 1
# What a shopper sees first, and what has to be right; and what is looked at to tell what the query is about.
_SHOWN, _SEEN = 5, 10
_BEST = ("cosine", "bm25f", "bm25_title", "title_coverage", "any_coverage", "phrase", "title_covered")
_MEAN = (
    "cosine", "bm25f", "any_coverage", "weightiest_missing", "head_in_title", "head_in_place", "head_after_connective",
    "title_agreement", "place_agreement", "keys_agreement", "centroid", "brand", "unwanted_in_title",
)  # fmt: skip
_OF_QUERY = ("unknown_words", "query_length")
FIT_FEATURES = (
    "best_score", "mean_score", "agreed",
    *(f"best_{name}" for name in _BEST), *(f"mean_{name}" for name in _MEAN), *_OF_QUERY,
)  # fmt: skip
"""What the probability rests on, in order."""


@dataclass(frozen=True)
class QueryFit:
    """A logistic regression over `FIT_FEATURES`. `threshold` is where a probability counts as fitting."""

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float

    def probability(self, features: "NDArray[np.float32]", scores: "NDArray[np.float64]") -> float:
        """Return how likely it is that some candidate fits, given their features and the ranker's scores.

        `features` has the shape (n, len(FEATURES)) and `scores` (n,); without candidates nothing fits.
        """
        if not len(scores):
            return 0.0
        return self.probability_of(fit_features(features, scores))

    def probability_of(self, inputs: "NDArray[np.float64]") -> float:
        """Return the probability for one query's `FIT_FEATURES`, (len(FIT_FEATURES),)."""
        # What can't be told of a query (its cosine, in a script that the encoder doesn't know) speaks neither way.
        moved = np.nan_to_num((inputs - np.array(self.mean)) / np.array(self.scale))
        return float(1 / (1 + np.exp(-(np.clip(moved, -4, 4) @ np.array(self.weights) + self.bias))))

    def fits(self, features: "NDArray[np.float32]", scores: "NDArray[np.float64]") -> bool:
        """Tell whether anything fits."""
        return self.probability(features, scores) >= self.threshold

    def save(self, path: Path) -> None:
        """Write the coefficients as JSON."""
        held = {name: getattr(self, name) for name in ("mean", "scale", "weights", "bias", "threshold")}
        header = {"format": _FORMAT, "features": list(FIT_FEATURES)}
        path.write_text(json.dumps({**header, **held}, indent=1) + "\n", encoding="utf-8")


def load_fit(path: Path) -> QueryFit:
    """Read what `save` wrote. Raises `WeightsError` where it is missing, broken, or of other features."""
    try:
        held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        check_header(held, FIT_FEATURES, path)
        mean, scale, weights = (tuple(map(float, held[name])) for name in ("mean", "scale", "weights"))
        if not len(mean) == len(scale) == len(weights) == len(FIT_FEATURES):
            raise ValueError("its tables are of another length than its features")
        return QueryFit(mean, scale, weights, float(held["bias"]), float(held["threshold"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path} cannot be read ({error}). Fetch it again, or train it anew: "
                           "python -m finetune.train_fit") from error  # fmt: skip


def fit_features(features: "NDArray[np.float32]", scores: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Return `FIT_FEATURES` of one query, (len(FIT_FEATURES),); NaN for what can't be told."""
    order = np.argsort(-scores, kind="stable")
    shown, seen = features[order[:_SHOWN]], features[order[:_SEEN]]
    values = [float(scores.max()), float(scores[order[:_SHOWN]].mean()), _agreed(features)]
    values += [_quiet(np.max, shown[:, FEATURES.index(name)]) for name in _BEST]
    values += [_quiet(np.mean, seen[:, FEATURES.index(name)]) for name in _MEAN]
    values += [float(features[0, FEATURES.index(name)]) for name in _OF_QUERY]
    return np.array(values)


def _agreed(features: "NDArray[np.float32]") -> float:
    """Share of the best of one retriever that are among the best of the other."""
    best = [_top(features[:, FEATURES.index(name)]) for name in ("lexical_near", "dense_near")]
    return len(best[0] & best[1]) / _SEEN if all(best) else float("nan")


def _top(column: "NDArray[np.float32]") -> set[int]:
    return {int(row) for row in np.argsort(-column, kind="stable")[:_SEEN] if column[row] > 0}


def _quiet(reduce: Any, column: "NDArray[np.float32]") -> float:
    told = column[np.isfinite(column)]
    return float(reduce(told)) if len(told) else float("nan")
