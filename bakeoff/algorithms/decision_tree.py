"""decision_tree: one tree of bounded depth; law: a person can read it, so it is judged like the others but tried last."""

import math
from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Hyperparameters, Setting, TableFacts, choice, integer

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    tree = DecisionTreeClassifier if setting.classes else DecisionTreeRegressor
    return tree(**hyperparameters, random_state=setting.seed)


def space(facts: TableFacts) -> Mapping[str, Dimension]:
    shape = {"max_depth": integer(2, 20), "min_samples_leaf": integer(1, 100, log=True)}
    return {**shape, "criterion": choice("gini", "entropy")} if facts.classes else shape


def start(facts: TableFacts) -> tuple[Hyperparameters, ...]:
    shared = {"criterion": "gini"} if facts.classes else {}
    return ({"max_depth": 8, "min_samples_leaf": 10, **shared}, {"max_depth": 4, "min_samples_leaf": 20, **shared})


def cheap_start(facts: TableFacts) -> Hyperparameters:
    return start(facts)[1]


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    levels = min(hyperparameters["max_depth"], math.log2(2 + facts.rows / hyperparameters["min_samples_leaf"]))
    return float(1e-3 + 5e-8 * facts.rows * facts.columns * levels)


CARD = AlgorithmCard(
    name="decision_tree",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("imputed_mixed", "imputed_target_encoded", "plain"),
    cost=cost,
    portfolio=False,
)
