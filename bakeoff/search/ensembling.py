"""Voting ensembles by greedy selection on out-of-fold predictions; law: chosen on rows no member was fitted on, never on the test part."""

from collections.abc import Sequence

import numpy as np

from bakeoff.evaluation import MetricCard

__all__ = ["grow_ensemble", "score_with"]

ROUNDS = 30
MOST_MEMBERS = 25
MOST_ROWS = 20_000


def grow_ensemble(predictions: Sequence[np.ndarray], truth: np.ndarray, metric: MetricCard, seed: int) -> list[float]:
    """Weights, one a member, summing to one: greedy selection with replacement, the best prefix kept.

    `predictions` are the candidates' out-of-fold predictions, best candidate first, each (m, classes) or (m,). Source: Caruana et al.,
    Ensemble selection from libraries of models, ICML 2004. Rows above 20,000 are sampled, the same for all.
    """
    members = [np.asarray(p) for p in predictions[:MOST_MEMBERS]]
    if len(truth) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(truth), MOST_ROWS, replace=False))
        members, truth = [m[rows] for m in members], truth[rows]
    total = np.zeros_like(members[0], dtype=float)
    order: list[int] = []
    best_score, best_length = -np.inf, 0
    for _ in range(ROUNDS):
        scores = [_signed(score_with(metric, truth, (total + m) / (len(order) + 1)), metric) for m in members]
        chosen = int(np.argmax(scores))
        order.append(chosen)
        total += members[chosen]
        if scores[chosen] > best_score + 1e-12:
            best_score, best_length = scores[chosen], len(order)
    counts = np.bincount(order[:best_length], minlength=len(predictions))
    return [float(c) for c in counts / best_length]


def score_with(metric: MetricCard, truth: np.ndarray, raw: np.ndarray) -> float:
    """A metric of raw predictions: probabilities, their most likely class, or values, as the metric needs."""
    return float(metric.function(truth, raw.argmax(axis=1) if metric.needs == "labels" else raw))


def _signed(score: float, metric: MetricCard) -> float:
    signed = score if metric.greater_is_better else -score
    return signed if np.isfinite(signed) else -np.inf
