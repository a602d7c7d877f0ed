"""chart_tables: the numbers behind the charts of one candidate; law: numbers only, bounded in size, the same for the same predictions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.evaluation.ranking import curve

__all__ = ["chart_tables"]

MOST_POINTS = 200
"""Points of one curve at most."""
MOST_ROWS = 2000
"""Rows of predicted_vs_true at most, evenly spread over the sorted truth."""
MOST_CLASSES = 20
"""Classes with curves of their own at most, the most frequent ones; above it, the confusion has the pairs that occur alone."""
BINS = 20


def chart_tables(
    task: str,
    truth: np.ndarray,
    predicted: np.ndarray,
    labels: Sequence[Any] = (),
    decided: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> dict[str, pd.DataFrame]:
    """Classification: roc, precision_recall, confusion, calibration; regression: residuals, predicted_vs_true.

    truth and predicted as in `score_all`; labels name the class codes; `decided` are the predicted codes where they are
    not the most probable ones. Curves and calibration are per class against the rest, long form (column label), of the MOST_CLASSES
    most frequent classes; one that does not occur, or occurs alone, has no curve. With `weights` (n,) those of no weight are left out, as
    scores leave them out, and rows count as much as they weigh.
    """
    chosen = predicted.argmax(axis=1) if task == "classification" and decided is None else decided
    if weights is not None:
        some = weights > 0
        truth, predicted, chosen, weights = truth[some], predicted[some], None if chosen is None else chosen[some], weights[some]
    if chosen is not None:
        shown = _frequent(truth, labels)
        return {
            "roc": _curves(truth, predicted, weights, shown, _roc),
            "precision_recall": _curves(truth, predicted, weights, shown, _precision_recall),
            "confusion": _confusion(truth, chosen, weights, labels),
            "calibration": _calibration(truth, predicted, weights, shown),
        }
    return {"residuals": _residuals(truth, predicted, weights), "predicted_vs_true": _predicted_vs_true(truth, predicted)}


def _frequent(truth: np.ndarray, labels: Sequence[Any]) -> dict[int, Any]:
    """Codes and labels of the classes that are shown one by one, in their order."""
    rows = np.bincount(truth, minlength=len(labels))
    return {int(code): labels[code] for code in np.sort(np.argsort(-rows, kind="stable")[:MOST_CLASSES])}


def _curves(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None, shown: Mapping[int, Any], table: Any) -> pd.DataFrame:
    found = []
    for code, label in shown.items():
        positive = truth == code
        if positive.any() and not positive.all():
            found.append(_thin(table(*curve(positive, predicted[:, code], weights))).assign(label=str(label)))
    return pd.concat(found, ignore_index=True) if found else table(*(np.zeros(0),) * 3).assign(label="")


def _roc(thresholds: np.ndarray, hits: np.ndarray, misses: np.ndarray) -> pd.DataFrame:
    start = [0.0] if len(hits) else []
    return pd.DataFrame(
        {
            "threshold": np.concatenate([[np.inf] * len(start), thresholds]),
            "false_positive_rate": np.concatenate([start, misses / misses[-1:]]),
            "true_positive_rate": np.concatenate([start, hits / hits[-1:]]),
        }
    )


def _precision_recall(thresholds: np.ndarray, hits: np.ndarray, misses: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"threshold": thresholds, "precision": hits / (hits + misses), "recall": hits / hits[-1:]})


def _thin(table: pd.DataFrame) -> pd.DataFrame:
    """At most MOST_POINTS rows, first and last among them."""
    if len(table) <= MOST_POINTS:
        return table
    return table.iloc[np.linspace(0, len(table) - 1, MOST_POINTS).round().astype(int)]


def _confusion(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None, labels: Sequence[Any]) -> pd.DataFrame:
    """Rows per pair of true and predicted class; of very many classes, the pairs that occur."""
    classes = len(labels)
    counts = np.bincount(truth * classes + predicted, weights, minlength=classes**2)
    names = np.array([str(label) for label in labels], dtype=object)
    pairs = np.arange(classes**2) if classes <= MOST_CLASSES else np.flatnonzero(counts)
    return pd.DataFrame({"truth": names[pairs // classes], "predicted": names[pairs % classes], "rows": counts[pairs]})


def _calibration(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None, shown: Mapping[int, Any]) -> pd.DataFrame:
    """Per class and tenth of probability that has rows: mean probability given, share that came true, rows."""
    found, weighs = [], np.ones(len(truth)) if weights is None else weights
    for code, label in shown.items():
        bins = np.minimum((predicted[:, code] * 10).astype(int), 9)
        rows = np.bincount(bins, weights, minlength=10)
        some = rows > 0
        given = np.bincount(bins, weighs * predicted[:, code], minlength=10)[some] / rows[some]
        came = np.bincount(bins, weighs * (truth == code), minlength=10)[some] / rows[some]
        found.append(pd.DataFrame({"label": str(label), "mean_predicted": given, "share_true": came, "rows": rows[some]}))
    return pd.concat(found, ignore_index=True)


def _residuals(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None) -> pd.DataFrame:
    """Histogram of truth − predicted; one bin where their range holds no more."""
    residuals = truth - predicted
    low, high = float(residuals.min()), float(residuals.max())
    bins: int | list[float] = BINS if high - low > BINS * np.spacing(max(abs(low), abs(high))) else [low, high]
    rows, edges = np.histogram(residuals, bins=bins, weights=weights)
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "rows": rows})


def _predicted_vs_true(truth: np.ndarray, predicted: np.ndarray) -> pd.DataFrame:
    order = np.argsort(truth, kind="stable")
    if len(order) > MOST_ROWS:
        order = order[np.linspace(0, len(order) - 1, MOST_ROWS).round().astype(int)]
    return pd.DataFrame({"truth": truth[order], "predicted": predicted[order]})
