"""xgboost: gradient boosting on depth-wise trees; law: stops where X_valid gets no better or at the deadline, keeps its best rounds."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms._patience import Rest, longer
from bakeoff.algorithms._scoring import scoring_threads
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, integer, real

__all__ = ["CARD", "XGBoost"]


class XGBoost:
    """An XGBoost booster of one task."""

    def __init__(self, settings: dict[str, Any], rounds: int, codes: tuple[int, ...], classes: int) -> None:
        self.settings, self.rounds, self.codes, self.classes = settings, rounds, codes, classes
        self.booster_: Any = None
        self.best_rounds_ = 0

    def fit(self, X: np.ndarray, y: np.ndarray) -> "XGBoost":
        return self.boost(Fitting(X, y))

    def boost(self, fitting: Fitting) -> "XGBoost":
        """Fit, stopping early on the fitting's validation rows and at its deadline."""
        import xgboost

        train = self._matrix(fitting.X, fitting.y, fitting.weights)
        evals = []
        if fitting.X_valid is not None:
            evals = [(self._matrix(fitting.X_valid, fitting.y_valid, fitting.weights_valid), "valid")]
        rest = Rest()
        booster = xgboost.train(
            self.settings,
            train,
            num_boost_round=self.rounds,
            evals=evals,
            callbacks=[_stopping(fitting, rest)],
            verbose_eval=False,
        )
        self.best_rounds_ = rest.best_round + 1 if evals else booster.num_boosted_rounds()
        self.booster_ = booster[: self.best_rounds_]
        return self

    def _matrix(self, X: np.ndarray, y: np.ndarray | None = None, weights: np.ndarray | None = None) -> Any:
        import xgboost

        kinds = ["c" if column in self.codes else "q" for column in range(X.shape[1])]
        threads = self.settings["nthread"]
        return xgboost.DMatrix(X, y, weight=weights, feature_types=kinds, enable_categorical=True, nthread=threads)

    def _raw(self, X: np.ndarray) -> np.ndarray:
        self.booster_.set_param({"nthread": scoring_threads(len(X))})
        return np.asarray(self.booster_.predict(self._matrix(X)), dtype=np.float64)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, or class codes."""
        return np.argmax(self.predict_proba(X), axis=1) if self.classes else self._raw(X)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (rows, classes)."""
        raw = self._raw(X)
        return np.column_stack([1 - raw, raw]) if self.classes == 2 else raw / raw.sum(axis=1, keepdims=True)


def _stopping(fitting: Fitting, rest: Rest) -> Any:
    from xgboost.callback import TrainingCallback

    class Stop(TrainingCallback):
        def after_iteration(self, _model: Any, _epoch: int, losses: Any) -> bool:
            rested = any(rest.reached(values[-1]) for metrics in losses.values() for values in metrics.values())
            return rested or fitting.is_late()

    return Stop()


def build(setting: Setting, hyperparameters: Hyperparameters) -> XGBoost:
    chosen = dict(hyperparameters)
    rounds = chosen.pop("n_estimators")
    settings = {
        **chosen,
        "objective": {0: "reg:squarederror", 2: "binary:logistic"}.get(setting.classes, "multi:softprob"),
        "tree_method": "hist",
        "seed": setting.seed,
        "nthread": setting.threads,
        "verbosity": 0,
    }
    if setting.classes == 2:
        settings["eval_metric"] = "logloss"
    if setting.classes > 2:
        settings["num_class"] = setting.classes
    if setting.median:
        settings["objective"] = "reg:absoluteerror"
    return XGBoost(settings, rounds, setting.codes, setting.classes)


def fit(estimator: XGBoost, fitting: Fitting) -> XGBoost:
    return estimator.boost(fitting)


def rounds(estimator: XGBoost) -> int:
    return estimator.best_rounds_


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {
        "learning_rate": real(0.01, 0.25, log=True),
        "max_depth": integer(2, 10),
        "min_child_weight": real(0.1, 30.0, log=True),
        "subsample": real(0.6, 1.0),
        "colsample_bytree": real(0.4, 1.0),
        "reg_lambda": real(1e-2, 30.0, log=True),
        "reg_alpha": real(1e-3, 10.0, log=True),
    }


def _setting(rate: float, depth: int, weight: float, columns: float) -> Hyperparameters:
    return {
        "n_estimators": 4000,
        "learning_rate": rate,
        "max_depth": depth,
        "min_child_weight": weight,
        "subsample": 0.9,
        "colsample_bytree": columns,
        "reg_lambda": 1.0,
        "reg_alpha": 1e-3,
    }


def start(_facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return (_setting(0.05, 6, 1.0, 0.8), _setting(0.03, 4, 1.0, 0.6), _setting(0.03, 9, 5.0, 0.6))


def cheap_start(_facts: TableFacts) -> Hyperparameters:
    return {**_setting(0.15, 4, 5.0, 0.8), "n_estimators": 100}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    trees = min(hyperparameters.get("n_estimators", 4000), (200 + 15 / hyperparameters["learning_rate"]) * longer(facts))
    trees *= facts.classes if facts.classes > 2 else 1
    depth = hyperparameters["max_depth"]
    leaves = min(2**depth, 1 + facts.rows / 4)
    return float(0.02 + trees * (2e-5 + 1.5e-6 * leaves + 5e-10 * facts.rows * (facts.columns + 10) * depth))


CARD = AlgorithmCard(
    name="xgboost",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("mixed", "crossed", "arithmetic", "target_encoded", "codes", "screened", "plain"),
    cost=cost,
    fit=fit,
    needs="xgboost-cpu",
    early_stopping=True,
    rounds=rounds,
    rounds_name="n_estimators",
    facts={"median": True},
)
