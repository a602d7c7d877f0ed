"""hist_gradient_boosting: scikit-learn's gradient boosting on binned values; law: stops where X_valid gets no better, or in time."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms._patience import longer
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, integer, real

__all__ = ["CARD", "HistGradientBoosting"]

PATIENCE = 25
"""Rounds without improvement on X_valid after which boosting stops."""
LAST_CODE = 254
"""scikit-learn takes 255 categories; this code and all rarer ones are one."""
FIRST_ROUNDS = 10


class HistGradientBoosting:
    """scikit-learn's estimator, spared what it refuses: many categories, and columns all missing."""

    def __init__(self, arguments: dict[str, Any], rounds: int, setting: Setting) -> None:
        self.arguments, self.rounds, self.setting = arguments, rounds, setting
        self.empty_ = np.zeros(0, dtype=bool)
        self.model_: Any = None

    def fit(self, X: np.ndarray, y: np.ndarray) -> "HistGradientBoosting":
        return self.boost(Fitting(X, y))

    def boost(self, fitting: Fitting) -> "HistGradientBoosting":
        """Fit, stopping early on the fitting's validation rows; as many rounds as end before its deadline."""
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

        kind = HistGradientBoostingClassifier if self.setting.classes else HistGradientBoostingRegressor
        self.empty_ = np.isnan(fitting.X).all(axis=0)
        judged = fitting.X_valid is not None
        model = kind(**self.arguments, early_stopping=judged, n_iter_no_change=PATIENCE, warm_start=True)
        rows: dict[str, Any] = {"X": self._tidy(fitting.X), "y": fitting.y, "sample_weight": fitting.weights}
        if fitting.X_valid is not None:
            rows |= {
                "X_val": self._tidy(fitting.X_valid),
                "y_val": self._judged(fitting.y_valid),
                "sample_weight_val": fitting.weights_valid,
            }
        with self._threads():
            _fit_in_time(fitting, model, rows, self.rounds)
        model.set_params(warm_start=False)
        if judged:
            _keep_best(model)
        self.model_ = model
        return self

    def _judged(self, y: Any) -> Any:
        """Targets that judge; all 0 the library does not take by Poisson's deviance, so they are next to it then."""
        return np.maximum(y, np.finfo(np.float64).tiny) if self.arguments.get("loss") == "poisson" else y

    def _threads(self) -> Any:
        from threadpoolctl import threadpool_limits

        return threadpool_limits(self.setting.threads, user_api="openmp")

    def _tidy(self, X: np.ndarray) -> np.ndarray:
        tidy = np.where(self.empty_, 0.0, X)
        for column in self.setting.codes:
            tidy[:, column] = np.minimum(tidy[:, column], LAST_CODE)
        return tidy

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, or class codes."""
        with self._threads():
            return np.asarray(self.model_.predict(self._tidy(X)))

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (rows, classes)."""
        with self._threads():
            return np.asarray(self.model_.predict_proba(self._tidy(X)))


def _fit_in_time(fitting: Fitting, model: Any, rows: dict[str, Any], rounds: int) -> None:
    """Rounds in steps of 10, 20, 40, …; a step is cut short, and the last, where the seconds of the one before say time ends in it.

    There are steps without a deadline too: a resumed fit sums in another order, and the same rounds must give the same trees.
    """
    done, step, last = 0, FIRST_ROUNDS, False
    if fitting.is_late():
        step, last = 1, True
    while True:
        began, target = time.monotonic(), min(rounds, done + step)
        model.set_params(max_iter=target).fit(**rows)
        if last or target == rounds or model.n_iter_ < target:
            return
        affordable = int(min(2 * step, fitting.seconds_left() * (target - done) / (time.monotonic() - began)))
        if affordable < 1:
            return
        last = affordable < 2 * step
        done, step = target, affordable


def _keep_best(model: Any) -> None:
    """Takes away the rounds after the best one on the validation rows, which scikit-learn keeps; its list of trees has no public name."""
    best = int(np.argmax(model.validation_score_))  # the first score is that before any round
    model._predictors = model._predictors[: max(1, best)]


def build(setting: Setting, hyperparameters: Hyperparameters) -> HistGradientBoosting:
    chosen = dict(hyperparameters)
    rounds = chosen.pop("max_iter")
    arguments = {**chosen, "categorical_features": list(setting.codes), "random_state": setting.seed}
    arguments |= {"loss": "poisson"} if setting.log_link else {"loss": "absolute_error"} if setting.median else {}
    return HistGradientBoosting(arguments, rounds, setting)


def fit(estimator: HistGradientBoosting, fitting: Fitting) -> HistGradientBoosting:
    return estimator.boost(fitting)


def rounds(estimator: HistGradientBoosting) -> int:
    return int(estimator.model_.n_iter_)


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {
        "learning_rate": real(0.01, 0.25, log=True),
        "max_leaf_nodes": integer(4, 128, log=True),
        "min_samples_leaf": integer(2, 100, log=True),
        "l2_regularization": real(1e-3, 30.0, log=True),
        "max_features": real(0.4, 1.0),
    }


def _setting(rate: float, leaves: int, fewest: int, columns: float) -> Hyperparameters:
    return {
        "max_iter": 1000,
        "learning_rate": rate,
        "max_leaf_nodes": leaves,
        "min_samples_leaf": fewest,
        "l2_regularization": 0.1,
        "max_features": columns,
    }


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return (_setting(0.05, 31, 20, 0.8), _setting(0.05, 10, 10, 0.6))


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {**_setting(0.15, 15, 20, 1.0), "max_iter": 80}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    trees = min(hyperparameters.get("max_iter", 1000), (150 + 12 / hyperparameters["learning_rate"]) * longer(facts))
    trees *= facts.classes if facts.classes > 2 else 1
    leaves = min(hyperparameters["max_leaf_nodes"], 1 + facts.rows / hyperparameters["min_samples_leaf"])
    return float(0.03 + trees * (1.2e-4 + 1.2e-5 * leaves + 2.5e-9 * facts.rows * (facts.columns + 10) * (1 + 0.2 * np.log2(leaves))))


CARD = AlgorithmCard(
    name="hist_gradient_boosting",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("mixed", "target_encoded", "codes", "plain"),
    cost=cost,
    fit=fit,
    early_stopping=True,
    rounds=rounds,
    rounds_name="max_iter",
    facts={"log_link": True, "median": True},
)
