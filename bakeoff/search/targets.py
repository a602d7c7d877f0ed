"""The target as an estimator learns it; law: what is done to it before fitting is what its predictions are read back with."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bakeoff.algorithms import AlgorithmCard, range_of
from bakeoff.features import Encoder, Scale, Shift, TargetTransform, fit_target_transform
from bakeoff.runs import FittedPart
from bakeoff.search.preparing import Prepared
from bakeoff.search.weighting import weigh

__all__ = ["LearnedTarget", "learned_target", "least_of"]


@dataclass(frozen=True)
class LearnedTarget:
    """Of some training rows; the names are those of FittedPart."""

    y: np.ndarray
    """(m,) class codes without gaps, or values as the transform has them."""
    weights: np.ndarray | None
    """(m,) row weights, those of classes in them; None where every row counts alike."""
    classes: tuple[int, ...] = ()
    """The schema's code of each class in `y`; none of a regression."""
    class_weights: str = "none"
    transform: TargetTransform | Shift | Scale | None = None
    bounds: tuple[float, float] | None = None
    prior: tuple[float, ...] = ()

    def judging(self, prepared: Prepared, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Those of `rows` that can judge what is learned, their y and weights: rows of a class that was not learned cannot."""
        y = prepared.target[rows]
        if not self.classes:
            return rows, y if self.transform is None else np.ascontiguousarray(self.transform.forward(y)), prepared.weights_of(rows)
        known = np.isin(y, self.classes)
        rows, y = rows[known], np.searchsorted(self.classes, y[known])
        return rows, y, weigh(y, self.class_weights, prepared.weights_of(rows))

    def part(self, encoder: Encoder, estimator: Any) -> FittedPart:
        """What a fitted estimator says, read back."""
        return FittedPart(encoder, estimator, self.classes, self.transform, self.bounds, self.prior)


def learned_target(
    prepared: Prepared, card: AlgorithmCard, rows: np.ndarray, class_weights: str = "none", transform: str = "none"
) -> LearnedTarget:
    """What the card's estimator learns of some training rows, with the options of that name (`bakeoff.search.options`)."""
    y, weights = prepared.target[rows], prepared.weights_of(rows)
    if prepared.schema.task == "classification":
        known, y = np.unique(y, return_inverse=True)
        weights, classes = weigh(y, class_weights, weights), tuple(int(code) for code in known)
        return LearnedTarget(y, weights, classes, class_weights, prior=_mixed_in(card, prepared, rows, weights))
    fitted = fit_target_transform(transform, y)
    y = y if fitted is None else np.ascontiguousarray(fitted.forward(y))
    return LearnedTarget(y, weights, transform=fitted, bounds=_bounds(prepared, rows))


def _bounds(prepared: Prepared, rows: np.ndarray) -> tuple[float, float] | None:
    """Between which a regression's predictions stay: the training rows' values, and a tenth of their range on either side, above 0 if they
    are.

    One scored row with a number that no training row had, such as 999999, and a linear model or a network says something absurd. Where
    rows are in the order of time what grows goes beyond all that was seen; only what least_of says stays.
    """
    if prepared.params.validation.way != "time_ordered":
        return range_of(prepared.target[rows])
    least = least_of(prepared)
    return None if least is None else (least, np.inf)


def least_of(prepared: Prepared) -> float | None:
    """0 for a regression whose target never is below it, as an ensemble of its predictions may be; None where anything may be predicted.

    In the order of time only where logarithms are judged: what falls may go on below.
    """
    if prepared.schema.task == "classification" or not prepared.target.min() >= 0:
        return None
    return 0.0 if prepared.params.validation.way != "time_ordered" or prepared.facts.logarithmic else None


def _mixed_in(card: AlgorithmCard, prepared: Prepared, rows: np.ndarray, weights: np.ndarray | None) -> tuple[float, ...]:
    """FittedPart.prior: one vote more, shared out as the training rows are, where an algorithm's probabilities are shares of votes.

    A label that no tree or neighbour votes for is not impossible; 0 would cost any log loss. Source: Provost and Domingos, Tree
    induction for probability-based ranking, Machine Learning 52, 2003 (Laplace's correction).
    """
    votes = card.facts.get("votes")
    if votes is None:
        return ()
    shares = np.bincount(prepared.target[rows], weights, minlength=len(prepared.schema.target.labels))
    return tuple((shares / shares.sum() / (votes + 1)).tolist())
