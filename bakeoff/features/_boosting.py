"""What featurizers that ask a small booster share; law: on one thread, the same gains for the same rows."""

from typing import Any

import numpy as np

__all__ = ["gains"]


MOST_CLASSES = 10
BINS = 63
"""Faster than finer ones; what is chosen differs from theirs no more than from another seed's."""


def gains(matrix: np.ndarray, y: np.ndarray, seed: int, share: float) -> np.ndarray:
    """(columns,) what each column gained in a small booster that sees `share` of the columns at a time.

    Of many classes the largest are told apart, and the others taken together: each costs as many trees as there are rounds.
    """
    import lightgbm

    target, classes = _few_classes(y)
    task: dict[str, Any] = {0: {"objective": "regression"}, 2: {"objective": "binary"}}.get(
        classes, {"objective": "multiclass", "num_class": classes}
    )
    fixed = {"num_threads": 1, "deterministic": True, "force_col_wise": True, "verbosity": -1, "seed": seed, "max_bin": BINS}
    small = {"learning_rate": 0.1, "num_leaves": 8, "min_data_in_leaf": 10, "feature_fraction": share}
    rounds = 80 if classes <= 2 else max(10, 160 // classes)
    data = lightgbm.Dataset(matrix, target, params=fixed)
    return np.asarray(lightgbm.train({**task, **fixed, **small}, data, rounds).feature_importance("gain"))


def _few_classes(y: np.ndarray) -> tuple[np.ndarray, int]:
    """Codes from 0 on and how many there are; values as they are, and 0."""
    if y.dtype.kind == "f":
        return y, 0
    _, codes, rows = np.unique(y, return_inverse=True, return_counts=True)
    if len(rows) > MOST_CLASSES:
        place = np.full(len(rows), MOST_CLASSES)
        place[np.argsort(-rows, kind="stable")[:MOST_CLASSES]] = np.arange(MOST_CLASSES)
        codes = place[codes]
    return codes, min(len(rows), MOST_CLASSES + 1)
