"""What featurizers that look at the target share; law: a training row is encoded by rows of other parts alone."""

import numpy as np

__all__ = ["MOST_CLASSES", "means_at", "out_of_fold_means", "parts_of", "targets_of"]

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


def means_at(places: np.ndarray, count: int, targets: np.ndarray, smoothing: float) -> np.ndarray:
    """(count, features) smoothed mean targets of the rows at each place; the overall ones where there are none."""
    rows = np.bincount(places, minlength=count)[:, None]
    sums = np.stack([np.bincount(places, column, minlength=count) for column in targets.T], axis=1)
    return np.asarray((sums + smoothing * targets.mean(axis=0)) / (rows + smoothing))


def out_of_fold_means(places: np.ndarray, count: int, targets: np.ndarray, parts: np.ndarray, smoothing: float) -> np.ndarray:
    """(n, features) each row by the smoothed mean targets of the other parts' rows at its place; the mean of all where one part is all.

    The others are summed up, never all less the own part: rounding would tell of a row's own target.
    """
    folds = int(parts.max(initial=0)) + 1
    cells, others = parts * count + places, 1.0 - np.eye(folds)
    rows = others @ np.bincount(cells, minlength=folds * count).reshape(folds, count)
    every = rows.sum(axis=1)
    matrix = np.empty(targets.shape)
    for feature, column in enumerate(targets.T):
        sums = others @ np.bincount(cells, column, minlength=folds * count).reshape(folds, count)
        overall = np.where(every > 0, sums.sum(axis=1) / np.maximum(every, 1), column.mean())
        matrix[:, feature] = ((sums + smoothing * overall[:, None]) / (rows + smoothing)).ravel()[cells]
    return matrix
