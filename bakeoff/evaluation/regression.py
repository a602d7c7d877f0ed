"""Metrics of regression, each a function and its card; law: the numbers are scikit-learn's and scipy's, NaN where there is no answer.

Undefined: spearman, r2, explained variance and the normalized forms where the truth is constant; logarithmic errors where truth or
prediction is at or below −1; the percentage error leaves rows out whose truth is 0, and is NaN where none is left.
"""

from typing import Literal

import numpy as np

from bakeoff.evaluation.card import MetricCard, MetricFunction
from bakeoff.evaluation.ranking import average_ranks

__all__ = ["REGRESSION"]

Weights = np.ndarray | None
NAN = float("nan")


def mean_absolute_error(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    return float(np.average(np.abs(truth - predicted), weights=weights))


def median_absolute_error(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    errors = np.abs(truth - predicted)
    return float(np.median(errors)) if weights is None else _weighted_median(errors, weights)


def mean_absolute_percentage_error(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """Mean of |error / truth|, as a fraction, over rows whose truth is not 0."""
    some = truth != 0
    if not some.any():
        return NAN
    return float(np.average(np.abs((truth[some] - predicted[some]) / truth[some]), weights=None if weights is None else weights[some]))


def root_mean_squared_error(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    return float(np.sqrt(np.average(np.square(truth - predicted), weights=weights)))


def root_mean_squared_log_error(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """Root mean squared error of log(1 + value)."""
    if min(truth.min(), predicted.min()) <= -1:
        return NAN
    return root_mean_squared_error(np.log1p(truth), np.log1p(predicted), weights)


def r2_score(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """Share of the truth's variance that is explained; below 0 where the mean would do better."""
    spread = _variance(truth, weights)
    return float(1 - np.average(np.square(truth - predicted), weights=weights) / spread) if spread > 0 else NAN


def explained_variance(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """r2_score with the errors' mean forgiven."""
    spread = _variance(truth, weights)
    return float(1 - _variance(truth - predicted, weights) / spread) if spread > 0 else NAN


def spearman_correlation(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """Correlation of the ranks, ties sharing theirs; NaN where either is constant."""
    left, right = average_ranks(truth, weights), average_ranks(predicted, weights)
    left, right = left - np.average(left, weights=weights), right - np.average(right, weights=weights)
    counted = right if weights is None else right * weights
    spread = np.sqrt(_variance(left, weights) * _variance(right, weights)) * (len(left) if weights is None else weights.sum())
    return float(left @ counted / spread) if spread > 0 else NAN


def _variance(values: np.ndarray, weights: Weights) -> float:
    """0 where all values are equal, whatever rounding makes of their mean."""
    if np.all(values == values[0]):
        return 0.0
    return float(np.average(np.square(values - np.average(values, weights=weights)), weights=weights))


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The middle of the values, each there as often as it weighs; between two of them their mean."""
    order = np.argsort(values, kind="stable")
    ordered, total = values[order], np.cumsum(weights[order])
    low = int(np.searchsorted(total, total[-1] / 2))
    high = min(int(np.searchsorted(total, total[-1] / 2, side="right")), len(values) - 1)
    return float((ordered[low] + ordered[high]) / 2)


def _normalized(metric: MetricFunction) -> MetricFunction:
    """The metric divided by the range of the truth."""

    def normalized(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
        span = truth.max() - truth.min()
        return float(metric(truth, predicted, weights) / span) if span > 0 else NAN

    return normalized


def _error(name: str, function: MetricFunction, aims_at: Literal["mean", "median", "log_mean"] = "mean") -> MetricCard:
    return MetricCard(name, ("regression",), function, False, "values", 0.0, aims_at=aims_at)


def _gain(name: str, function: MetricFunction) -> MetricCard:
    return MetricCard(name, ("regression",), function, True, "values", 1.0)


REGRESSION: tuple[MetricCard, ...] = (
    _error("mean_absolute_error", mean_absolute_error, "median"),
    _error("normalized_mean_absolute_error", _normalized(mean_absolute_error), "median"),
    _error("median_absolute_error", median_absolute_error, "median"),
    _error("normalized_median_absolute_error", _normalized(median_absolute_error), "median"),
    _error("mean_absolute_percentage_error", mean_absolute_percentage_error, "median"),
    _error("root_mean_squared_error", root_mean_squared_error),
    _error("normalized_root_mean_squared_error", _normalized(root_mean_squared_error)),
    _error("root_mean_squared_log_error", root_mean_squared_log_error, "log_mean"),
    _error("normalized_root_mean_squared_log_error", _normalized(root_mean_squared_log_error), "log_mean"),
    _gain("r2_score", r2_score),
    _gain("explained_variance", explained_variance),
    _gain("spearman_correlation", spearman_correlation),
)
