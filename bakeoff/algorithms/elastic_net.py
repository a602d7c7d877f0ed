"""elastic_net: a linear model with L1 and L2 penalties; law: the target is scaled, so that alpha means the same on every table."""

from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Hyperparameters, Setting, TableFacts, real

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.linear_model import ElasticNet
    from sklearn.preprocessing import StandardScaler

    linear = ElasticNet(
        alpha=hyperparameters["alpha"],
        l1_ratio=hyperparameters["l1_ratio"],
        max_iter=5000,
        tol=1e-3,
        random_state=setting.seed,
    )
    return TransformedTargetRegressor(linear, transformer=StandardScaler())


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"alpha": real(1e-5, 1.0, log=True), "l1_ratio": real(0.05, 1.0)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"alpha": 1e-3, "l1_ratio": 0.5}, {"alpha": 0.03, "l1_ratio": 0.5})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"alpha": 0.03, "l1_ratio": 0.5}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    passes = 10 + 2 * hyperparameters["alpha"] ** -0.4
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
)
