"""Metrics of regression, each a function and its card; law: the numbers are scikit-learn's and scipy's, NaN where there is no answer.

Undefined: spearman, r2, explained variance and the normalized forms where the truth is constant; logarithmic errors where truth or
prediction is at or below −1; the percentage error leaves rows out whose truth is 0, and is NaN where none is left.
"""

from collections.abc import Callable

import numpy as np

from bakeoff.evaluation.card import MetricCard
from bakeoff.evaluation.ranking import average_ranks

__all__ = ["REGRESSION"]

NAN = float("nan")


def mean_absolute_error(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.abs(truth - predicted).mean())


def median_absolute_error(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.median(np.abs(truth - predicted)))


def mean_absolute_percentage_error(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Mean of |error / truth|, as a fraction, over rows whose truth is not 0."""
    some = truth != 0
    return float(np.abs((truth[some] - predicted[some]) / truth[some]).mean()) if some.any() else NAN


def root_mean_squared_error(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(np.sqrt(np.square(truth - predicted).mean()))


def root_mean_squared_log_error(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Root mean squared error of log(1 + value)."""
    if min(truth.min(), predicted.min()) <= -1:
        return NAN
    return root_mean_squared_error(np.log1p(truth), np.log1p(predicted))


def r2_score(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Share of the truth's variance that is explained; below 0 where the mean would do better."""
    spread = np.square(truth - truth.mean()).sum()
    return float(1 - np.square(truth - predicted).sum() / spread) if spread > 0 else NAN


def explained_variance(truth: np.ndarray, predicted: np.ndarray) -> float:
    """r2_score with the errors' mean forgiven."""
    spread = truth.var()
    return float(1 - (truth - predicted).var() / spread) if spread > 0 else NAN


def spearman_correlation(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Correlation of the ranks, ties sharing theirs; NaN where either is constant."""
    left, right = average_ranks(truth), average_ranks(predicted)
    left, right = left - left.mean(), right - right.mean()
    spread = np.sqrt((left @ left) * (right @ right))
    return float(left @ right / spread) if spread > 0 else NAN


def _normalized(metric: Callable[[np.ndarray, np.ndarray], float]) -> Callable[[np.ndarray, np.ndarray], float]:
    """The metric divided by the range of the truth."""

    def normalized(truth: np.ndarray, predicted: np.ndarray) -> float:
        span = truth.max() - truth.min()
        return float(metric(truth, predicted) / span) if span > 0 else NAN

    return normalized


def _error(name: str, function: Callable[[np.ndarray, np.ndarray], float]) -> MetricCard:
    return MetricCard(name, ("regression",), function, False, "values", 0.0)


def _gain(name: str, function: Callable[[np.ndarray, np.ndarray], float]) -> MetricCard:
    return MetricCard(name, ("regression",), function, True, "values", 1.0)


REGRESSION: tuple[MetricCard, ...] = (
    _error("mean_absolute_error", mean_absolute_error),
    _error("normalized_mean_absolute_error", _normalized(mean_absolute_error)),
    _error("median_absolute_error", median_absolute_error),
    _error("normalized_median_absolute_error", _normalized(median_absolute_error)),
    _error("mean_absolute_percentage_error", mean_absolute_percentage_error),
    _error("root_mean_squared_error", root_mean_squared_error),
    _error("normalized_root_mean_squared_error", _normalized(root_mean_squared_error)),
    _error("root_mean_squared_log_error", root_mean_squared_log_error),
    _error("normalized_root_mean_squared_log_error", _normalized(root_mean_squared_log_error)),
    _gain("r2_score", r2_score),
    _gain("explained_variance", explained_variance),
    _gain("spearman_correlation", spearman_correlation),
)
