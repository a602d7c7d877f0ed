"""random_forest: the mean of deep trees, each on a bootstrap sample; law: see _forest."""

from typing import Any

from bakeoff.algorithms import _forest
from bakeoff.algorithms.card import AlgorithmCard, Hyperparameters, Setting, TableFacts

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    forest = RandomForestClassifier if setting.task == "classification" else RandomForestRegressor
    return forest(**_forest.arguments(setting, hyperparameters))


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    return float(7e-4 * hyperparameters["n_estimators"] + 3.5e-8 * _forest.work(facts, hyperparameters))


CARD = AlgorithmCard(
    name="random_forest",
    tasks=("classification", "regression"),
    build=build,
    space=_forest.space,
    start=_forest.start,
    cheap_start=_forest.cheap_start,
    recipes=("imputed_mixed", "imputed_target_encoded", "plain"),
    cost=cost,
    learns_from_part=True,
    fit=_forest.fit,
    rounds=_forest.rounds,
    rounds_name="n_estimators",
    out_of_bag=_forest.out_of_bag,
    facts={"votes": _forest.VOTES},
)
