"""Judged: the rows that candidates' out-of-fold predictions are judged on; law: never a row of the test part."""

from dataclasses import dataclass, replace

import numpy as np

from bakeoff.evaluation import MetricCard, score_one

__all__ = ["Judged"]


@dataclass(frozen=True)
class Judged:
    """Truth, weights where rows do not count alike, the positive class where one is named, the least value that may be predicted."""

    truth: np.ndarray
    weights: np.ndarray | None = None
    positive: int | None = None
    least: float | None = None

    def some(self, rows: np.ndarray) -> "Judged":
        """These rows alone."""
        return replace(self, truth=self.truth[rows], weights=None if self.weights is None else self.weights[rows])

    def weighed(self, weights: np.ndarray) -> "Judged":
        """The rows, each counting so many times as much as it does."""
        return replace(self, weights=weights if self.weights is None else self.weights * weights)

    def score(self, metric: MetricCard, raw: np.ndarray, labels: np.ndarray | None = None) -> float:
        """A metric of raw predictions, and of labels where they are not the most probable ones."""
        return score_one(metric, self.truth, raw, self.weights, self.positive, labels)

    def worth(self, metric: MetricCard, raw: np.ndarray, labels: np.ndarray | None = None) -> float:
        """The score with its sign such that more is better; minus infinity where there is none."""
        score = self.score(metric, raw, labels)
        signed = score if metric.greater_is_better else -score
        return signed if np.isfinite(signed) else -np.inf
