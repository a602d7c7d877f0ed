"""What featurizers that look at the target share; law: a training row is encoded by rows of other parts alone."""

import numpy as np

__all__ = ["MOST_CLASSES", "parts_of", "targets_of"]

MOST_CLASSES = 30
"""Classes, the largest, that a column has features of."""


def targets_of(y: np.ndarray, most_classes: int = MOST_CLASSES) -> tuple[tuple[int, ...], np.ndarray]:
    """The class codes that have features, and the (n, features) columns whose means are learned; () and the values of a regression.

    Two classes have one feature, of the second; of more than `most_classes` the largest are taken.
    """
    if y.dtype.kind == "f":
        return (), y[:, None]
    classes, rows = np.unique(y, return_counts=True)
    if len(classes) == 2:
        classes = classes[1:]
    elif len(classes) > most_classes:
        classes = np.sort(classes[np.argsort(-rows, kind="stable")[:most_classes]])
    return tuple(int(code) for code in classes), (y[:, None] == classes).astype(np.float64)


def parts_of(rows: int, folds: int, seed: int, groups: np.ndarray | None) -> np.ndarray:
    """(n,) part of each row, rows of a group in one part."""
    codes = np.arange(rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    return np.asarray((np.random.default_rng(seed).permutation(int(codes.max(initial=-1)) + 1) % folds)[codes])
