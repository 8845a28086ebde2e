"""Recommendations measured: full ranking of every product for what people took next, by several systems.

The people are parted into folds; each fold is ranked by systems that were fitted on the other people, in this run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from retrieval.evaluation.interactions import Histories
from retrieval.recommending.events import EventLog
from retrieval.recommending.fitted import fit
from retrieval.recommending.formula import Formula
from retrieval.recommending.items import Items
from retrieval.recommending.learned import Ranking, load_shipped_ranking
from retrieval.recommending.learning import Case, scores_of_all, train_ranking, without
from retrieval.schema import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

SYSTEMS = ("popularity", "co-occurrence", "content", "formula", "shipped", "ours")
BUCKETS = {"0": (0, 0), "1-2": (1, 2), "3-9": (3, 9), "10+": (10, 10**9)}
"""Numbers of earlier events by which the figures are told apart."""
K = 10
_HEAD = 0.1
"""The share of the products, those with the most events, that counts as popular."""
_SEED = 5


class Figures(Value):
    """How one system ranks. All from 0 to 1; of cases of one kind None where there are none.

    `diversity` is 1 minus the mean cosine of two products of a list, `coverage` the share of all products that are in
    any list, `popularity_share` the share of the listed that belong to the most popular tenth.
    """

    cases: int
    hr: float
    ndcg: float
    diversity: float
    coverage: float
    popularity_share: float
    by_events: dict[str, dict[str, float]]


@dataclass
class _Tally:
    """What one system has done so far."""

    ranks: list[float] = field(default_factory=list)
    earlier: list[int] = field(default_factory=list)
    alike: list[float] = field(default_factory=list)
    listed: list["NDArray[np.int64]"] = field(default_factory=list)
    popular: list[float] = field(default_factory=list)


def evaluate_recommending(
    histories: Histories, items: Items, folds: int = 5, progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Figures]:
    """Return system → figures. The target's own rank is the middle of those with its score."""
    tallies = {name: _Tally() for name in SYSTEMS}
    fold_of = np.random.default_rng(_SEED).permutation(histories.log.people) % folds
    # Each case is looked at once to be ranked, and in each other fold once to be learned from.
    total = len(histories.cases) * folds
    done = 0
    for fold in range(folds):
        held = fold_of == fold
        rest = without(histories.log, held)
        training = [case for case in histories.cases if not held[case.person]]

        def learned(count: int, _: int, start: int = done) -> None:
            progress(start + count, total)

        ranker = _Ranker(rest, items, training, learned)
        done += len(training)
        for case in (case for case in histories.cases if held[case.person]):
            for name, scores in ranker.scores(case).items():
                _count(tallies[name], scores, case, items, ranker.head)
            done += 1
            progress(done, total)
    return {name: _figures(tally, len(items.ids)) for name, tally in tallies.items() if tally.ranks}


class _Ranker:
    """The systems, fitted on one log."""

    def __init__(
        self, log: EventLog, items: Items, training: Sequence[Case], progress: Callable[[int, int], None]
    ) -> None:
        self._items = items
        self._counts = np.bincount(log.rows, minlength=len(items.ids)).astype(np.float64)
        self._together = _co_occurrence(log, len(items.ids))
        self._fitted = fit(log, items)
        shipped = load_shipped_ranking()
        self._rankings: dict[str, Ranking] = {
            "formula": Formula(),
            **({"shipped": shipped} if shipped else {}),
            "ours": train_ranking(log, items, training, progress) or Formula(),
        }
        most = np.argsort(-self._counts, kind="stable")[: max(1, int(_HEAD * len(items.ids)))]
        self.head = np.zeros(len(items.ids), dtype=bool)
        self.head[most] = True

    def scores(self, case: Case) -> "dict[str, NDArray[np.float64]]":
        """Return each system's score for every product."""
        counted = np.asarray(self._together[case.past.rows].sum(axis=0)).ravel() if len(case.past) else self._counts
        mean = case.past.weights_over(self._items.vectors)
        return {
            "popularity": self._counts,
            "co-occurrence": counted,
            "content": np.asarray(self._items.vectors @ mean, dtype=np.float64),
            **{
                name: scores_of_all(self._fitted, ranking, case.past, case.today)
                for name, ranking in self._rankings.items()
            },
        }


def _co_occurrence(log: EventLog, products: int) -> "csr_array":
    """Return how many people had both of two products."""
    from scipy.sparse import csr_array

    pairs = np.unique(np.stack([log.persons, log.rows]), axis=1)
    had = csr_array((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(log.people, products))
    both = (had.T @ had).tocsr()
    both.setdiag(0)
    return both


def _count(tally: _Tally, scores: "NDArray[np.float64]", case: Case, items: Items, head: "NDArray[np.bool_]") -> None:
    own = scores[case.target]
    above, same = int((scores > own).sum()), int((scores == own).sum())
    tally.ranks.append(above + (same - 1) / 2 + 1)
    tally.earlier.append(case.events)
    best = np.argpartition(-scores, K)[:K] if len(scores) > K else np.arange(len(scores))
    vectors = items.vectors[best]
    pairs = len(best) * (len(best) - 1)
    tally.alike.append(float(((vectors @ vectors.T).sum() - (vectors * vectors).sum()) / max(pairs, 1)))
    tally.listed.append(best)
    tally.popular.append(float(head[best].mean()))


def _figures(tally: _Tally, products: int) -> Figures:
    ranks, earlier = np.array(tally.ranks), np.array(tally.earlier)
    hits = ranks <= K
    gains = np.where(hits, 1 / np.log2(ranks + 1), 0.0)
    by_events = {}
    for name, (low, high) in BUCKETS.items():
        chosen = (earlier >= low) & (earlier <= high)
        if chosen.any():
            part = {"cases": float(chosen.sum()), "hr": float(hits[chosen].mean()), "ndcg": float(gains[chosen].mean())}
            by_events[name] = part
    return Figures(
        cases=len(ranks),
        hr=float(hits.mean()),
        ndcg=float(gains.mean()),
        diversity=1 - float(np.mean(tally.alike)),
        coverage=len(np.unique(np.concatenate(tally.listed))) / products,
        popularity_share=float(np.mean(tally.popular)),
        by_events=by_events,
    )
