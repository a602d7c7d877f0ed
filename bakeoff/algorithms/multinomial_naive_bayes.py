"""multinomial_naive_bayes: features as shares of a class's total; law: wants numbers from 0 to 1 without NaN, which minmax gives.

Each feature stands beside what it lacks to 1. Shares of few numbers say little by themselves: rows that are high everywhere and rows that
are low everywhere would be alike.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, choice, real

__all__ = ["CARD"]


def build(_setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(with_complements), MultinomialNB(**hyperparameters))


def with_complements(X: np.ndarray) -> np.ndarray:
    """Features, and what each lacks to 1."""
    return np.concatenate([X, 1 - X], axis=1)


def fit(estimator: Any, fitting: Fitting) -> Any:
    return estimator.fit(fitting.X, fitting.y, multinomialnb__sample_weight=fitting.weights)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"alpha": real(1e-3, 100.0, log=True), "fit_prior": choice(True, False)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"alpha": 1.0, "fit_prior": True},)


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"alpha": 1.0, "fit_prior": True}


def cost(facts: TableFacts, _hyperparameters: Hyperparameters) -> float:
    return 1e-3 + 6e-9 * facts.rows * facts.columns * max(facts.classes, 2)


CARD = AlgorithmCard(
    name="multinomial_naive_bayes",
    tasks=("classification",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "imputed_plain"),
    scalers=("minmax",),
    cost=cost,
    fit=fit,
    portfolio=False,
)
