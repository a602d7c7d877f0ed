"""logistic_regression: a multinomial linear model with an L2 penalty; law: wants scaled numbers without NaN, stops at the deadline."""

import time
import warnings
from collections.abc import Mapping
from typing import Any

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, features_after, fit_plain, real

__all__ = ["CARD"]

STEP = 100
MOST_STEPS = 10


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.linear_model import LogisticRegression

    estimator = LogisticRegression(C=hyperparameters["C"], max_iter=STEP, warm_start=True, random_state=setting.seed)
    estimator.most_steps = hyperparameters.get("steps", MOST_STEPS)
    return estimator


def fit(estimator: Any, fitting: Fitting) -> Any:
    """Iterations in steps of 100 until the solution rests, the deadline, or 1,000 of them."""
    from sklearn.exceptions import ConvergenceWarning

    for step in range(estimator.most_steps):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fit_plain(estimator, fitting)
        estimator.steps_ = step + 1
        late = fitting.deadline is not None and time.monotonic() >= fitting.deadline
        if late or estimator.n_iter_.max() < STEP:
            break
    return estimator


def rounds(estimator: Any) -> int:
    """Steps of 100 iterations: fewer than the solution asks for where the deadline came first."""
    return int(estimator.steps_)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {"C": real(1e-4, 1e3, log=True)}


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return ({"C": 1.0}, {"C": 0.03})


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {"C": 0.03}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    iterations = 20 + 30 * hyperparameters["C"] ** 0.25
    return float(5e-3 + 2e-9 * facts.rows * features_after(hyperparameters, facts.columns) * max(facts.classes, 2) * iterations)


CARD = AlgorithmCard(
    name="logistic_regression",
    tasks=("classification",),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "terms", "screened_one_hot", "imputed_plain"),
    scalers=("standard", "minmax", "maxabs", "robust", "quantile", "piecewise", "normalizer", "pca", "truncated_svd"),
    cost=cost,
    fit=fit,
    rounds=rounds,
    rounds_name="steps",
)
