"""METRICS: what a trial is scored on; law: every metric of the task is computed for every trial, and any can be the primary one."""

import numpy as np

from bakeoff.errors import ParamsError, nearest
from bakeoff.evaluation.card import MetricCard
from bakeoff.evaluation.classification import CLASSIFICATION
from bakeoff.evaluation.own_metric import is_own_metric, own_metric
from bakeoff.evaluation.regression import REGRESSION

__all__ = ["METRICS", "default_metric", "get_metric", "metric_names", "score_all", "score_one"]

METRICS: tuple[MetricCard, ...] = (*CLASSIFICATION, *REGRESSION)

DEFAULTS = {"classification": "AUC_weighted", "regression": "normalized_root_mean_squared_error"}


def metric_names(task: str) -> tuple[str, ...]:
    """Names of the task's metrics, in the registry's order."""
    return tuple(card.name for card in METRICS if task in card.tasks)


def get_metric(name: str, task: str) -> MetricCard:
    """The task's metric of this name, or the user's own (`module:function`); ParamsError with the nearest names, or the task it is for."""
    if is_own_metric(name):
        return own_metric(name, task)
    found = {card.name: card for card in METRICS}
    names = metric_names(task)
    if name in names:
        return found[name]
    what = f"this metric is for {' and '.join(found[name].tasks)}, not {task}" if name in found else "there is no such metric"
    raise ParamsError(what, where="search.metric", given=name, remedy=nearest(name, names))


def default_metric(task: str) -> MetricCard:
    """The primary metric where params name none."""
    return get_metric(DEFAULTS[task], task)


def score_all(
    truth: np.ndarray,
    predicted: np.ndarray,
    weights: np.ndarray | None = None,
    positive: int | None = None,
    own: MetricCard | None = None,
    labels: np.ndarray | None = None,
) -> dict[str, float]:
    """Every metric of the task that exists for so many classes, and the user's `own`; NaN where one is undefined for these rows.

    Classification: class codes (rows,) and probabilities (rows, classes); the predicted codes are `labels` (rows,), where they are not
    given the most probable, the first of equals. Regression: values (rows,) both. Rows of weight 0 are left out. `positive` is the class
    code that the _binary metrics speak of;
    where it is not given, code 1 of two classes, and of more there are no _binary metrics.
    """
    task = "classification" if predicted.ndim == 2 else "regression"
    several = task == "classification" and positive is None and predicted.shape[1] != 2
    cards = [card for card in (*METRICS, *filter(None, [own])) if task in card.tasks and not (several and card.two_classes)]
    truth, predicted, weights, labels = _weighing(truth, predicted, weights, labels)
    if not len(truth):
        return {card.name: float("nan") for card in cards}
    seen = {two: _seen(truth, predicted, positive if two else None, labels) for two in {card.two_classes for card in cards}}
    return {card.name: card.function(seen[card.two_classes]["truth"], seen[card.two_classes][card.needs], weights) for card in cards}


def score_one(
    metric: MetricCard,
    truth: np.ndarray,
    predicted: np.ndarray,
    weights: np.ndarray | None = None,
    positive: int | None = None,
    labels: np.ndarray | None = None,
) -> float:
    """One metric as `score_all` gives it."""
    truth, predicted, weights, labels = _weighing(truth, predicted, weights, labels)
    if not len(truth):
        return float("nan")
    seen = _seen(truth, predicted, positive if metric.two_classes else None, labels)
    return float(metric.function(seen["truth"], seen[metric.needs], weights))


Weighed = tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]


def _weighing(truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None, labels: np.ndarray | None) -> Weighed:
    """The rows of a weight above 0."""
    if weights is None or weights.all():
        return truth, predicted, weights, labels
    some = weights > 0
    return truth[some], predicted[some], weights[some], None if labels is None else labels[some]


def _seen(truth: np.ndarray, predicted: np.ndarray, positive: int | None, labels: np.ndarray | None) -> dict[str, np.ndarray]:
    """What a metric may need; with `positive`, that class as code 1 against all others."""
    if predicted.ndim == 1:
        return {"truth": truth, "values": predicted}
    labels = predicted.argmax(axis=1) if labels is None else labels
    if positive is None:
        return {"truth": truth, "probabilities": predicted, "labels": labels}
    chance = predicted[:, positive]
    two = (truth == positive).astype(np.int64), (labels == positive).astype(np.int64)
    return {"truth": two[0], "probabilities": np.column_stack([1 - chance, chance]), "labels": two[1]}
