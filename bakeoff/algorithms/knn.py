"""knn: the mean of the nearest training rows; law: wants scaled numbers without NaN, never asks for more neighbours than there are rows."""

from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, choice, integer

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

    neighbors = KNeighborsClassifier if setting.task == "classification" else KNeighborsRegressor
    return neighbors(**hyperparameters, n_jobs=setting.threads)


def fit(estimator: Any, fitting: Fitting) -> Any:
    estimator.n_neighbors = min(estimator.n_neighbors, len(fitting.X))
    return estimator.fit(fitting.X, fitting.y)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {
        "n_neighbors": integer(1, 100, log=True),
        "weights": choice("uniform", "distance"),
        "p": choice(1, 2),
    }


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"n_neighbors": 15, "weights": "distance", "p": 1}, {"n_neighbors": 40, "weights": "distance", "p": 2})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"n_neighbors": 15, "weights": "distance", "p": 2}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    slower = 3 if hyperparameters["p"] == 1 else 1
    return 5e-3 + 5e-11 * slower * facts.rows**2 * (facts.columns + 10)


CARD = AlgorithmCard(
    name="knn",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "screened_one_hot", "imputed_plain"),
    scalers=("standard", "minmax", "maxabs", "robust", "quantile", "normalizer", "pca", "truncated_svd"),
    cost=cost,
    fit=fit,
    max_rows=50_000,
    facts={"weights": False, "votes": 100},
)
