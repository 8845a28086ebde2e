"""Why a product is in a list: the strongest thing that its place really rests on, and nothing that isn't so."""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.events import KINDS, LIKE, PURCHASE
from retrieval.recommending.fitted import Fitted
from retrieval.recommending.past import moment
from retrieval.recommending.schema import Reason
from retrieval.recommending.situation import Situation

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_SURE = 2
"""Customers that must have bought both before it is said that they go together."""
_NEAR = 0.45
"""Cosine from which on two products are called close."""
_POPULAR = 3
"""Customers that must have taken a product before it is called popular."""

NEW = 30.0
"""Days for which a product that came in is called new."""


class Reasons:
    """The reasons for one person's list."""

    def __init__(self, fitted: Fitted, situation: Situation, asked: bool = False) -> None:
        self._fitted = fitted
        self._past = situation.past
        self._due = situation.due
        self._today = situation.today
        self._asked = asked

    def of(self, row: int) -> Reason:
        """Return the reason for one product."""
        return self._again(row) or self._seen(row) or self._with(row) or self._close(row) or self._plain(row)

    def _again(self, row: int) -> Reason | None:
        if row not in self._due:
            return None
        return Reason(kind="again", product_id=self._id(row), at=moment(self._past.bought[row]), bought=True)

    def _seen(self, row: int) -> Reason | None:
        """The person looked at this very product and hasn't bought it."""
        places = np.flatnonzero(self._past.rows == row)
        if row in self._past.bought or not len(places):
            return None
        return Reason(kind="seen", at=moment(self._past.days[int(places[0])]))

    def _with(self, row: int) -> Reason | None:
        """Others bought it with something that this person bought."""
        held, table = self._held
        where = np.flatnonzero(table.indices == row)
        others = np.searchsorted(table.indptr, where, side="right") - 1
        counts = {held[other]: int(table.data[at]) for other, at in zip(others, where, strict=True)}
        counts.pop(row, None)
        best = max(counts, key=lambda had: counts[had], default=None)
        if best is None or counts[best] < _SURE:
            return None
        return Reason(kind="bought_with", product_id=self._id(best), count=counts[best], bought=True)

    @cached_property
    def _held(self) -> "tuple[list[int], csr_array]":
        """What the person bought, and how many others bought each with what."""
        held = [int(had) for had in self._past.rows if int(had) in self._past.bought]
        return held, self._fitted.together.bought[held]

    def _close(self, row: int) -> Reason | None:
        place = self._nearest(row)
        if place is None:
            return None
        had, kind = int(self._past.rows[place]), int(self._past.kinds[place])
        if self._is_new(row) and kind != LIKE:
            return Reason(kind="new", product_id=self._id(had), bought=had in self._past.bought)
        if had in self._past.bought:
            return Reason(kind="bought", product_id=self._id(had), at=moment(self._past.bought[had]), bought=True)
        if kind == LIKE:
            return Reason(kind="liked", product_id=self._id(had))
        assert kind != PURCHASE, KINDS[kind]
        return Reason(kind="viewed", product_id=self._id(had), at=moment(self._past.days[place]))

    def _nearest(self, row: int) -> int | None:
        """Return the place in the past of what is nearest to a product: of its kind, else so near that it shows."""
        items, past = self._fitted.items, self._past.rows
        cosines = np.round(items.vectors[past] @ items.vectors[row], 2)
        of_kind = (items.categories[past] == items.categories[row]) & (items.categories[row] >= 0)
        near = (of_kind if of_kind.any() else cosines >= _NEAR) & (past != row)
        if not near.any():
            return None
        # Of two that are about as near, the later one is the reason.
        return len(past) - 1 - int(np.argmax(np.where(near, cosines, -np.inf)[::-1]))

    def _plain(self, row: int) -> Reason:
        """Nothing of the person's: what was asked for, what many take, or only to show what there is."""
        if self._asked:
            return Reason(kind="asked")
        count = int(self._fitted.popularity.buyers[row])
        if count >= _POPULAR and self._fitted.favourites[row]:
            return Reason(kind="popular", count=count, category=self._fitted.items.category(row))
        if self._is_new(row):
            return Reason(kind="new")
        return Reason(kind="varied")

    def _is_new(self, row: int) -> bool:
        return self._today - self._fitted.items.arrived.get(row, -np.inf) <= NEW

    def _id(self, row: int) -> str:
        return self._fitted.items.ids[row]
