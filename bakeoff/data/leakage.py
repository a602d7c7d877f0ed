"""Which columns look like the target in disguise; law: cheap, on a sample, judged on rows that were not looked at."""

import numpy as np
import pandas as pd

from bakeoff.data.schema import Column, Schema

__all__ = ["suspected_leaks"]

_SAMPLE = 4000
_LEAST_ROWS = 40
_SUSPICIOUS = 0.99
_LOOKED_AT = 256
"""Rows whose error nearly every column fails at; only the others are judged by all."""


def suspected_leaks(frame: pd.DataFrame, schema: Schema, y: np.ndarray) -> dict[str, float]:
    """Columns that alone explain at least 99 % of the target, best first.

    One half of a sample predicts the other: words by the mean target of their spelling, numbers by interpolation between their values'
    means. The score is 1 − squared error / that of the overall mean, for classes over all of their indicators together.
    """
    if len(y) < _LEAST_ROWS:
        return {}
    rows = np.random.default_rng(0).permutation(len(y))[:_SAMPLE]
    sample = frame.iloc[rows]
    targets = np.eye(len(schema.target.labels))[y[rows]] if schema.target.labels else y[rows].astype(np.float64)[:, None]
    half = len(rows) // 2
    spread = ((targets[half:] - targets[:half].mean(axis=0)) ** 2).sum()
    if spread == 0:
        return {}
    looked_at = _farthest(targets, half)
    scores = {}
    for column in schema.columns:
        values = _values(sample[column.name], column)
        if not _is_out_of_the_question(values, targets, half, looked_at, spread):
            scores[column.name] = float(1 - _error(values, targets, half, slice(half, None)) / spread)
    return dict(sorted(((name, score) for name, score in scores.items() if score >= _SUSPICIOUS), key=lambda item: -item[1]))


def _farthest(targets: np.ndarray, half: int) -> np.ndarray:
    """The rows behind the first half that lie farthest from its mean, which make most of the spread."""
    far = ((targets[half:] - targets[:half].mean(axis=0)) ** 2).sum(axis=1)
    return half + np.argsort(-far, kind="stable")[:_LOOKED_AT]


def _error(values: np.ndarray, targets: np.ndarray, half: int, judged: np.ndarray | slice) -> float:
    """Squared error of the rows judged, predicted from the first half."""
    seen = np.concatenate([values[:half], values[judged]])
    return float(((targets[judged] - _predicted(seen, targets[:half])) ** 2).sum())


def _is_out_of_the_question(values: np.ndarray, targets: np.ndarray, half: int, some: np.ndarray, spread: float) -> bool:
    """Whether already `some` rows' error, a part of the whole, is more than a column that is reported may have."""
    return _error(values, targets, half, some) > (1 - _SUSPICIOUS) * spread * (1 + 1e-6)


def _values(values: pd.Series, column: Column) -> np.ndarray:
    """Codes of words as integers; numbers and dates as float64, NaN where missing."""
    if column.kind in ("categorical", "text", "list"):
        return np.asarray(pd.factorize(values, use_na_sentinel=False)[0])
    if column.kind == "datetime":
        return np.where(values.isna(), np.nan, values.to_numpy().astype("datetime64[s]").astype(np.float64))
    return np.asarray(values.to_numpy(np.float64))


def _predicted(values: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Targets of the rows behind the first ones, whose targets are given."""
    seen, unseen = values[: len(targets)], values[len(targets) :]
    predicted = np.tile(targets.mean(axis=0), (len(unseen), 1))
    known = ~np.isnan(seen)
    if known.any():
        distinct, means = _means(seen[known], targets[known])
        fits = np.isin(unseen, distinct) if values.dtype.kind == "i" else ~np.isnan(unseen)
        predicted[fits] = _interpolated(unseen[fits], distinct, means)
    if not known.all():
        predicted[np.isnan(unseen)] = targets[~known].mean(axis=0)
    return predicted


def _means(values: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct values, in order, and the mean target of each."""
    order = np.argsort(values, kind="stable")
    distinct, starts, times = np.unique(values[order], return_index=True, return_counts=True)
    return distinct, np.add.reduceat(targets[order], starts, axis=0) / times[:, None]


def _interpolated(at: np.ndarray, distinct: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Between the means of the distinct values, all targets at once; beyond the last value its mean."""
    right = np.searchsorted(distinct, at, side="right")
    left, right = np.maximum(right - 1, 0), np.minimum(right, len(distinct) - 1)
    with np.errstate(over="ignore", invalid="ignore"):  # numbers at the ends of what a float holds
        gap = (distinct[right] - distinct[left]).astype(np.float64)
        share = np.divide(at - distinct[left], gap, out=np.zeros(len(at)), where=gap > 0)
        return np.asarray(means[left] + share[:, None] * (means[right] - means[left]))
