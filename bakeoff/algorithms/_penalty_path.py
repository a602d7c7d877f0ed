"""What linear models share: a path of penalties, from the strongest to the weakest; law: the best on X_valid is kept, steps are counted.

Each solution begins where the one before rests, so that a path takes a few times as long as one solution, and no trial is spent on a
penalty. The first step that is no better on X_valid is the last: two of them find the same (measured: benchmarks/RESULTS.md, "A path of
penalties"). Without X_valid the path is walked for as many steps as asked for: a replay and a refit end where the fit rested.
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


def follow(
    estimator: Any, penalties: Sequence[float], fitting: Fitting, solve: Callable[[float], None], predict: Callable[[Any], np.ndarray]
) -> Any:
    """Solves for one penalty after the other, until the loss on X_valid rests, the deadline or the end of the path.

    `solve` leaves its solution in the estimator's `coef_` and `intercept_`; the best one stands there at the end, `steps_` is its number
    from 1. `predict` gives the (n, classes) probabilities or (n,) values that X_valid is judged by.
    """
    best, kept = np.inf, None
    for step, penalty in enumerate(penalties, start=1):
        solve(penalty)
        loss = validation_loss(fitting, predict)
        if kept is None or loss is None or loss < best:
            best, kept = np.inf if loss is None else loss, (np.copy(estimator.coef_), np.copy(estimator.intercept_))
            estimator.steps_ = step
        late = fitting.deadline is not None and time.monotonic() >= fitting.deadline
        if late or step > estimator.steps_:
            break
    if kept is not None:
        estimator.coef_, estimator.intercept_ = kept
    return estimator
