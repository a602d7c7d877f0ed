"""sgd: a linear model trained by averaged stochastic gradient descent; law: see _epochs; wants scaled numbers without NaN."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms._epochs import ByEpochs
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, choice, real

__all__ = ["CARD"]


def build(setting: Setting, hyperparameters: Hyperparameters) -> ByEpochs:
    from sklearn.linear_model import SGDClassifier, SGDRegressor

    shared: dict[str, Any] = {
        "loss": hyperparameters["loss"],
        "alpha": hyperparameters["alpha"],
        "penalty": "elasticnet",
        "l1_ratio": hyperparameters["l1_ratio"],
        "average": True,
        # an instance goes on from epoch to epoch, a number would deal the same rows every time
        "random_state": np.random.RandomState(setting.seed),
    }
    model = SGDClassifier(**shared, n_jobs=setting.threads) if setting.classes else SGDRegressor(**shared, eta0=0.003)
    return ByEpochs(model, hyperparameters["epochs"], setting.classes)


def fit(estimator: ByEpochs, fitting: Fitting) -> ByEpochs:
    return estimator.train(fitting)


def rounds(estimator: ByEpochs) -> int:
    return estimator.best_epochs_


def space(facts: TableFacts) -> Mapping[str, Dimension]:
    losses = ("log_loss", "modified_huber") if facts.classes else ("squared_error", "huber")
    return {
        "loss": choice(*losses),
        "alpha": real(1e-7, 1e-1, log=True),
        "l1_ratio": real(0.0, 1.0),
    }


def start(facts: TableFacts) -> tuple[Hyperparameters, ...]:
    loss = "log_loss" if facts.classes else "squared_error"
    return ({"epochs": 100, "loss": loss, "alpha": 1e-3, "l1_ratio": 0.15}, {"epochs": 100, "loss": loss, "alpha": 1e-5, "l1_ratio": 0.15})


def cheap_start(facts: TableFacts) -> Hyperparameters:
    return {**start(facts)[0], "epochs": 10}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    epochs = hyperparameters.get("epochs", 100)
    models = facts.classes if facts.classes > 2 else 1
    return float(2e-3 + epochs * models * (8e-4 + facts.rows * (facts.columns + 10) * 5e-9))


CARD = AlgorithmCard(
    name="sgd",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("one_hot", "imputed_plain"),
    scalers=("standard", "minmax", "maxabs", "robust", "quantile", "normalizer", "pca", "truncated_svd"),
    cost=cost,
    fit=fit,
    early_stopping=True,
    rounds=rounds,
    rounds_name="epochs",
    portfolio=False,
)
