"""Voting ensembles by greedy selection on out-of-fold predictions; law: chosen on rows no member was fitted on, never on the test part."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.evaluation import MetricCard, score_one

__all__ = ["Judged", "grow_ensemble"]

ROUNDS = 30
MOST_MEMBERS = 25
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Judged:
    """The rows that predictions are judged on: truth, weights where rows do not count alike, the positive class where one is named."""

    truth: np.ndarray
    weights: np.ndarray | None = None
    positive: int | None = None

    def some(self, rows: np.ndarray) -> "Judged":
        """These rows alone."""
        return Judged(self.truth[rows], None if self.weights is None else self.weights[rows], self.positive)

    def score(self, metric: MetricCard, raw: np.ndarray) -> float:
        """A metric of raw predictions."""
        return score_one(metric, self.truth, raw, self.weights, self.positive)


def grow_ensemble(predictions: Sequence[np.ndarray], judged: Judged, metric: MetricCard, seed: int) -> list[float]:
    """Weights, one a member, summing to one: greedy selection with replacement, the best prefix kept.

    `predictions` are the candidates' out-of-fold predictions, best candidate first, each (m, classes) or (m,). Source: Caruana et al.,
    Ensemble selection from libraries of models, ICML 2004. Rows above 20,000 are sampled, the same for all.
    """
    members = [np.asarray(p) for p in predictions[:MOST_MEMBERS]]
    if len(judged.truth) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(judged.truth), MOST_ROWS, replace=False))
        members, judged = [m[rows] for m in members], judged.some(rows)
    total = np.zeros_like(members[0], dtype=float)
    order: list[int] = []
    best_score, best_length = -np.inf, 0
    for _ in range(ROUNDS):
        scores = [_signed(judged.score(metric, (total + m) / (len(order) + 1)), metric) for m in members]
        chosen = int(np.argmax(scores))
        order.append(chosen)
        total += members[chosen]
        if scores[chosen] > best_score + 1e-12:
            best_score, best_length = scores[chosen], len(order)
    counts = np.bincount(order[:best_length], minlength=len(predictions))
    return [float(c) for c in counts / best_length]


def _signed(score: float, metric: MetricCard) -> float:
    signed = score if metric.greater_is_better else -score
    return signed if np.isfinite(signed) else -np.inf
