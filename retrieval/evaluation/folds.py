"""Folds for cross-validation by query: what one was trained on, it is never measured on."""

import hashlib


def fold_of(query_id: str, folds: int) -> int:
    """Return the fold of a query, 0 to folds - 1, the same on every machine and in every version.

    Hashed, so that a query keeps its fold when others come or go. Raises ValueError for fewer than two folds.
    """
    if folds < 2:
        raise ValueError(f"{folds} folds leave nothing to measure on: take two or more.")
    return int.from_bytes(hashlib.sha256(query_id.encode()).digest()[:8]) % folds
