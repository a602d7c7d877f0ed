"""make_folds: who trains and who judges; law: every row is judged at most once, by an estimator that did not see it, and one seed says how.

| rows            | folds where params name no number |
|-----------------|-----------------------------------|
| up to 2 000     | 8                                 |
| up to 20 000    | 5                                 |
| up to 200 000   | 3                                 |
| more            | one holdout of 20 %               |
"""

from dataclasses import dataclass

import numpy as np

from bakeoff.errors import DataError

__all__ = ["Fold", "folds_by_size", "make_folds"]

BY_SIZE = ((2_000, 8), (20_000, 5), (200_000, 3))
HOLDOUT_PARTS = 5


@dataclass(frozen=True)
class Fold:
    """Row numbers, ascending, of one split."""

    train: np.ndarray
    valid: np.ndarray


def folds_by_size(rows: int) -> int:
    """Number of folds from the table above; 1 means one holdout."""
    return next((folds for most, folds in BY_SIZE if rows <= most), 1)


def make_folds(y: np.ndarray, task: str, *, folds: int | None, seed: int) -> tuple[Fold, ...]:
    """Shuffled k-fold, stratified for classification: each class is dealt round the folds, so its shares differ by one row at most.

    Every training part holds every class: a class with fewer rows than folds is judged in as many folds as it has rows, one with a single
    row is never judged. There are never more folds than judged rows. Raises DataError where there are fewer than two of them.
    """
    judged = np.flatnonzero(np.bincount(y)[y] > 1) if task == "classification" else np.arange(len(y))
    if len(judged) < 2:
        what = "validation wants at least 2 rows" + (" of one class" if task == "classification" else "")
        raise DataError(what, where="data.train", given=f"{len(y)} rows")
    wanted = folds or folds_by_size(len(y))
    parts = min(HOLDOUT_PARTS if wanted == 1 else wanted, len(judged))
    order = np.random.default_rng(seed).permutation(judged)
    if task == "classification":
        order = order[np.argsort(y[order], kind="stable")]
    part = np.full(len(y), -1)
    part[order] = np.arange(len(order)) % parts
    return tuple(Fold(np.flatnonzero(part != number), np.flatnonzero(part == number)) for number in range(parts if wanted > 1 else 1))
