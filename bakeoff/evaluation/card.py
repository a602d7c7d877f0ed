"""MetricCard: the declaration of one metric; law: scores keep their natural direction, the sign is applied once, in ranking."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

__all__ = ["MetricCard", "MetricFunction"]


class MetricFunction(Protocol):
    """Truth, prediction and row weights in, a score out."""

    def __call__(self, truth: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None, /) -> float: ...


@dataclass(frozen=True)
class MetricCard:
    """A function of truth and prediction.

    `function(truth, predicted, weights)`: for classification truth is class codes (n,) int64, predicted is probabilities (n, classes) where
    needs = "probabilities" and class codes (n,) where needs = "labels"; for regression both are (n,) float64 (needs = "values").
    weights are None, or (n,) float64 above 0: a row of weight 2 counts as two rows would. NaN where it is undefined.
    """

    name: str
    tasks: tuple[str, ...]
    function: MetricFunction
    greater_is_better: bool
    needs: Literal["probabilities", "labels", "values"]
    best: float
    """The best score there is."""
    two_classes: bool = False
    """Speaks of one class against the rest: `function` gets two classes, of which code 1 is the positive one."""
    one_sided: bool = False
    """Judges one kind of error alone, so that one label for all rows, or for next to none, is the best there is: none is decided by it."""
    aims_at: Literal["mean", "median", "log_mean"] = "mean"
    """What of the values that a row may have is the best to predict: their mean, their median, or the mean of their log(1 + value)."""
