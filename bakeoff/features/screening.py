"""The random-column screen: features that tell no more than shuffled ones go; law: learned from training rows alone.

After Kursa and Rudnicki, Feature selection with the Boruta package, 2010: a copy of a feature whose rows were shuffled says nothing, and
what gains no more than the best of such shadows in a booster is not worth its place among hundreds.
"""

import numpy as np

from bakeoff.features._boosting import gains

__all__ = ["screened"]

MOST_ROWS = 10_000
"""Training rows, evenly spread, that features are judged on."""
SHADOWS = 50
FEWEST = 16
"""Features kept at least, the strongest."""
SHARE = 0.3


def screened(matrix: np.ndarray, y: np.ndarray, seed: int) -> np.ndarray:
    """Places of the features to keep, in order; all where there are few, or the rows tell nothing."""
    count = matrix.shape[1]
    rows = np.linspace(0, len(matrix) - 1, min(len(matrix), MOST_ROWS)).astype(np.int64)
    if count <= FEWEST or len(np.unique(y[rows])) < 2:
        return np.arange(count)
    sample, rng = matrix[rows], np.random.default_rng(seed)
    shadows = rng.permuted(sample[:, rng.permutation(count)[:SHADOWS]], axis=0)
    found = gains(np.concatenate([sample, shadows], axis=1), y[rows], seed, SHARE)
    if found[:count].max() <= 0:  # too few rows to split
        return np.arange(count)
    kept = max(FEWEST, int((found[:count] > found[count:].max()).sum()))
    return np.sort(np.argsort(-found[:count], kind="stable")[:kept])
