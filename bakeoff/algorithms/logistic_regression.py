"""logistic_regression: a multinomial linear model with an L2 penalty; law: wants scaled numbers without NaN."""

from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Hyperparameters, Setting, TableFacts, real

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=hyperparameters["C"], max_iter=1000, random_state=setting.seed)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"C": real(1e-4, 1e3, log=True)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"C": 1.0}, {"C": 0.03})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"C": 0.03}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    iterations = 20 + 30 * hyperparameters["C"] ** 0.25
    return float(5e-3 + 2e-9 * facts.rows * facts.columns * max(facts.classes, 2) * iterations)


CARD = AlgorithmCard(
    name="logistic_regression",
    tasks=("classification",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot_standard", "imputed_plain"),
    cost=cost,
)
