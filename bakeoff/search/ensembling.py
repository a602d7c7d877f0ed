"""Voting ensembles by greedy selection on out-of-fold predictions; law: chosen on rows no member was fitted on, never on the test part."""

from collections.abc import Sequence

import numpy as np

from bakeoff.evaluation import MetricCard
from bakeoff.search.judged import Judged

__all__ = ["grow_ensemble", "grow_on_draws"]

ROUNDS = 30
PATIENCE = 10
"""Rounds without a better blend after which none is looked for."""
LEAST_GAIN = 1e-12
"""Of the score, which may be in a very small unit, or at most of 1: what is less is rounding."""
LEAST_WEIGHT = 0.02
"""Of a member in the mean of several ensembles: what less adds to each prediction's seconds, and changes no loss that was measured."""


def grow_ensemble(predictions: Sequence[np.ndarray], judged: Judged, metric: MetricCard) -> list[float]:
    """Weights, one a member, summing to one: greedy selection with replacement, the best prefix kept.

    `predictions` are the candidates' out-of-fold predictions, best candidate first, each (m, classes) or (m,). Source: Caruana et al.,
    Ensemble selection from libraries of models, ICML 2004.
    """
    total = np.zeros_like(predictions[0], dtype=float)
    order: list[int] = []
    best_score, best_length = -np.inf, 0
    while len(order) < min(ROUNDS, best_length + PATIENCE):
        scores = [judged.worth(metric, (total + m) / (len(order) + 1)) for m in predictions]
        chosen = int(np.argmax(scores))
        order.append(chosen)
        total += predictions[chosen]
        if scores[chosen] > best_score + LEAST_GAIN * min(1.0, abs(best_score)):
            best_score, best_length = scores[chosen], len(order)
    counts = np.bincount(order[: max(1, best_length)], minlength=len(predictions))
    return [float(c) for c in counts / counts.sum()]


def grow_on_draws(predictions: Sequence[np.ndarray], judged: Judged, metric: MetricCard, draws: int, seed: int) -> list[float]:
    """The mean weights of `draws` ensembles, each grown on rows drawn with replacement: where rows are few, one selection is luck.

    Of each class as many rows are drawn as there are; members with less than LEAST_WEIGHT are left out. Source: Breiman, Bagging
    predictors, Machine Learning 24, 1996.
    """
    rng = np.random.default_rng(seed)
    alike = np.asarray(judged.truth if predictions[0].ndim == 2 else np.zeros(len(judged.truth)))
    rows = [np.flatnonzero(alike == one) for one in np.unique(alike)]
    grown = []
    for _ in range(draws):
        drawn = np.sort(np.concatenate([rng.choice(some, len(some)) for some in rows]))
        grown.append(grow_ensemble([p[drawn] for p in predictions], judged.some(drawn), metric))
    weights = np.mean(grown, axis=0)
    kept = np.where(weights >= min(LEAST_WEIGHT, weights.max()), weights, 0.0)
    return [float(weight) for weight in kept / kept.sum()]
