"""Train the judgment that nothing fits: python -m finetune.train_fit FOLDER… --base ENCODER --work CACHE.

The ranker's scores come from rankers that haven't seen the query, and so does each probability that is measured.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from finetune.fit_data import FitExample, fit_examples
from finetune.ranker_data import ranked_shop
from finetune.search_data import load_search_set
from finetune.train_ranker import ENCODER, FOLDS, train_ranker
from retrieval.encoders import load_encoder
from retrieval.evaluation.folds import fold_of
from retrieval.ranking.fit import FIT_FILE, QueryFit, fit_features

if TYPE_CHECKING:
    from numpy.typing import NDArray

FALSE_ALARMS = 0.04
"""The share of fitting queries that may be told that nothing fits; the threshold is set by it."""
# How strongly the weights are held near zero: there are fewer examples than one would like.
_PENALTY = 50.0
_STEPS = 25
# In esci the names of what chorus sells too.
_SHARED = (
    "Electronics", "Office Products", "Cell Phones & Accessories", "Video Games", "Toys & Games", "Appliances",
    "Small Appliance Parts & Accessories", "Software", "Amazon Devices & Accessories", "Musical Instruments",
    "Industrial & Scientific", "Tools & Home Improvement", "Power & Hand Tools", "Kitchen & Dining", "Kindle Store",
    "Movies & TV", "Audible Books & Originals", "Gift Cards", "Automotive",
)  # fmt: skip


def train_fit(inputs: "NDArray[np.float64]", fits: "NDArray[np.bool_]", threshold: float = 0.5) -> QueryFit:
    """Fit the regression to (n, len(FIT_FEATURES)) inputs, NaN for what can't be told, and (n,) answers."""
    mean, scale = _spread(inputs)
    moved = np.clip(np.nan_to_num((inputs - mean) / scale), -4, 4)
    weights = _regress(moved, fits)
    return QueryFit(
        tuple(map(float, mean)),
        tuple(map(float, scale)),
        tuple(map(float, weights[:-1])),
        float(weights[-1]),
        threshold,
    )


def outside_scores(examples: Sequence[FitExample]) -> "list[NDArray[np.float64]]":
    """Return each example's candidate scores by a ranker that hasn't seen the query, neither here nor elsewhere."""
    judged = [example.query for example in examples if example.kind == "judged"]
    rankers = [
        train_ranker(query for query in judged if fold_of(query.query_id, FOLDS) != fold) for fold in range(FOLDS)
    ]
    return [rankers[fold_of(example.query.query_id, FOLDS)].score(example.query.features) for example in examples]


def cross_validate_fit(
    examples: Sequence[FitExample], inputs: "NDArray[np.float64]"
) -> "tuple[NDArray[np.float64], NDArray[np.bool_]]":
    """Return each example's probability and whether it counts as fitting, model and threshold from other folds."""
    folds = np.array([fold_of(example.query.query_id, FOLDS) for example in examples])
    fits = np.array([example.fits for example in examples])
    chances, told = np.zeros(len(examples)), np.zeros(len(examples), dtype=bool)
    for fold in range(FOLDS):
        held, rest = folds == fold, folds != fold
        inner = np.zeros(len(examples))
        for other in set(range(FOLDS)) - {fold}:
            within = rest & (folds != other)
            inner[folds == other] = _chances(train_fit(inputs[within], fits[within]), inputs[folds == other])
        chances[held] = _chances(train_fit(inputs[rest], fits[rest]), inputs[held])
        told[held] = chances[held] >= _threshold(inner[rest], fits[rest])
    return chances, told


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson interval of a share, 95 % by default; (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    share, spread = right / count, z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def report(examples: Sequence[FitExample], told: "NDArray[np.bool_]") -> list[str]:
    """Return a line a kind: how many, the share told right, and its interval."""
    lines = []
    for kind, fits in dict.fromkeys((example.kind, example.fits) for example in examples):
        answers = [bool(answer) for example, answer in zip(examples, told, strict=True) if example.is_of(kind, fits)]
        right = [answer == fits for answer in answers]
        lines.append(_line(f"{kind}, {'something' if fits else 'nothing'} fits", right))
    nothing = [not answer for example, answer in zip(examples, told, strict=True) if not example.fits]
    return [*lines, _line("nothing fits, all kinds", nothing)]


def main(
    sets: Annotated[list[Path], typer.Argument(help="Folders of judged search sets.")],
    base: Annotated[Path, typer.Option(help="The encoder's folder.")],
    work: Annotated[Path, typer.Option(help="Where vectors are kept.")],
    out: Annotated[Path, typer.Option(help="The ranker's folder.")] = Path("finetune/adapters/ranker"),
    shared: Annotated[list[str], typer.Option(help="Departments that two of the shops have.")] = list(_SHARED),  # noqa: B006
) -> None:
    """Cross-validate, train on everything, write the coefficients and the card of what was measured."""
    encoder = load_encoder(ENCODER, base)
    shops = [ranked_shop(load_search_set(folder, encoder, work)) for folder in sets]
    examples = [example for example in fit_examples(shops, shared) if len(example.query.rows)]
    outside = zip(examples, outside_scores(examples), strict=True)
    inputs = np.stack([fit_features(example.query.features, scores) for example, scores in outside])
    chances, told = cross_validate_fit(examples, inputs)
    fits = np.array([example.fits for example in examples])
    lines = report(examples, told)
    typer.echo("\n".join(lines))
    train_fit(inputs, fits, _threshold(chances, fits)).save(out / FIT_FILE)
    (out / "fit_card.md").write_text(_CARD.format(lines="\n".join(lines)), encoding="utf-8")


def _spread(inputs: "NDArray[np.float64]") -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return mean and standard deviation of each column's known values, 0 and 1 where there are none or all alike."""
    known = np.isfinite(inputs)
    counts = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, inputs, 0.0).sum(axis=0) / counts
    scale = np.sqrt((np.where(known, inputs - mean, 0.0) ** 2).sum(axis=0) / counts)
    return mean, np.where(scale > 1e-6, scale, 1.0)


def _regress(inputs: "NDArray[np.float64]", fits: "NDArray[np.bool_]") -> "NDArray[np.float64]":
    """Return the weights and, last, the bias of a ridge logistic regression, both answers weighing as much (Newton)."""
    rows = np.column_stack([inputs, np.ones(len(inputs))])
    shares = np.where(fits, 0.5 / max(1, fits.sum()), 0.5 / max(1, (~fits).sum())) * len(fits)
    penalty = np.full(rows.shape[1], _PENALTY)
    penalty[-1] = 1e-6
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (shares * (chances - fits)) + penalty * weights
        curve = (rows * (shares * chances * (1 - chances))[:, None]).T @ rows + np.diag(penalty)
        weights -= np.linalg.solve(curve, slope)
    return weights


def _threshold(chances: "NDArray[np.float64]", fits: "NDArray[np.bool_]") -> float:
    return float(np.quantile(chances[fits], FALSE_ALARMS))


def _chances(model: QueryFit, inputs: "NDArray[np.float64]") -> "NDArray[np.float64]":
    return np.array([model.probability_of(row) for row in inputs])


def _line(name: str, right: Sequence[bool]) -> str:
    low, high = wilson(sum(right), len(right))
    return f"| {name} | {len(right)} | {sum(right) / max(1, len(right)):.3f} | {low:.3f} to {high:.3f} |"


_CARD = """# Whether anything fits

A logistic regression over the candidates' features and the ranker's scores, from judged queries with and without
relevant products and from made ones that nothing fits: queries of one shop asked in another ('foreign', without the
departments that both have), and queries in their own shop without the departments of their relevant products
('emptied'). Data and licences: card.md.

Five folds by query, model and threshold from the other folds; the share told right, with Wilson's 95 % interval.

| queries | count | right | interval |
|---|---|---|---|
{lines}
"""


if __name__ == "__main__":
    typer.run(main)
