"""What featurizers that ask a small booster share; law: on one thread, the same gains for the same rows."""

from typing import Any

import numpy as np

__all__ = ["gains"]


def gains(matrix: np.ndarray, y: np.ndarray, seed: int, share: float) -> np.ndarray:
    """(columns,) what each column gained in a small booster that sees `share` of the columns at a time."""
    import lightgbm

    classes = 0 if y.dtype.kind == "f" else len(np.unique(y))
    task: dict[str, Any] = {0: {"objective": "regression"}, 2: {"objective": "binary"}}.get(
        classes, {"objective": "multiclass", "num_class": classes}
    )
    fixed = {"num_threads": 1, "deterministic": True, "force_row_wise": True, "verbosity": -1, "seed": seed}
    small = {"learning_rate": 0.1, "num_leaves": 8, "min_data_in_leaf": 10, "feature_fraction": share}
    target = y if not classes else np.unique(y, return_inverse=True)[1]
    rounds = 80 if classes <= 2 else max(10, 160 // classes)
    data = lightgbm.Dataset(matrix, target, params=fixed)
    return np.asarray(lightgbm.train({**task, **fixed, **small}, data, rounds).feature_importance("gain"))
