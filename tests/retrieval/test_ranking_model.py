"""The ranker and the judgment that nothing fits, as they ship and as they are read from files."""

import json
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from retrieval.errors import WeightsError
from retrieval.ranking.features import FEATURES, candidate_features
from retrieval.ranking.fields import build_fields
from retrieval.ranking.fit import FIT_FEATURES, FIT_FILE, QueryFit, fit_features, load_fit
from retrieval.ranking.model import MODEL_FILE, LearnedRanker, load_ranker
from tests.retrieval.makers import MakeProduct

_SHIPPED = Path(__file__).parents[2] / "finetune" / "adapters" / "ranker"


@pytest.fixture(scope="module")
def ranker() -> LearnedRanker:
    """A ranker that has learned that the first feature is what counts."""
    dice = np.random.default_rng(0)
    rows = dice.random((400, len(FEATURES)))
    settings = {"objective": "cross_entropy", "num_leaves": 4, "verbosity": -1, "num_threads": 1}
    return LearnedRanker(
        [lightgbm.train({**settings, "seed": seed}, lightgbm.Dataset(rows, rows[:, 0]), 20) for seed in (0, 1)]
    )


def test_a_saved_ranker_scores_alike(ranker: LearnedRanker, tmp_path: Path) -> None:
    features = np.random.default_rng(1).random((30, len(FEATURES))).astype(np.float32)
    ranker.save(tmp_path / MODEL_FILE)
    scores = load_ranker(tmp_path / MODEL_FILE).score(features)
    assert np.allclose(scores, ranker.score(features))
    assert np.corrcoef(scores, features[:, 0])[0, 1] > 0.8


def test_features_of_another_number_are_refused(ranker: LearnedRanker) -> None:
    assert ranker.score(np.zeros((0, len(FEATURES)), dtype=np.float32)).shape == (0,)
    with pytest.raises(ValueError, match="features a candidate"):
        ranker.score(np.zeros((3, 2), dtype=np.float32))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"fused"', '"infused"', "other features.*fused"),
        ('"fused", "lexical_near"', '"lexical_near", "fused"', "another order"),
        ('"format": 1', '"format": 7', "no header of format 1"),
        ("leaf_value=", "leaf_valu=", "not those that were written"),
    ],
)
def test_a_ranker_that_does_not_belong_is_refused(
    ranker: LearnedRanker, tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = tmp_path / MODEL_FILE
    ranker.save(path)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(WeightsError, match=told):
        load_ranker(path)


def test_a_missing_ranker_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"finetune\.train_ranker"):
        load_ranker(tmp_path / MODEL_FILE)
    (tmp_path / MODEL_FILE).write_text(json.dumps({"format": 1, "features": list(FEATURES)}))
    with pytest.raises(WeightsError, match="not those that were written"):
        load_ranker(tmp_path / MODEL_FILE)


def test_a_fit_is_read_back_and_judges_by_its_threshold(tmp_path: Path) -> None:
    count = len(FIT_FEATURES)
    weights = tuple(1.0 if name == "best_score" else 0.0 for name in FIT_FEATURES)
    QueryFit((0.0,) * count, (1.0,) * count, weights, 0.0, 0.6).save(tmp_path / FIT_FILE)
    fit = load_fit(tmp_path / FIT_FILE)
    features = np.full((3, len(FEATURES)), np.nan, dtype=np.float32)
    assert fit.probability(features, np.array([-3.0, 2.0, 0.0])) == pytest.approx(1 / (1 + np.exp(-2)))
    assert fit.fits(features, np.array([-3.0, 2.0, 0.0])) and not fit.fits(features, np.array([-3.0, 0.3, 0.0]))
    assert fit.probability(features[:0], np.zeros(0)) == 0


@pytest.mark.parametrize(("name", "value"), [("weights", [1.0]), ("features", ["x"]), ("bias", None), ("format", 9)])
def test_a_broken_fit_is_refused(tmp_path: Path, name: str, value: object) -> None:
    count = len(FIT_FEATURES)
    QueryFit((0.0,) * count, (1.0,) * count, (0.0,) * count, 0.0, 0.5).save(tmp_path / FIT_FILE)
    held = json.loads((tmp_path / FIT_FILE).read_text())
    (tmp_path / FIT_FILE).write_text(json.dumps({**held, name: value}))
    with pytest.raises(WeightsError):
        load_fit(tmp_path / FIT_FILE)


def test_fit_features_look_at_the_best_scored() -> None:
    features = np.zeros((20, len(FEATURES)), dtype=np.float32)
    features[7, FEATURES.index("title_coverage")] = 1
    for name in ("lexical_near", "dense_near"):
        features[:, FEATURES.index(name)] = np.linspace(1, 0.1, 20)
    place = FIT_FEATURES.index("best_title_coverage")
    scores = -np.arange(20.0)
    assert fit_features(features, scores)[place] == 0
    scores[7] = 5
    assert fit_features(features, scores)[place] == 1
    assert fit_features(features, scores)[FIT_FEATURES.index("agreed")] == 1


def test_what_ships_ranks_the_thing_above_its_accessory(make_product: MakeProduct) -> None:
    products = [
        make_product("bag", "Carrying bag for a hill tent", category="Bags"),
        make_product("tent", "Green hill tent, two persons", category="Tents"),
        *(make_product(f"t{row}", f"Family tent {row} persons", category="Tents") for row in range(2, 6)),
        *(make_product(f"x{row}", f"Steel kettle {row} litres", category="Kettles") for row in range(6)),
    ]
    dice = np.random.default_rng(0).normal(size=(2, 16)).astype(np.float32)
    near = [dice[int(product.category == "Kettles")] for product in products]
    vectors = np.array([vector / np.linalg.norm(vector) for vector in near], dtype=np.float32)
    index = build_fields(products, vectors)
    rows, features = candidate_features(index, "hill tent", [0, 1, 2, 3, 4, 5], list(range(12)), vectors[1])
    scores = load_ranker(_SHIPPED / MODEL_FILE).score(features)
    assert rows[int(np.argmax(scores))] == 1
    assert max(scores[rows >= 6]) < min(scores[rows < 6])


def test_what_ships_knows_when_nothing_fits(make_product: MakeProduct) -> None:
    products = [make_product(f"x{row}", f"Steel kettle {row} litres", category="Kettles") for row in range(12)]
    kettles, skirts = np.eye(2, 16, dtype=np.float32)
    index = build_fields(products, np.tile(kettles, (12, 1)))
    ranker, fit = load_ranker(_SHIPPED / MODEL_FILE), load_fit(_SHIPPED / FIT_FILE)

    def chance(text: str, lexical: list[int], vector: "np.typing.NDArray[np.float32]") -> float:
        _, features = candidate_features(index, text, lexical, list(range(12)), vector)
        return fit.probability(features, ranker.score(features))

    assert chance("steel kettle", list(range(12)), kettles) > fit.threshold > chance("velvet skirt", [], skirts)
