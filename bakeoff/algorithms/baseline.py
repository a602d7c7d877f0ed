"""baseline: class shares or the mean, whatever the row; law: what every other algorithm must beat."""

from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Hyperparameters, Setting, TableFacts

__all__ = ["CARD"]


def build(setting: Setting, _hyperparameters: Hyperparameters) -> Any:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    return DummyClassifier(strategy="prior") if setting.task == "classification" else DummyRegressor(strategy="mean")


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({},)


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {}


def cost(facts: TableFacts, _hyperparameters: Hyperparameters) -> float:
    return 1e-3 + 2e-8 * facts.rows


CARD = AlgorithmCard(
    name="baseline",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("nothing",),
    cost=cost,
)
