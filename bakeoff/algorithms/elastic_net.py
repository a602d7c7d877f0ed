"""elastic_net: a linear model with L1 and L2 penalties; law: the target is scaled, so that alpha means the same on every table."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms._penalty_path import follow, steps_of
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, real

__all__ = ["CARD"]

PATH = tuple(float(share) for share in np.logspace(-0.5, -5, 10))
"""Of the weakest penalty that leaves no feature a weight, step by step."""
USUAL_STEPS, CHEAP_STEPS = 6, 3
"""A thousandth of it, where there are no rows to judge by, and a thirtieth."""


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.linear_model import ElasticNet

    estimator = ElasticNet(l1_ratio=hyperparameters["l1_ratio"], max_iter=1000, tol=1e-3, warm_start=True, random_state=setting.seed)
    estimator.most_steps = hyperparameters.get("steps")
    return estimator


def fit(estimator: Any, fitting: Fitting) -> Any:
    """Along the path, see _penalty_path; the solutions are those of the target as it is."""
    from sklearn.exceptions import ConvergenceWarning

    weights = fitting.weights
    center = float(np.average(fitting.y, weights=weights))
    spread = float(np.sqrt(np.average(np.square(fitting.y - center), weights=weights))) or 1.0
    y = (fitting.y - center) / spread
    strongest = _strongest(fitting.X, y, weights, estimator.l1_ratio)

    def solve(share: float) -> None:
        estimator.alpha = strongest * share
        if hasattr(estimator, "coef_"):
            estimator.coef_ = estimator.coef_ / spread  # where the next step begins
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            estimator.fit(fitting.X, y, sample_weight=weights)
        estimator.coef_, estimator.intercept_ = estimator.coef_ * spread, estimator.intercept_ * spread + center

    estimator.alpha = strongest * follow(estimator, PATH, USUAL_STEPS, fitting, solve)
    return estimator


def _strongest(X: np.ndarray, y: np.ndarray, weights: np.ndarray | None, l1_ratio: float) -> float:
    """The weakest penalty that leaves no feature a weight: the greatest covariance of a feature and `y`, whose mean is 0, by the L1 share.

    Source: as in _penalty_path, 2.5.
    """
    weighed = y if weights is None else y * weights / weights.mean()
    covariances = np.abs((X - np.average(X, axis=0, weights=weights)).T @ weighed) / len(y)
    return max(float(covariances.max()) / l1_ratio, 1e-12)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"l1_ratio": real(0.05, 1.0)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"l1_ratio": 0.5},)


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"l1_ratio": 0.5, "steps": CHEAP_STEPS}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    passes = 10.0 * hyperparameters.get("steps", USUAL_STEPS)
    return float(2e-3 + 2e-9 * facts.rows * facts.columns * passes)


CARD = AlgorithmCard(
    name="elastic_net",
    tasks=("regression",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "imputed_plain"),
    scalers=("standard", "minmax", "maxabs", "robust", "quantile", "piecewise", "normalizer", "pca", "truncated_svd"),
    cost=cost,
    learns_from_part=True,
    fit=fit,
    early_stopping=True,
    rounds=steps_of,
    rounds_name="steps",
    facts={"path": True},
)
