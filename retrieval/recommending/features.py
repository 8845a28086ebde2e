"""What the ranking model knows of a candidate for one person. A new feature is an entry in `FEATURES` and its value."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from retrieval.recommending.fitted import Fitted, best_rows
from retrieval.recommending.past import Past

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
    "due",
    "known",
)
_WIDE = 120
"""Candidates that each source gives."""


class Signals(NamedTuple):
    """How near every product is to a past, by source: arrays of shape (n,)."""

    following: "NDArray[np.float32]"
    preceding: "NDArray[np.float32]"
    bought: "NDArray[np.float32]"
    smoothed: "NDArray[np.float32]"
    smoothed_back: "NDArray[np.float32]"
    smoothed_after: "NDArray[np.float32]"
    content: "NDArray[np.float32]"


def signals_of(fitted: Fitted, past: Past) -> Signals:
    """Spread a past over the tables."""
    following, bought = fitted.together.following, fitted.together.bought
    near = fitted.items.neighbours
    start = _row(past.rows, past.weights, following.shape[0])
    after, content = start @ following, start @ near
    before = start @ fitted.together.preceding
    alike = _cubed(content)
    return Signals(
        following=_dense(after),
        preceding=_dense(before),
        bought=_dense(start @ bought),
        smoothed=_dense(alike @ following),
        smoothed_back=_dense(alike @ fitted.together.preceding),
        smoothed_after=_dense((after + before) @ fitted.items.close),
        content=_dense(content),
    )


def candidates_of(fitted: Fitted, signals: Signals, wide: int = _WIDE) -> "NDArray[np.int64]":
    """Return the rows worth ranking: the best of each source, and what is popular."""
    smoothed = signals.smoothed + signals.smoothed_back
    together = (signals.following + signals.preceding, signals.bought, smoothed, signals.smoothed_after)
    sources = [best_rows(source, wide) for source in (*together, signals.content)]
    return np.unique(np.concatenate([*sources, fitted.most_popular]))


def features_of(
    fitted: Fitted, past: Past, signals: Signals, rows: "NDArray[np.int64]", today: float
) -> "NDArray[np.float32]":
    """Return a row of features for each candidate: shape (len(rows), len(FEATURES))."""
    items, popularity = fitted.items, fitted.popularity
    table = np.zeros((len(rows), len(FEATURES)), dtype=np.float32)
    columns = {name: table[:, place] for place, name in enumerate(FEATURES)}
    totals = fitted.together.totals
    for name in ("following", "preceding", "smoothed", "smoothed_back", "smoothed_after", "content"):
        columns[name][:] = getattr(signals, name)[rows]
    columns["bought_both"][:] = signals.bought[rows]
    columns["known"][:] = np.log1p(totals[rows])
    columns["lately"][:] = np.log1p(popularity.lately[rows])
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
    _had(fitted, past, rows, columns, today)
    return table


def _pairwise(fitted: Fitted, past: Past, rows: "NDArray[np.int64]", columns: "dict[str, NDArray[np.float32]]") -> None:
    """Fill what comes of single pairs of a had product and a candidate."""
    recent = past.rows[-10:]
    both = (fitted.together.following[recent] + fitted.together.preceding[recent])[:, rows].toarray()
    scale = np.sqrt(np.outer(fitted.together.totals[recent] + 1, fitted.together.totals[rows] + 1))
    cosines = both / scale
    columns["together_best"][:] = cosines.max(axis=0)
    columns["last_cosine"][:] = cosines[-1]
    columns["last_following"][:] = fitted.together.following[recent[-1:]][:, rows].toarray()[0]


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


def _had(
    fitted: Fitted, past: Past, rows: "NDArray[np.int64]", columns: "dict[str, NDArray[np.float32]]", today: float
) -> None:
    """Fill what is known of products that the person had before."""
    places = {int(row): place for place, row in enumerate(past.rows)}
    for at, row in enumerate(rows.tolist()):
        if row in places:
            columns["had"][at] = len(past) - places[row]
            columns["since_had"][at] = np.log1p(max(today - past.days[places[row]], 0.0))
        if row in past.bought:
            columns["times_bought"][at] = past.times[row]
            columns["due"][at] = fitted.repeats.due(row, today - past.bought[row])


def _row(rows: "NDArray[np.int32]", values: "NDArray[np.float32]", n: int) -> "csr_array":
    from scipy.sparse import csr_array

    return csr_array((values, rows, np.array([0, len(rows)])), shape=(1, n), dtype=np.float32)


def _cubed(row: "csr_array") -> "csr_array":
    """Let what is nearest count most."""
    found = row.copy()
    found.data = found.data**3
    return found


def _dense(row: "csr_array") -> "NDArray[np.float32]":
    return np.asarray(row.toarray(), dtype=np.float32).ravel()
