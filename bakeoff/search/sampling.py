"""Parts of large tables: what a candidate learns from where all rows would take too long; law: a larger part holds every smaller one.

Sizes are few (PARTS, each four times the one before), so that candidates of one recipe share their encoded part.
"""

import numpy as np
import pandas as pd

__all__ = ["PARTS", "part_of"]

PARTS = (10_000, 40_000, 160_000, 640_000)
FEWEST_OF_CLASS = 20
"""Rows of each class that a part keeps where there is room, or all that there are."""


def part_of(rows: np.ndarray, target: np.ndarray, size: int, seed: int, classes: int = 0) -> np.ndarray:
    """`size` of these rows' numbers, sorted, drawn at random; all of them where there are no more.

    `target` is that of the whole table, codes of `classes` classes (0: a regression). A few rows of each class come first, in a tenth of
    the part at most: what a part does not hold it says is impossible.
    """
    if len(rows) <= size:
        return rows
    drawn = rows[np.argsort(np.random.default_rng(seed).permutation(len(target))[rows], kind="stable")]
    if classes:
        before = pd.Series(drawn).groupby(target[drawn]).cumcount().to_numpy()  # how often the row's class was drawn before it
        drawn = drawn[np.argsort(before >= min(FEWEST_OF_CLASS, size // (10 * classes)), kind="stable")]
    return np.sort(drawn[:size])
