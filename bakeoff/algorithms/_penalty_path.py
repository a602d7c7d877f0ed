"""What linear models share: a path of penalties, from the strongest to the weakest; law: the best on X_valid is kept, steps are counted.

Each solution begins where the one before rests, so that a path takes a few times as long as one solution, and no trial is spent on a
penalty (measured: benchmarks/EXPERIMENTS.md, "A path of penalties"). Without X_valid the path is walked for as many steps as asked for: a
replay and a refit end where the fit rested.
Source: Friedman, Hastie and Tibshirani, Regularization paths for generalized linear models via coordinate descent, J. Statistical
Software 33, 2010.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bakeoff.algorithms._epochs import validation_loss
from bakeoff.algorithms.card import Fitting

__all__ = ["follow", "steps_of"]

SOMETHING = 0.01
"""Of the loss of a model without features, what has to be gained before a step that is worse ends a path: at its strong end the loss hardly
moves, and may grow where what says nothing comes first (measured: columns that are nearly the same, of which the difference tells)."""


def follow(
    estimator: Any,
    path: Sequence[float],
    usual_steps: int,
    fitting: Fitting,
    solve: Callable[[float], None],
    to_its_end: bool = False,
) -> float:
    """Solves for one penalty of the path after the other, until a step is worse on X_valid than the best so far, the deadline or the end.

    The end is `usual_steps` where there is no X_valid, or the estimator's `most_steps` where they are set. `solve` leaves its solution in
    the estimator's `coef_` and `intercept_`; the best one stands there at the end, `steps_` is its number from 1, and its penalty is what
    is given. Where steps take next to no time, worse ones do not matter: `to_its_end`.
    """
    enough = (1 - SOMETHING) * (validation_loss(fitting, lambda rows: _without_features(fitting, rows.shape[0])) or 0.0)
    predict = getattr(estimator, "predict_proba", estimator.predict)
    best, kept = np.inf, None
    for step, penalty in enumerate(path[: estimator.most_steps or (usual_steps if fitting.X_valid is None else None)], start=1):
        solve(penalty)
        loss = validation_loss(fitting, predict)
        if kept is None or loss is None or loss < best:
            best, kept = np.inf if loss is None or np.isnan(loss) else loss, (np.copy(estimator.coef_), np.copy(estimator.intercept_))
            estimator.steps_ = step
        rests = not to_its_end and loss is not None and loss > best and best < enough
        if rests or fitting.is_late():
            break
    if kept is not None:
        estimator.coef_, estimator.intercept_ = kept
    return float(path[estimator.steps_ - 1])


def steps_of(estimator: Any) -> int:
    """Steps along the path, to the best of them."""
    return int(estimator.steps_)


def _without_features(fitting: Fitting, rows: int) -> np.ndarray:
    """What a model without features says of so many rows: the classes' shares among the training rows, or their mean."""
    if np.issubdtype(fitting.y.dtype, np.integer):
        shares = np.bincount(fitting.y, weights=fitting.weights)
        return np.tile(shares / shares.sum(), (rows, 1))
    return np.full(rows, np.average(fitting.y, weights=fitting.weights))
