"""Recommendations from history, the front door.

Read the person's past → candidates by what is taken together, what is alike and what is popular → one ranking model
over their features → leave out what was just bought → vary → cut to k, each with the reason that it really rests on.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.events import RawEvent
from retrieval.recommending.features import FEATURES, candidates_of, features_of
from retrieval.recommending.fitted import Fitted
from retrieval.recommending.formula import Formula
from retrieval.recommending.learned import Ranking
from retrieval.recommending.mmr import limits_of, varied
from retrieval.recommending.past import read_past
from retrieval.recommending.reasons import NEW, Reasons
from retrieval.recommending.related import complements, substitutes
from retrieval.recommending.schema import Suggestion
from retrieval.recommending.situation import Situation, resting_kinds, situation_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_VARIETY = 0.25
_COLD_VARIETY = 0.5
_POOL = 60
"""The best ranked that variety chooses from."""
_PLACES = 2.0
"""Places that a search hit moves up at most."""
_SPREAD = 0.2
"""A difference of nearness from which on it is worth the whole of it."""
_HEAD_START = 0.2
"""What being new is worth beside a cosine where something is to be tried."""
_DAY = 86400.0

Admitted = Callable[[Sequence[str]], Collection[str]]
"""Which of some products may be shown; asked of a few at a time, best first."""


class Recommender:
    """Recommends from one state of the log and the catalogue. Holds nobody's data; safe to share between threads."""

    def __init__(self, fitted: Fitted, ranking: Ranking) -> None:
        self._fitted = fitted
        self._ranking = ranking
        # A trained ranking knows what follows from a past; of somebody without one it knows what is popular at most.
        self._for_strangers = Formula()

    @property
    def fitted(self) -> Fitted:
        """What was learned from the log."""
        return self._fitted

    def recommend(
        self,
        events: Sequence[RawEvent],
        now: datetime,
        k: int = 8,
        admitted: Admitted | None = None,
        among: Mapping[str, float] | None = None,
        disliked: Collection[str] = (),
        segment: str | None = None,
    ) -> list[Suggestion]:
        """Return at most k products for the person who did these things, best first.

        `among` limits the list to these products, each with how well it fits what was asked for (0 … 1). What is
        disliked, was sent back or was bought lately is left out; a consumable comes back when it is due. What is
        popular in the person's `segment` counts where little else is known.
        """
        situation = self._situation(events, now, segment)
        rows = self._rows(among) if among is not None else candidates_of(self._fitted, situation)
        rows = rows[~np.isin(rows, situation.unwanted(self._rows(disliked).tolist()))]
        if among is None:
            rows = self._without_another(rows, situation)
        if not len(rows):
            return []
        features = features_of(self._fitted, situation, rows)
        scores = (self._ranking if len(situation.past) else self._for_strangers).score(features)
        if among is not None:
            fits = np.array([among[self._fitted.items.ids[row]] for row in rows])
            scores = _standing(scores) + 2 * _standing(fits)
        pool = self._pool(rows, scores, admitted, k)
        weight = _VARIETY if len(situation.past) else _COLD_VARIETY
        past = situation.past
        seen = set(past.rows.tolist()) - set(past.bought)
        # Who asks for something gets what fits, known or not.
        limits = [] if among is not None else limits_of(self._fitted.items, rows[pool], k, seen, past.bought)
        shown = varied(self._fitted.items, rows[pool], scores[pool], k, weight, limits)
        reasons = Reasons(self._fitted, situation, asked=among is not None)
        return [
            Suggestion(
                product_id=self._fitted.items.ids[rows[place]],
                score=float(scores[place]),
                reason=reasons.of(rows[place]),
            )
            for place in (pool[found] for found in shown)
        ]

    def similar(
        self, product_id: str, k: int = 8, cheaper: bool = False, admitted: Admitted | None = None
    ) -> list[Suggestion]:
        """Return products that can take the place of one: near it by content and of its category."""
        return self._admit(substitutes(self._fitted, product_id, cheaper), admitted, k)

    def goes_with(
        self,
        product_id: str,
        events: Sequence[RawEvent],
        now: datetime,
        k: int = 8,
        admitted: Admitted | None = None,
        disliked: Collection[str] = (),
    ) -> list[Suggestion]:
        """Return products that are taken together with one, never one that could take its place."""
        past = read_past(events, self._fitted.items, now)
        without = {self._fitted.items.ids[row] for row in (*past.disliked, *past.bought)} | set(disliked)
        found = [each for each in complements(self._fitted, product_id) if each.product_id not in without]
        return self._admit(found, admitted, k)

    def untried(
        self, events: Sequence[RawEvent], now: datetime, count: int, admitted: Admitted | None = None
    ) -> list[Suggestion]:
        """Return products that nobody has had to do with yet and that are near the person's past, nearest first.

        What has just come in goes before what was there and found nobody.
        """
        fitted = self._fitted
        situation = self._situation(events, now)
        nearness = fitted.items.vectors @ situation.past.weights_over(fitted.items.vectors)
        fresh = np.flatnonzero(fitted.popularity.persons == 0)
        came = np.isin(fresh, [row for row, day in fitted.items.arrived.items() if situation.today - day <= NEW])
        order = fresh[np.argsort(-nearness[fresh] - _HEAD_START * came, kind="stable")][: 4 * count]
        ids = fitted.items.ids
        may = admitted([ids[row] for row in order]) if admitted else None
        shown = [int(row) for row in order if may is None or ids[row] in may][:count]
        reasons = Reasons(fitted, situation)
        return [Suggestion(product_id=ids[row], score=0.0, reason=reasons.of(row), explored=True) for row in shown]

    def affinity(self, events: Sequence[RawEvent], product_ids: Sequence[str], now: datetime) -> dict[str, float]:
        """Return how near products are to a person's past, 0 at least; nothing for somebody without one.

        Near is what is alike, of a brand or taken together with what they had, and what they buy again, and also what
        they have: it may be what they look for. What they dislike is left out.
        """
        fitted = self._fitted
        situation, rows = self._situation(events, now), self._rows(product_ids)
        if not len(situation.past) or not len(rows):
            return {}
        table = dict(zip(FEATURES, features_of(fitted, situation, rows).T, strict=True))
        near = 0.6 * table["content_best"] + 0.3 * table["brand_share"] + np.minimum(table["together_cosine"], 0.3)
        near += np.minimum(2 * table["chance_again"], 0.5)
        wanted = ~np.isin(rows, list(situation.past.disliked))
        pairs = zip(rows[wanted], near[wanted], strict=True)
        return {fitted.items.ids[row]: max(float(value), 0.0) for row, value in pairs}

    def _situation(self, events: Sequence[RawEvent], now: datetime, segment: str | None = None) -> Situation:
        past = read_past(events, self._fitted.items, now)
        return situation_of(self._fitted, past, now.timestamp() / _DAY, segment)

    def _without_another(self, rows: "NDArray[np.int64]", situation: Situation) -> "NDArray[np.int64]":
        """Leave out others of a kind that was just bought: who bought a tent wants no second one."""
        resting = list(resting_kinds(self._fitted, situation))
        another = np.isin(self._fitted.items.categories[rows], resting) & ~np.isin(rows, list(situation.due))
        return rows[~another]

    def _rows(self, product_ids: Iterable[str]) -> "NDArray[np.int64]":
        known = self._fitted.items.rows
        return np.array([known[identifier] for identifier in product_ids if identifier in known], dtype=np.int64)

    def _pool(
        self, rows: "NDArray[np.int64]", scores: "NDArray[np.float64]", admitted: Admitted | None, k: int
    ) -> "NDArray[np.int64]":
        """Return the places of the best that may be shown."""
        order, wanted = np.argsort(-scores, kind="stable"), max(_POOL, k)
        if admitted is None:
            return order[:wanted]
        kept: list[int] = []
        for start in range(0, len(order), wanted):
            some = order[start : start + wanted]
            may = admitted([self._fitted.items.ids[rows[place]] for place in some])
            kept += [int(place) for place in some if self._fitted.items.ids[rows[place]] in may]
            if len(kept) >= k:
                break
        return np.array(kept[:wanted], dtype=np.int64)

    def _admit(self, found: Sequence[Suggestion], admitted: Admitted | None, k: int) -> list[Suggestion]:
        may = admitted([each.product_id for each in found]) if admitted else None
        return [each for each in found if may is None or each.product_id in may][:k]


def nearer_first(product_ids: Sequence[str], near: Mapping[str, float]) -> list[str]:
    """Return the hits of a search with those nearer to a person's past moved up, by two places at most.

    `near` tells how near each is (`Recommender.affinity`): the nearest of them is worth two places more than the
    farthest, less where all are about as near.
    """
    if not near:
        return list(product_ids)
    low, high = min(near.values()), max(near.values())
    worth = _PLACES / max(high - low, _SPREAD)
    places = {each: place - worth * (near.get(each, low) - low) for place, each in enumerate(product_ids)}
    return sorted(product_ids, key=lambda product_id: places[product_id])


def _standing(scores: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Return scores with mean 0 and spread 1, so that two kinds of them can be added."""
    spread = float(scores.std())
    return np.asarray((scores - scores.mean()) / spread if spread > 1e-9 else np.zeros(len(scores)))
