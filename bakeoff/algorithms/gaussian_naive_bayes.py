"""gaussian_naive_bayes: every feature normal within a class and independent of the others; law: wants numbers without NaN."""

from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Hyperparameters, Setting, TableFacts, real

__all__ = ["CARD"]


def build(_setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB(**hyperparameters)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"var_smoothing": real(1e-9, 1.0, log=True)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"var_smoothing": 1e-2}, {"var_smoothing": 1e-9, "scaler": "standard"})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"var_smoothing": 1e-2}


def cost(facts: TableFacts, _hyperparameters: Hyperparameters) -> float:
    return 1e-3 + 1e-8 * facts.rows * facts.columns * max(facts.classes, 2)


CARD = AlgorithmCard(
    name="gaussian_naive_bayes",
    tasks=("classification",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "imputed_plain"),
    scalers=("quantile", "standard", "robust", "pca", "none"),
    cost=cost,
    portfolio=False,
)
