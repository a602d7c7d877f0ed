"""lasso_lars: a linear model with an L1 penalty, by least angles; law: the target is scaled, so that alpha means the same everywhere."""

import warnings
from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, real

__all__ = ["CARD"]


def build(_setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.linear_model import LassoLars
    from sklearn.preprocessing import StandardScaler

    linear = LassoLars(alpha=hyperparameters["alpha"], max_iter=1000)
    return TransformedTargetRegressor(linear, transformer=StandardScaler())


def fit(estimator: Any, fitting: Fitting) -> Any:
    """Row weights are not looked at: scikit-learn's does not take any. Of columns that say the same, one is used, without a warning."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(fitting.X, fitting.y)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"alpha": real(1e-5, 0.5, log=True)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"alpha": 3e-3}, {"alpha": 0.03})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"alpha": 0.03}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    entered = facts.columns * min(1.0, 0.1 * hyperparameters["alpha"] ** -0.3)
    return float(3e-3 + 2e-9 * facts.rows * facts.columns * (20 + entered))


CARD = AlgorithmCard(
    name="lasso_lars",
    tasks=("regression",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "imputed_plain"),
    scalers=("standard", "minmax", "maxabs", "robust", "quantile", "normalizer", "pca", "truncated_svd"),
    cost=cost,
    fit=fit,
    max_columns=2_000,
    portfolio=False,
    facts={"weights": False},
)
