"""ridge: a linear model with an L2 penalty, solved at once; law: wants scaled numbers without NaN."""

from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Hyperparameters, Setting, TableFacts, features_after, real

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=hyperparameters["alpha"], random_state=setting.seed)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"alpha": real(1e-3, 1e5, log=True)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"alpha": 10.0}, {"alpha": 1000.0})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"alpha": 10.0}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    features = features_after(hyperparameters, facts.columns)
    return 2e-3 + 1e-9 * facts.rows * features * (20 + min(facts.rows, features))


CARD = AlgorithmCard(
    name="ridge",
    tasks=("regression",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "terms", "screened_one_hot", "imputed_plain"),
    scalers=("standard", "minmax", "maxabs", "robust", "quantile", "piecewise", "normalizer", "pca", "truncated_svd"),
    cost=cost,
)
