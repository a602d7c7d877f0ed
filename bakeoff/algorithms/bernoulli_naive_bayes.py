"""bernoulli_naive_bayes: every feature above or not above a threshold, independent of the others; law: wants numbers without NaN."""

from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Hyperparameters, Setting, TableFacts, real

__all__ = ["CARD"]


def build(_setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.naive_bayes import BernoulliNB

    return BernoulliNB(**hyperparameters)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"alpha": real(1e-3, 100.0, log=True), "binarize": real(0.0, 1.0)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"alpha": 1.0, "binarize": 0.0},)


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"alpha": 1.0, "binarize": 0.0}


def cost(facts: TableFacts, _hyperparameters: Hyperparameters) -> float:
    return 1e-3 + 8e-9 * facts.rows * facts.columns * max(facts.classes, 2)


CARD = AlgorithmCard(
    name="bernoulli_naive_bayes",
    tasks=("classification",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "imputed_plain"),
    scalers=("standard", "robust", "quantile"),
    cost=cost,
    portfolio=False,
)
