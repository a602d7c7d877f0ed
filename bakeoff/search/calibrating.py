"""calibrate: how sure a candidate's probabilities are, put right; law: one number from rows out of fold, and the likeliest class stays.

Source: temperature scaling, Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017: log probabilities
divided by a temperature and normalised. Above 1 it softens what is too sure of itself, below 1 it sharpens what is not sure enough, as
means over trees or neighbours are.
"""

import numpy as np

from bakeoff.runs import log_probabilities, tempered
from bakeoff.search.judged import Judged
from bakeoff.search.nesting import parts_of_rows, sampled
from bakeoff.search.preparing import Prepared

__all__ = ["temperature_alone", "temperature_of"]

STEPS = 30
LOWEST, HIGHEST = 0.05, 20.0
"""Of a temperature."""
PULL_ROWS = 10.0
"""Rows that a temperature of 1 is worth."""
ENOUGH = 1e-6
NOTICEABLE = 0.01
"""Below which distance from 1 a temperature changes nothing."""


def temperature_alone(prepared: Prepared, raw: np.ndarray) -> float | None:
    """The temperature of one candidate's (m, classes) out-of-fold probabilities; None where it gains nothing.

    Each part of the rows is judged, by log loss, with the temperature that the others chose; where that is better on all rows together
    the geometric mean of these temperatures is taken. What it is too good by on the rows it was chosen on is about 1 / 2m nats.
    """
    scored, seed = prepared.scored_rows, prepared.params.search.seed
    parts = parts_of_rows(prepared, seed)
    if not parts.any():  # there is no other part to choose by
        return None
    judged = Judged(prepared.target[scored], prepared.weights_of(scored))
    found = []
    nested = raw.copy()
    for part in range(int(parts.max()) + 1):
        chosen, some = sampled(np.flatnonzero(parts != part), judged, raw.shape[1:], seed, False)
        found.append(temperature_of(raw[chosen], some))
        nested[parts == part] = tempered(raw[parts == part], found[-1])
    temperature = float(np.exp(np.mean(np.log(found))))
    gains = _log_loss(nested, judged) < _log_loss(raw, judged)
    return temperature if gains and abs(temperature - 1) > NOTICEABLE else None


def temperature_of(raw: np.ndarray, judged: Judged) -> float:
    """The temperature with which (n, classes) probabilities have the least log loss: by Newton, in its inverse, where that is convex."""
    from scipy.special import softmax

    logs, rows = log_probabilities(raw), np.arange(len(raw))
    weights = np.ones(len(raw)) if judged.weights is None else judged.weights / (judged.weights.mean() or 1.0)
    true, inverse = logs[rows, judged.truth], 1.0
    for _ in range(STEPS):
        said = softmax(logs * inverse, axis=1)
        mean = (said * logs).sum(axis=1)
        slope = weights @ (mean - true) + PULL_ROWS * (inverse - 1)
        curve = weights @ ((said * logs**2).sum(axis=1) - mean**2) + PULL_ROWS
        before = inverse
        inverse = min(max(inverse - slope / curve, inverse / 2, 1 / HIGHEST), inverse * 2, 1 / LOWEST)
        if abs(inverse - before) < ENOUGH:
            break
    return 1 / inverse


def _log_loss(raw: np.ndarray, judged: Judged) -> float:
    losses = -log_probabilities(raw)[np.arange(len(raw)), judged.truth]
    return float(np.average(losses, weights=judged.weights))
