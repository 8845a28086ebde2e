"""What the ranking model knows of a candidate for one person. A new feature is an entry in `FEATURES` and its value."""

from typing import TYPE_CHECKING

import numpy as np

from retrieval.recommending.fitted import Fitted, best_rows
from retrieval.recommending.past import Past
from retrieval.recommending.situation import Situation

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

FEATURES = (
    "following",
    "following_share",
    "preceding",
    "together_cosine",
    "together_best",
    "last_following",
    "last_cosine",
    "bought_both",
    "smoothed",
    "smoothed_back",
    "smoothed_after",
    "content",
    "content_best",
    "content_last",
    "lately",
    "segment",
    "season",
    "persons",
    "category_share",
    "category_last",
    "brand_share",
    "brand_last",
    "times_bought",
    "had",
    "since_had",
    "repeat_share",
    "chance_again",
    "known",
)
_WIDE = 120
"""Candidates that each source gives."""


def candidates_of(fitted: Fitted, situation: Situation, wide: int = _WIDE) -> "NDArray[np.int64]":
    """Return the rows worth ranking: the best of each source, what is popular, and all that the person had.

    What they have and hardly want again is ranked with the rest; a list leaves it out (`Situation.unwanted`).
    """
    signals, past = situation.signals, situation.past
    smoothed = signals.smoothed + signals.smoothed_back
    together = (signals.following + signals.preceding, signals.bought, smoothed, signals.smoothed_after)
    sources = [best_rows(source, wide) for source in (*together, signals.content)]
    own = np.array([*past.rows.tolist(), *past.bought], dtype=np.int64)
    found = np.unique(np.concatenate([*sources, fitted.most_popular(situation.segment), own]))
    return found[~np.isin(found, list(past.disliked))]


def features_of(fitted: Fitted, situation: Situation, rows: "NDArray[np.int64]") -> "NDArray[np.float32]":
    """Return a row of features for each candidate: shape (len(rows), len(FEATURES))."""
    past, signals = situation.past, situation.signals
    items, popularity = fitted.items, fitted.popularity
    table = np.zeros((len(rows), len(FEATURES)), dtype=np.float32)
    columns = {name: table[:, place] for place, name in enumerate(FEATURES)}
    totals = fitted.together.totals
    for name in ("following", "preceding", "smoothed", "smoothed_back", "smoothed_after", "content"):
        columns[name][:] = getattr(signals, name)[rows]
    columns["bought_both"][:] = signals.bought[rows]
    columns["known"][:] = np.log1p(totals[rows])
    columns["lately"][:] = np.log1p(popularity.lately[rows])
    columns["segment"][:] = np.log1p(popularity.of_segment(situation.segment)[rows])
    columns["season"][:] = np.log1p(popularity.season[rows])
    columns["persons"][:] = np.log1p(popularity.persons[rows])
    columns["repeat_share"][:] = fitted.repeats.share[rows]
    if not len(past):
        return table
    spread = np.sqrt(float((past.weights * totals[past.rows]).sum()) + 1.0)
    columns["following_share"][:] = signals.following[rows] / spread
    columns["together_cosine"][:] = (signals.following + signals.preceding)[rows] / (spread * np.sqrt(totals[rows] + 1))
    _pairwise(fitted, past, rows, columns)
    cosines = items.vectors[rows] @ items.vectors[past.rows].T
    columns["content_best"][:] = cosines.max(axis=1)
    columns["content_last"][:] = cosines[:, -1]
    _shares(columns, "category", items.categories, past, rows)
    _shares(columns, "brand", items.brands, past, rows)
    _had(situation, rows, columns)
    return table


def _pairwise(fitted: Fitted, past: Past, rows: "NDArray[np.int64]", columns: "dict[str, NDArray[np.float32]]") -> None:
    """Fill what comes of single pairs of a had product and a candidate."""
    recent, totals = past.rows[-10:], fitted.together.totals
    after, before = (_block(each, recent, rows) for each in (fitted.together.following, fitted.together.preceding))
    cosines = (after + before) / np.sqrt(np.outer(totals[recent] + 1, totals[rows] + 1))
    columns["together_best"][:] = cosines.max(axis=0)
    columns["last_cosine"][:] = cosines[-1]
    columns["last_following"][:] = after[-1]


def _shares(
    columns: "dict[str, NDArray[np.float32]]",
    name: str,
    codes: "NDArray[np.int32]",
    past: Past,
    rows: "NDArray[np.int64]",
) -> None:
    """Fill which share of the past has a candidate's category or brand, and whether the last one has."""
    own, theirs = codes[rows], codes[past.rows]
    same = (own[:, None] == theirs[None, :]) & (own >= 0)[:, None]
    columns[f"{name}_share"][:] = (same * past.weights).sum(axis=1) / max(float(past.weights.sum()), 1e-9)
    columns[f"{name}_last"][:] = same[:, -1]


def _had(situation: Situation, rows: "NDArray[np.int64]", columns: "dict[str, NDArray[np.float32]]") -> None:
    """Fill what is known of products that the person had before."""
    past, today = situation.past, situation.today
    places = {int(row): place for place, row in enumerate(past.rows)}
    for at, row in enumerate(rows.tolist()):
        if row in places:
            columns["had"][at] = len(past) - places[row]
            columns["since_had"][at] = np.log1p(max(today - past.days[places[row]], 0.0))
        elif row in past.bought:
            columns["had"][at] = len(past) + 1
            columns["since_had"][at] = np.log1p(max(today - past.bought[row], 0.0))
        if row in past.bought:
            columns["times_bought"][at] = past.times[row]
            columns["chance_again"][at] = situation.due.get(row, 0.0)


def _block(table: "csr_array", rows: "NDArray[np.int32]", columns: "NDArray[np.int64]") -> "NDArray[np.float32]":
    """Return the entries of some rows in some columns: shape (len(rows), len(columns))."""
    part = table[rows]
    places = np.full(table.shape[1], -1, dtype=np.int32)
    places[columns] = np.arange(len(columns))
    at = places[part.indices]
    held = at >= 0
    found = np.zeros((len(rows), len(columns)), dtype=np.float32)
    found[np.repeat(np.arange(len(rows)), np.diff(part.indptr))[held], at[held]] = part.data[held]
    return found
