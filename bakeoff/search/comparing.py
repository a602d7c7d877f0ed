"""Parts of one holdout, by whose scores candidates are compared as by folds; law: whole groups, classes alike, none too small to score."""

import numpy as np

from bakeoff.errors import DataError
from bakeoff.evaluation import Splitting, make_folds
from bakeoff.search.ties import FEWEST_FOLDS

__all__ = ["parts_of_holdout"]

MOST_PARTS = 5
FEWEST_ROWS = 50
"""Of a part."""


def parts_of_holdout(
    target: np.ndarray, task: str, groups: np.ndarray | None, seed: int, *, ordered: bool = False, complete: bool = False
) -> list[np.ndarray]:
    """Places among (m,) judging rows, part by part: five, or as many as may be; all of them as one part where less than three may.

    `groups` are codes of rows that stay together, or, where rows are `ordered`, of blocks that follow each other: parts follow each other
    then. `complete` parts hold every class that the holdout holds.
    """
    codes = None if groups is None else np.unique(groups, return_inverse=True)[1]
    for count in range(MOST_PARTS, FEWEST_FOLDS - 1, -1):
        parts = _in_order(codes, count) if ordered and codes is not None else _dealt(target, task, codes, count, seed)
        enough = len(parts) >= FEWEST_FOLDS and min(map(len, parts)) >= FEWEST_ROWS
        if enough and not (complete and task == "classification" and _lacks_a_class(target, parts)):
            return parts
    return [np.arange(len(target))]


def _in_order(blocks: np.ndarray, count: int) -> list[np.ndarray]:
    return [np.sort(part) for part in np.array_split(np.argsort(blocks, kind="stable"), count)]


def _dealt(target: np.ndarray, task: str, groups: np.ndarray | None, count: int, seed: int) -> list[np.ndarray]:
    """As folds are dealt; none where they cannot be."""
    try:
        return [fold.valid for fold in make_folds(target, task, folds=count, seed=seed, splitting=Splitting("k_fold", groups=groups))]
    except DataError:
        return []


def _lacks_a_class(target: np.ndarray, parts: list[np.ndarray]) -> bool:
    return any(len(np.unique(target[part])) < len(np.unique(target)) for part in parts)
