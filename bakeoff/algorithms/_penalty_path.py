"""What linear models share: a path of penalties, from the strongest to the weakest; law: the best on X_valid is kept, steps are counted.

Each solution begins where the one before rests, so that a path takes a few times as long as one solution, and no trial is spent on a
penalty (measured: benchmarks/EXPERIMENTS.md, "A path of penalties"). Without X_valid the path is walked for as many steps as asked for: a
replay and a refit end where the fit rested.
Source: Friedman, Hastie and Tibshirani, Regularization paths for generalized linear models via coordinate descent, J. Statistical
Software 33, 2010.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bakeoff.algorithms._epochs import validation_loss
from bakeoff.algorithms.card import Fitting

__all__ = ["follow"]

SOMETHING = 0.01
"""Of the loss of a model without features, what has to be gained before a step that is worse ends a path: at its strong end the loss hardly
moves, and may grow where what says nothing comes first (measured: columns that are nearly the same, of which the difference tells)."""


def follow(
    estimator: Any,
    penalties: Sequence[float],
    fitting: Fitting,
    solve: Callable[[float], None],
    predict: Callable[[Any], np.ndarray],
    to_its_end: bool = False,
) -> Any:
    """Solves for one penalty after the other, until a step is worse on X_valid than the best so far, the deadline or the end of the path.

    `solve` leaves its solution in the estimator's `coef_` and `intercept_`; the best one stands there at the end, `steps_` is its number
    from 1. `predict` gives the (n, classes) probabilities or (n,) values that X_valid is judged by. A path whose steps take next to no
    time is walked `to_its_end`, whatever the clock says.
    """
    enough = (1 - SOMETHING) * (validation_loss(fitting, lambda rows: _without_features(fitting, rows.shape[0])) or 0.0)
    best, kept = np.inf, None
    for step, penalty in enumerate(penalties, start=1):
        solve(penalty)
        loss = validation_loss(fitting, predict)
        if kept is None or loss is None or loss < best:
            best, kept = np.inf if loss is None or np.isnan(loss) else loss, (np.copy(estimator.coef_), np.copy(estimator.intercept_))
            estimator.steps_ = step
        late = fitting.deadline is not None and time.monotonic() >= fitting.deadline
        if not to_its_end and (late or (loss is not None and loss > best and best < enough)):
            break
    if kept is not None:
        estimator.coef_, estimator.intercept_ = kept
    return estimator


def _without_features(fitting: Fitting, rows: int) -> np.ndarray:
    """What a model without features says of so many rows: the classes' shares among the training rows, or their mean."""
    if np.issubdtype(fitting.y.dtype, np.integer):
        shares = np.bincount(fitting.y, weights=fitting.weights)
        return np.tile(shares / shares.sum(), (rows, 1))
    return np.full(rows, np.average(fitting.y, weights=fitting.weights))
