"""Training the ranking model: what people took next, ranked among the candidates that their past gave.

A person's own events never count in the tables that their features come from: the people are parted into folds, and
the tables of each fold are counted over the others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import lightgbm
import numpy as np

from retrieval.recommending.events import EventLog
from retrieval.recommending.features import FEATURES, candidates_of, features_of
from retrieval.recommending.fitted import Fitted, fit
from retrieval.recommending.items import Items
from retrieval.recommending.learned import LearnedRanking, Ranking
from retrieval.recommending.past import Past, past_of_rows
from retrieval.recommending.situation import situation_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDS = 3
_NEGATIVES = 50
"""Candidates that weren't taken, drawn for each that was."""
_ROUNDS = 160
_SEED = 11
_PARAMETERS = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 20,
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "seed": _SEED,
    "verbose": -1,
    # More threads than free cores make it many times slower.
    "num_threads": 1,
}
FEWEST = 40
"""Cases from which on there is something to learn."""


@dataclass(frozen=True)
class Case:
    """What a person (a number in the log) took next, and what they had done before."""

    person: int
    past: Past
    target: int
    today: float
    events: int = 0
    """How many events came before."""
    also: frozenset[int] = frozenset()
    """What else they took that day."""


Progress = Callable[[int, int], None]


class Examples(NamedTuple):
    """Candidates of cases: features (n, len(FEATURES)), 1 for what was taken, and how many there are of each case."""

    rows: "list[NDArray[np.float32]]"
    labels: "list[NDArray[np.int32]]"
    sizes: list[int]


def train_ranking(
    log: EventLog, items: Items, cases: Sequence[Case], progress: Progress = lambda done, total: None
) -> LearnedRanking | None:
    """Train on the cases of one shop; None where they are too few to learn from."""
    return train_on([examples_of(log, items, cases, progress)])


def examples_of(
    log: EventLog, items: Items, cases: Sequence[Case], progress: Progress = lambda done, total: None
) -> Examples:
    """Describe the candidates of the cases by tables that know nothing of their persons."""
    folds = np.random.default_rng(_SEED).integers(0, FOLDS, size=max(log.people, 1))
    found = Examples([], [], [])
    done = 0
    for fold in range(FOLDS):
        fitted = fit(without(log, folds == fold), items)
        for case in cases:
            if folds[case.person] != fold:
                continue
            done += 1
            progress(done, len(cases))
            if one := _examples(fitted, case):
                found.rows.append(one[0])
                found.labels.append(one[1])
                found.sizes.append(len(one[1]))
    return found


def train_on(shops: Sequence[Examples]) -> LearnedRanking | None:
    """Train one model on the examples of some shops; None where they are too few to learn from."""
    rows = [each for shop in shops for each in shop.rows]
    labels = [each for shop in shops for each in shop.labels]
    sizes = [each for shop in shops for each in shop.sizes]
    if len(sizes) < FEWEST:
        return None
    data = lightgbm.Dataset(np.concatenate(rows), np.concatenate(labels), group=sizes, feature_name=list(FEATURES))
    return LearnedRanking(lightgbm.train(_PARAMETERS, data, _ROUNDS))


def without(log: EventLog, left_out: "NDArray[np.bool_]") -> EventLog:
    """Return the log without the events of some persons, by number."""
    kept = ~left_out[log.persons]
    parts = {name: getattr(log, name)[kept] for name in ("persons", "rows", "kinds", "days")}
    return replace(log, **parts)


def _examples(fitted: Fitted, case: Case) -> "tuple[NDArray[np.float32], NDArray[np.int32]] | None":
    """Return the features and labels of what was taken and of some that weren't; None where none was a candidate."""
    situation = situation_of(fitted, case.past, case.today)
    rows = candidates_of(fitted, situation)
    wanted = np.isin(rows, [case.target, *case.also])
    taken, others = np.flatnonzero(wanted), np.flatnonzero(~wanted)
    if not len(taken):
        return None
    rng = np.random.default_rng([_SEED, case.person, case.target])
    if len(others) > _NEGATIVES:
        others = rng.choice(others, _NEGATIVES, replace=False)
    chosen = np.concatenate([taken, others])
    labels = np.zeros(len(chosen), dtype=np.int32)
    labels[: len(taken)] = 1
    return features_of(fitted, situation, rows[chosen]), labels


def scores_of_all(fitted: Fitted, ranking: Ranking, past: Past, today: float) -> "NDArray[np.float64]":
    """Return a score for every product, shape (n,): the candidates by the model, the others below them."""
    situation = situation_of(fitted, past, today)
    rows = candidates_of(fitted, situation)
    scores = ranking.score(features_of(fitted, situation, rows))
    lowest = float(scores.min(initial=0.0)) - 1.0
    near = fitted.items.vectors @ past.weights_over(fitted.items.vectors)
    everything = lowest - 3.0 + near + 1e-3 * np.log1p(fitted.popularity.persons)
    everything[rows] = scores
    return np.asarray(everything, dtype=np.float64)


def cases_of(log: EventLog, most: int, each: int = 3) -> Iterator[Case]:
    """Yield what each person took on their latest days, at most `each` days of one person.

    The last product of a day is its target; what was done on that day isn't known yet. At most `most` cases, of persons
    drawn at random.
    """
    starts = np.flatnonzero(np.r_[True, log.persons[1:] != log.persons[:-1]]) if len(log) else np.zeros(0, int)
    ends = np.r_[starts[1:], len(log)]
    given = 0
    for place in np.random.default_rng(_SEED).permutation(len(starts)):
        start, end = int(starts[place]), int(ends[place])
        for _ in range(each):
            if given >= most:
                return
            before = start + int(np.searchsorted(log.days[start:end], np.floor(log.days[end - 1])))
            if before == start:
                break
            taken = np.arange(before, end)[log.strengths[before:end] > 0]
            end = before
            if not len(taken):
                continue
            past = past_of_rows(log.rows[start:before], log.kinds[start:before], log.days[start:before])
            given += 1
            yield Case(
                person=int(log.persons[start]),
                past=past,
                target=int(log.rows[taken[-1]]),
                today=float(log.days[taken[-1]]),
                events=len(past),
                also=frozenset(log.rows[taken[:-1]].tolist()),
            )
