"""gradient_boosting: scikit-learn's boosting on exact splits; law: stops where X_valid gets no better, or in time."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, integer, real

__all__ = ["CARD"]

PATIENCE = 20
"""Rounds without improvement on X_valid after which boosting stops."""
SURE = 1e-7


class _Watch:
    """scikit-learn's monitor: asked after every round whether to stop; follows the loss on the validation rows."""

    def __init__(self, fitting: Fitting) -> None:
        self.fitting = fitting
        self.raw = np.zeros((0, 0))
        self.best_loss, self.best_rounds = np.inf, 0

    def __call__(self, number: int, model: Any, _locals: Any) -> bool:
        late = self.fitting.is_late()
        if self.fitting.X_valid is None or self.fitting.y_valid is None:
            self.best_rounds = number + 1
            return late
        X, y = self.fitting.X_valid, self.fitting.y_valid
        if number == 0:
            self.raw = _first_raw(model, X)
        for place, tree in enumerate(model.estimators_[number]):
            self.raw[:, place] += model.learning_rate * tree.predict(X)
        loss = float(np.average(_losses(self.raw, y, hasattr(model, "classes_")), weights=self.fitting.weights_valid))
        if loss < self.best_loss:
            self.best_loss, self.best_rounds = loss, number + 1
        return late or number + 1 - self.best_rounds >= PATIENCE


def _first_raw(model: Any, X: np.ndarray) -> np.ndarray:
    """What boosting begins with: log odds, one logarithm a class, or the mean."""
    if not hasattr(model, "classes_"):
        return np.asarray(model.init_.predict(X), dtype=np.float64).reshape(-1, 1)
    shares = np.clip(model.init_.predict_proba(X), SURE, 1 - SURE)
    return np.asarray(np.log(shares[:, 1:] / shares[:, :1]) if shares.shape[1] == 2 else np.log(shares))


def _losses(raw: np.ndarray, y: np.ndarray, classifies: bool) -> np.ndarray:
    from scipy.special import log_softmax

    if not classifies:
        return np.asarray(np.square(raw[:, 0] - y))
    several = np.column_stack([np.zeros(len(raw)), raw]) if raw.shape[1] == 1 else raw
    return np.asarray(-log_softmax(several, axis=1)[np.arange(len(y)), y])


def build(setting: Setting, hyperparameters: Hyperparameters) -> Any:
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    boosting = GradientBoostingClassifier if setting.classes else GradientBoostingRegressor
    return boosting(**hyperparameters, random_state=setting.seed)


def fit(estimator: Any, fitting: Fitting) -> Any:
    watch = _Watch(fitting)
    estimator.fit(fitting.X, fitting.y, sample_weight=fitting.weights, monitor=watch)
    estimator.estimators_ = estimator.estimators_[: watch.best_rounds]
    estimator.n_estimators_ = watch.best_rounds
    return estimator


def rounds(estimator: Any) -> int:
    return int(estimator.n_estimators_)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {
        "learning_rate": real(0.02, 0.3, log=True),
        "max_depth": integer(1, 8),
        "min_samples_leaf": integer(1, 50, log=True),
        "subsample": real(0.5, 1.0),
        "max_features": real(0.1, 1.0),
    }


def _setting(depth: int, columns: float) -> Hyperparameters:
    return {
        "n_estimators": 500,
        "learning_rate": 0.08,
        "max_depth": depth,
        "min_samples_leaf": 5,
        "subsample": 0.8,
        "max_features": columns,
    }


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return (_setting(4, 0.5), _setting(2, 0.8))


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {**_setting(2, 0.5), "n_estimators": 50, "learning_rate": 0.2}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    trees = min(hyperparameters.get("n_estimators", 500), 50 + 12 / hyperparameters["learning_rate"])
    trees *= facts.classes if facts.classes > 2 else 1
    looked_at = facts.rows * max(1.0, facts.columns * hyperparameters["max_features"]) * hyperparameters["max_depth"]
    return float(0.01 + trees * (4e-4 + 4e-8 * looked_at))


CARD = AlgorithmCard(
    name="gradient_boosting",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("imputed_mixed", "imputed_target_encoded", "imputed_plain"),
    cost=cost,
    fit=fit,
    early_stopping=True,
    rounds=rounds,
    rounds_name="n_estimators",
    max_rows=100_000,
    max_columns=2_000,
    portfolio=False,
)
