"""METRICS: what a trial is scored on; law: every metric of the task is computed for every trial, and any can be the primary one."""

import numpy as np

from bakeoff.errors import ParamsError, nearest
from bakeoff.evaluation.card import MetricCard
from bakeoff.evaluation.classification import CLASSIFICATION
from bakeoff.evaluation.regression import REGRESSION

__all__ = ["METRICS", "default_metric", "get_metric", "metric_names", "score_all"]

METRICS: tuple[MetricCard, ...] = (*CLASSIFICATION, *REGRESSION)

DEFAULTS = {"classification": "AUC_weighted", "regression": "normalized_root_mean_squared_error"}


def metric_names(task: str) -> tuple[str, ...]:
    """Names of the task's metrics, in the registry's order."""
    return tuple(card.name for card in METRICS if task in card.tasks)


def get_metric(name: str, task: str, where: str = "search.metric") -> MetricCard:
    """The task's metric of this name; ParamsError with the nearest names, or the task it belongs to."""
    found = {card.name: card for card in METRICS}
    names = metric_names(task)
    if name in names:
        return found[name]
    what = f"this metric is for {' and '.join(found[name].tasks)}, not {task}" if name in found else "there is no such metric"
    raise ParamsError(what, where=where, given=name, remedy=nearest(name, names))


def default_metric(task: str) -> MetricCard:
    """The primary metric where params name none."""
    return get_metric(DEFAULTS[task], task)


def score_all(task: str, truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Every metric of the task that exists for so many classes; NaN where one is undefined for these rows.

    Classification: class codes (rows,) and probabilities (rows, classes), whose largest is the predicted class, the first of equals.
    Regression: values (rows,) both.
    """
    seen = {"probabilities": predicted, "values": predicted}
    several = False
    if task == "classification":
        seen["labels"] = predicted.argmax(axis=1)
        several = predicted.shape[1] != 2
    cards = (card for card in METRICS if task in card.tasks and not (several and card.two_classes))
    return {card.name: card.function(truth, seen[card.needs]) for card in cards}
