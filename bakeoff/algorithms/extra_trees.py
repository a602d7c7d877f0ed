"""extra_trees: the mean of deep trees whose thresholds are drawn at random; law: see _forest."""

from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms import _forest
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Hyperparameters, Setting, TableFacts, integer

__all__ = ["CARD"]

TREES = 100
"""Of each fold: there is one forest a fold, and 300 trees in each gain nothing for three times the time (measured on six sets)."""


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

    forest = ExtraTreesClassifier if setting.task == "classification" else ExtraTreesRegressor
    return forest(**_forest.arguments(setting, hyperparameters))


def space(facts: TableFacts) -> Mapping[str, Dimension]:
    return {**_forest.space(facts), "n_estimators": integer(50, 150, log=True)}


def start(facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return tuple({**one, "n_estimators": min(TREES, one["n_estimators"])} for one in _forest.start(facts))


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    return float(1e-3 * hyperparameters["n_estimators"] + 1e-8 * _forest.work(facts, hyperparameters))


CARD = AlgorithmCard(
    name="extra_trees",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=_forest.cheap_start,
    recipes=("imputed_mixed", "imputed_target_encoded", "plain"),
    cost=cost,
    learns_from_part=True,
    fit=_forest.fit,
    rounds=_forest.rounds,
    rounds_name="n_estimators",
    facts={"votes": _forest.VOTES},
)
