"""What is bought and looked at together: counts between products, later ones weighing more."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from retrieval.recommending.events import PURCHASE, EventLog

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

# How far two events of one person may lie apart, in events between them, and what each further one takes away.
_WINDOW = 10
_STEP = 0.85
# Half of a count is gone after so many days; a gift shop's year still counts for something.
HALF_LIFE = 180.0
_KEPT = 150
"""Products kept a row, the strongest."""


class Together(NamedTuple):
    """Square tables over the products, rows × columns.

    `following[a, b]`: weight of b coming after a · `preceding`: the same the other way round · `bought[a, b]`: how many
    persons bought both · `totals[a]`: weight of all that a took part in.
    """

    following: "csr_array"
    preceding: "csr_array"
    bought: "csr_array"
    totals: "NDArray[np.float32]"


def count_together(log: EventLog, products: int) -> Together:
    """Count pairs of products that one person had to do with."""
    from scipy.sparse import csr_array

    weights = log.strengths * np.exp2(-(log.now - log.days) / HALF_LIFE).astype(np.float32)
    first, second, values = [], [], []
    for gap in range(1, _WINDOW + 1):
        if gap >= len(log):
            break
        a, b = slice(0, len(log) - gap), slice(gap, len(log))
        pair = (log.persons[a] == log.persons[b]) & (log.rows[a] != log.rows[b])
        pair &= (log.strengths[a] > 0) & (log.strengths[b] > 0)
        # What two events say together is what the weaker of them says.
        weight = np.minimum(weights[a], weights[b])[pair] * np.float32(_STEP ** (gap - 1))
        first.append(log.rows[a][pair])
        second.append(log.rows[b][pair])
        values.append(weight)
    shape = (products, products)
    if not values:
        none = csr_array(shape, dtype=np.float32)
        return Together(none, none, none, np.zeros(products, dtype=np.float32))
    pairs = (np.concatenate(values), (np.concatenate(first), np.concatenate(second)))
    following = strongest(csr_array(pairs, shape=shape, dtype=np.float32), _KEPT)
    totals = np.asarray(following.sum(axis=1)).ravel() + np.asarray(following.sum(axis=0)).ravel()
    return Together(following, following.T.tocsr(), _bought_by_the_same(log, products), totals.astype(np.float32))


def _bought_by_the_same(log: EventLog, products: int) -> "csr_array":
    """Return how many persons bought both of two products, one and many times alike."""
    from scipy.sparse import csr_array

    purchases = log.kinds == PURCHASE
    if not purchases.any():
        return csr_array((products, products), dtype=np.float32)
    pairs = np.unique(np.stack([log.persons[purchases], log.rows[purchases]]), axis=1)
    # Who bought of everything says nothing of what goes together, and would fill the table.
    held = np.bincount(pairs[0], minlength=log.people)[pairs[0]]
    pairs = pairs[:, held <= _MOST_HELD]
    had = csr_array((np.ones(pairs.shape[1], np.float32), (pairs[0], pairs[1])), shape=(log.people, products))
    both = (had.T @ had).tocsr()
    both.setdiag(0)
    both.eliminate_zeros()
    return strongest(both, _KEPT)


_MOST_HELD = 100


def strongest(table: "csr_array", count: int) -> "csr_array":
    """Return the table with the `count` largest entries of each row."""
    from scipy.sparse import csr_array

    table.sum_duplicates()
    lengths = np.diff(table.indptr)
    if not len(lengths) or lengths.max() <= count:
        return table
    rows = np.repeat(np.arange(table.shape[0]), lengths)
    order = np.lexsort((-table.data, rows))
    place = np.arange(len(order)) - table.indptr[rows[order]]
    kept = order[place < count]
    return csr_array((table.data[kept], (rows[kept], table.indices[kept])), shape=table.shape, dtype=np.float32)
