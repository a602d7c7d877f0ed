"""Metrics of classification, each a function and its card; law: the numbers are scikit-learn's, NaN where there is no answer.

One class in the truth: balanced_accuracy, f1, precision and recall speak of the classes that occur; AUC, average precision and
norm_macro_recall are NaN. A class that does not occur in the truth has no AUC and no average precision: means go over the others.
"""

from collections.abc import Callable

import numpy as np

from bakeoff.evaluation.card import MetricCard, MetricFunction
from bakeoff.evaluation.ranking import auc, average_precision

__all__ = ["CLASSIFICATION"]

Weights = np.ndarray | None
NAN = float("nan")


def accuracy(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """Share of rows with the right class."""
    return float(np.average(truth == predicted, weights=weights))


def balanced_accuracy(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """Mean recall of the classes that occur in the truth."""
    hits, actual, _ = _counts(truth, predicted, weights)
    return float(np.mean(hits[actual > 0] / actual[actual > 0]))


def weighted_accuracy(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """Accuracy with each row weighted by its class's size."""
    hits, actual, _ = _counts(truth, predicted, weights)
    return float(np.sum(hits * actual) / np.sum(actual**2))


def norm_macro_recall(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """(Macro recall − R) / (1 − R), R = 1 / classes in the truth: 0 is guessing; NaN with one class."""
    classes = np.count_nonzero(np.bincount(truth))
    return float((balanced_accuracy(truth, predicted, weights) - 1 / classes) / (1 - 1 / classes)) if classes > 1 else NAN


def matthews_correlation(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """Correlation of truth and prediction as classes (Gorodkin's R_K with many); 0 where either has one class only, as in scikit-learn."""
    hits, actual, guessed = (counts.astype(np.float64) for counts in _counts(truth, predicted, weights))
    rows = actual.sum()
    spread = (rows**2 - actual @ actual) * (rows**2 - guessed @ guessed)
    several = min(np.count_nonzero(actual), np.count_nonzero(guessed)) > 1
    return float((hits.sum() * rows - actual @ guessed) / np.sqrt(spread)) if several else 0.0


def log_loss(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
    """Mean −log of the probability given to the right class, which is kept 2e-16 away from 0 and 1."""
    tiny = np.finfo(np.float64).eps
    right = predicted[np.arange(len(truth)), truth]
    return float(np.average(-np.log(np.clip(right, tiny, 1 - tiny)), weights=weights))


Counts = tuple[np.ndarray, np.ndarray, np.ndarray]


def _counts(truth: np.ndarray, predicted: np.ndarray, weights: Weights) -> Counts:
    """Per class code: rows it was rightly given, rows it has, rows it was given; the sums of their weights where there are any."""
    classes = int(max(truth.max(), predicted.max())) + 1
    right = truth == predicted
    hits = np.bincount(truth[right], None if weights is None else weights[right], minlength=classes)
    return hits, np.bincount(truth, weights, minlength=classes), np.bincount(predicted, weights, minlength=classes)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """0 where there is no whole."""
    return np.asarray(part / np.where(whole > 0, whole, 1))


def _precision(hits: np.ndarray, _actual: np.ndarray, guessed: np.ndarray) -> np.ndarray:
    return _share(hits, guessed)


def _recall(hits: np.ndarray, actual: np.ndarray, _guessed: np.ndarray) -> np.ndarray:
    return _share(hits, actual)


def _f1(hits: np.ndarray, actual: np.ndarray, guessed: np.ndarray) -> np.ndarray:
    return _share(2 * hits, actual + guessed)


LabelScore = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _macro(score: LabelScore) -> MetricFunction:
    def metric(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
        counts = _counts(truth, predicted, weights)
        occurs = counts[1] + counts[2] > 0
        return float(score(*counts)[occurs].mean())

    return metric


def _weighted(score: LabelScore) -> MetricFunction:
    def metric(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
        counts = _counts(truth, predicted, weights)
        return float(score(*counts) @ counts[1] / counts[1].sum())

    return metric


def _binary(score: LabelScore) -> MetricFunction:
    def metric(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
        counts = _counts(truth, predicted, weights)
        return float(score(*counts)[1]) if len(counts[0]) > 1 else 0.0

    return metric


def _per_class(score: MetricFunction, truth: np.ndarray, predicted: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """The score of each class that occurs against the rest, and its rows; scores are NaN with one class."""
    rows = np.bincount(truth, weights, minlength=predicted.shape[1])
    present = np.flatnonzero(rows)
    if len(present) < 2:
        return np.full(len(present), NAN), rows[present]
    if predicted.shape[1] == 2 and score is auc:
        return np.repeat(auc(truth == 1, predicted[:, 1], weights), 2), rows
    return np.array([score(truth == code, predicted[:, code], weights) for code in present]), rows[present]


def _curve_macro(score: MetricFunction) -> MetricFunction:
    def metric(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
        return float(_per_class(score, truth, predicted, weights)[0].mean())

    return metric


def _curve_weighted(score: MetricFunction) -> MetricFunction:
    def metric(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
        scores, rows = _per_class(score, truth, predicted, weights)
        return float(scores @ rows / rows.sum())

    return metric


def _curve_micro(score: MetricFunction) -> MetricFunction:
    def metric(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
        if not np.any(truth != truth[0]):
            return NAN
        classes = predicted.shape[1]
        repeated = None if weights is None else np.repeat(weights, classes)
        return score((truth[:, None] == np.arange(classes)).ravel(), predicted.ravel(), repeated)

    return metric


def _curve_binary(score: MetricFunction) -> MetricFunction:
    def metric(truth: np.ndarray, predicted: np.ndarray, weights: Weights = None) -> float:
        return score(truth == 1, predicted[:, 1], weights) if np.any(truth != truth[0]) else NAN

    return metric


def _of_labels(name: str, function: MetricFunction, two_classes: bool = False, one_sided: bool = False) -> MetricCard:
    return MetricCard(name, ("classification",), function, True, "labels", 1.0, two_classes, one_sided)


def _of_probabilities(name: str, function: MetricFunction, two_classes: bool = False) -> MetricCard:
    return MetricCard(name, ("classification",), function, True, "probabilities", 1.0, two_classes)


CLASSIFICATION: tuple[MetricCard, ...] = (
    _of_labels("accuracy", accuracy),
    _of_labels("balanced_accuracy", balanced_accuracy),
    _of_labels("weighted_accuracy", weighted_accuracy),
    _of_labels("norm_macro_recall", norm_macro_recall),
    _of_labels("matthews_correlation", matthews_correlation),
    MetricCard("log_loss", ("classification",), log_loss, False, "probabilities", 0.0),
    _of_probabilities("AUC_macro", _curve_macro(auc)),
    _of_probabilities("AUC_micro", _curve_micro(auc)),
    _of_probabilities("AUC_weighted", _curve_weighted(auc)),
    _of_probabilities("AUC_binary", _curve_binary(auc), two_classes=True),
    _of_probabilities("average_precision_score_macro", _curve_macro(average_precision)),
    _of_probabilities("average_precision_score_micro", _curve_micro(average_precision)),
    _of_probabilities("average_precision_score_weighted", _curve_weighted(average_precision)),
    _of_probabilities("average_precision_score_binary", _curve_binary(average_precision), two_classes=True),
    _of_labels("f1_score_macro", _macro(_f1)),
    _of_labels("f1_score_micro", accuracy),
    _of_labels("f1_score_weighted", _weighted(_f1)),
    _of_labels("f1_score_binary", _binary(_f1), two_classes=True),
    _of_labels("precision_score_macro", _macro(_precision)),
    _of_labels("precision_score_micro", accuracy),
    _of_labels("precision_score_weighted", _weighted(_precision)),
    _of_labels("precision_score_binary", _binary(_precision), two_classes=True, one_sided=True),
    _of_labels("recall_score_macro", _macro(_recall)),
    _of_labels("recall_score_micro", accuracy),
    _of_labels("recall_score_weighted", _weighted(_recall)),
    _of_labels("recall_score_binary", _binary(_recall), two_classes=True, one_sided=True),
)
