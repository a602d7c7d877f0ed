"""MetricCard: the declaration of one metric; law: scores keep their natural direction, the sign is applied once, in ranking."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ["MetricCard"]


@dataclass(frozen=True)
class MetricCard:
    """A function of truth and prediction.

    `function(truth, predicted)`: for classification truth is class codes (n,) int64, predicted is probabilities (n, classes) where
    needs = "probabilities" and class codes (n,) where needs = "labels"; for regression both are (n,) float64 (needs = "values").
    NaN where it is undefined.
    """

    name: str
    tasks: tuple[str, ...]
    function: Callable[[np.ndarray, np.ndarray], float]
    greater_is_better: bool
    needs: Literal["probabilities", "labels", "values"]
    best: float
    """The best score there is."""
    two_classes: bool = False
    """Defined with two classes only; class code 1 is the positive one. Left out of the scores where there are more."""
