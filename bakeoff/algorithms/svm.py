"""svm: support vectors with a radial kernel; law: wants scaled numbers without NaN; classes get probabilities as in _probabilities."""

from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms._probabilities import WithProbabilities
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, fit_plain, real

__all__ = ["CARD"]

CACHE_MB = 200


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC, SVR

    shared = {"C": hyperparameters["C"], "gamma": hyperparameters["gamma"], "cache_size": CACHE_MB}
    if setting.classes:
        return WithProbabilities(SVC(**shared), setting.seed)
    return TransformedTargetRegressor(SVR(**shared, epsilon=hyperparameters["epsilon"]), transformer=StandardScaler())


def fit(estimator: Any, fitting: Fitting) -> Any:
    """`gamma` counts in the inverse of the rows' total variance, so that it means the same on every table."""
    classifies = isinstance(estimator, WithProbabilities)
    machine = estimator.model if classifies else estimator.regressor
    machine.gamma /= (fitting.X.shape[1] * fitting.X.var()) or 1.0
    return estimator.learn(fitting) if classifies else fit_plain(estimator, fitting)


def space(facts: TableFacts) -> Mapping[str, Dimension]:
    shared = {"C": real(0.03, 1000.0, log=True), "gamma": real(0.01, 10.0, log=True)}
    return shared if facts.classes else {**shared, "epsilon": real(0.003, 0.5, log=True)}


def start(facts: TableFacts) -> tuple[Hyperparameters, ...]:
    starts: tuple[Hyperparameters, ...] = ({"C": 3.0, "gamma": 1.0}, {"C": 30.0, "gamma": 0.3, "scaler": "quantile"})
    return starts if facts.classes else tuple({**one, "epsilon": 0.05} for one in starts)


def cheap_start(facts: TableFacts) -> Hyperparameters:
    return {**start(facts)[0], "C": 1.0}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    fits = 2.3 * (facts.classes - 1) ** 0.5 if facts.classes else 2.5
    return float(1e-2 + 7e-10 * fits * facts.rows**2 * (facts.columns + 10) * (1 + hyperparameters["C"]) ** 0.2)


CARD = AlgorithmCard(
    name="svm",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "screened_one_hot", "imputed_plain"),
    scalers=("standard", "quantile", "piecewise", "robust", "minmax", "maxabs", "pca", "truncated_svd", "normalizer"),
    cost=cost,
    fit=fit,
    max_rows=10_000,
    max_columns=2_000,
)
