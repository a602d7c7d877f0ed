"""Stacking: non-negative weights of the members' logits, or values, fitted to the truth; law: pulled towards the voting ensemble's."""

from collections.abc import Sequence

import numpy as np

from bakeoff.evaluation import MetricCard
from bakeoff.runs import Blend, LinearBlend, LogitBlend
from bakeoff.runs.blend import log_probabilities
from bakeoff.search.judged import Judged

__all__ = ["STACKING", "stack"]

STACKING = "stacking_ensemble"

PULL, PULL_OF_CONSTANTS = 30.0, 3.0
"""Of a squared difference of a weight from the voting ensemble's, and of a squared constant, beside the sum of the rows' log losses, or
of their squared errors in units of the variance. Measured on eight sets: 30 of 3, 30, 100, 300 and fixed ones
(benchmarks/EXPERIMENTS.md)."""
ROUNDED = 0.01
"""Standard deviations of the truth within which an absolute error is rounded, so that it has a slope everywhere."""
MOST_STEPS = 100
MOST_NUMBERS = 20_000_000
"""Of logits at once; rows are left out above it."""


def stack(predictions: Sequence[np.ndarray], judged: Judged, voting: Sequence[float], metric: MetricCard) -> Blend:
    """The blend with the least log loss, or squared error, and the pull towards `voting`, weights of the same members.

    The least absolute error where the metric asks for medians; and no value below the least that may be predicted.

    `predictions`: out-of-fold ones, each (m, classes) or (m,). Only members that `voting` gives a weight are weighed;
    where a constant alone would be best, as on a target that nothing tells of, they keep that weight: somebody has to say something.
    Source: Breiman, Stacked regressions, Machine Learning 24, 1996 (non-negative weights); Wolpert, Stacked generalization, 1992.
    """
    chosen = [place for place, weight in enumerate(voting) if weight]
    start = np.array([voting[place] for place in chosen])
    members, judged = _few_enough([np.asarray(predictions[place]) for place in chosen], judged)
    full = np.zeros(len(voting))
    if members[0].ndim == 2:
        weights, constants = _logit_weights(np.stack([log_probabilities(m) for m in members]), judged, start)
        if not weights.any():
            weights, constants = start, np.zeros_like(constants)
        full[chosen] = weights
        return LogitBlend(tuple(full.tolist()), tuple(constants.tolist()))
    weights, constant = _linear_weights(np.stack(members), judged, start, metric.aims_at == "median")
    if not weights.any():
        weights, constant = start, 0.0
    full[chosen] = weights
    return LinearBlend(tuple(full.tolist()), constant, judged.least)


def _few_enough(members: list[np.ndarray], judged: Judged) -> tuple[list[np.ndarray], Judged]:
    step = int(np.ceil(sum(m.size for m in members) / MOST_NUMBERS))
    return ([m[::step] for m in members], judged.some(np.arange(0, len(judged.truth), step))) if step > 1 else (members, judged)


def _logit_weights(logits: np.ndarray, judged: Judged, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(members,) weights and (classes,) constants from (members, m, classes) log probabilities."""
    from scipy.special import log_softmax

    count, rows, classes = logits.shape
    counted, right = _counted(judged), np.arange(rows)
    share, pull, loose = counted / counted.sum(), PULL / counted.sum(), PULL_OF_CONSTANTS / counted.sum()

    def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
        weights, constants = free[:count], free[count:]
        logs = log_softmax(np.tensordot(weights, logits, 1) + constants, axis=1)
        error = np.exp(logs)
        error[right, judged.truth] -= 1
        error *= share[:, None]
        away = weights - start
        value = -share @ logs[right, judged.truth] + pull * (away @ away) + loose * (constants @ constants)
        slope = np.concatenate([np.tensordot(logits, error, 2) + 2 * pull * away, error.sum(axis=0) + 2 * loose * constants])
        return float(value), slope

    found = _least(loss, np.concatenate([start, np.zeros(classes)]), count)
    return found[:count], found[count:]


def _linear_weights(values: np.ndarray, judged: Judged, start: np.ndarray, absolute: bool) -> tuple[np.ndarray, float]:
    """(members,) weights and a constant from (members, m) values, by squared errors, or by absolute ones that are rounded next to 0."""
    counted = _counted(judged)
    share, pull, loose = counted / counted.sum(), PULL / counted.sum(), PULL_OF_CONSTANTS / counted.sum()
    centre = share @ judged.truth
    scale = np.sqrt(share @ (judged.truth - centre) ** 2) or 1.0
    truth, members = (judged.truth - centre) / scale, (values - centre) / scale

    def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
        weights, constant = free[:-1], free[-1]
        error = weights @ members + constant - truth
        away = weights - start
        lost, steep = _absolute(error) if absolute else (error**2, 2 * error)
        value = share @ lost + pull * (away @ away) + loose * constant**2
        slope = np.append(members @ (share * steep) + 2 * pull * away, share @ steep + 2 * loose * constant)
        return float(value), slope

    found = _least(loss, np.append(start, 0.0), len(start))
    return found[:-1], float(found[-1] * scale + centre * (1 - found[:-1].sum()))


def _absolute(error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Absolute errors, rounded within ROUNDED, and their slopes.

    Source: Charbonnier et al., Two deterministic half-quadratic regularization algorithms for computed imaging, ICIP 1994.
    """
    lost = np.sqrt(error**2 + ROUNDED**2)
    return lost, error / lost


def _least(loss: object, start: np.ndarray, members: int) -> np.ndarray:
    """Where the loss, given with its slope, is least; the members' weights are not negative."""
    from scipy.optimize import minimize

    bounds = [(0.0, None)] * members + [(None, None)] * (len(start) - members)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": MOST_STEPS})
    return np.asarray(found.x)


def _counted(judged: Judged) -> np.ndarray:
    """(m,) how much each row counts."""
    return np.ones(len(judged.truth)) if judged.weights is None else np.asarray(judged.weights, dtype=float)
