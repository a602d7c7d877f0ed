"""catboost: gradient boosting on symmetric trees; law: stops where X_valid gets no better or at the deadline, keeps its best rounds."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.algorithms._patience import Rest, longer
from bakeoff.algorithms._scoring import scoring_threads
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, integer, real

__all__ = ["CARD", "CatBoost"]

MISSING_CODE = -1
JUDGED_EVERY = 5
"""Rounds: for each callback the library copies all losses so far, and 2,000 rounds take 1.2 to 1.6 times as long where all are judged."""
FEW_COLUMNS = 15
"""Below which to hide some from each split loses more than it saves."""


class CatBoost:
    """A CatBoost model of one task; category codes reach it as whole numbers, missing ones as -1."""

    def __init__(self, settings: dict[str, Any], codes: tuple[int, ...], classes: int) -> None:
        self.settings, self.codes, self.classes = settings, codes, classes
        self.model_: Any = None
        self.best_rounds_ = 0

    def fit(self, X: np.ndarray, y: np.ndarray) -> "CatBoost":
        return self.boost(Fitting(X, y))

    def boost(self, fitting: Fitting) -> "CatBoost":
        """Fit, stopping early on the fitting's validation rows and at its deadline."""
        import catboost

        settings = self.settings
        if not self.classes and np.ptp(fitting.y) == 0:  # the library refuses, or finds no gradient to draw rows by
            settings = {**settings, "allow_const_label": True, "bootstrap_type": "No"}
            settings.pop("subsample", None)
        model = catboost.CatBoost({**settings, "logging_level": "Silent", "allow_writing_files": False})
        extra: dict[str, Any] = {}
        if fitting.X_valid is not None:
            pool = self._pool(fitting.X_valid, fitting.y_valid, fitting.weights_valid)
            extra = {"eval_set": pool, "use_best_model": True}
        model.fit(self._pool(fitting.X, fitting.y, fitting.weights), callbacks=[_Stopping(fitting)], **extra)
        self.model_, self.best_rounds_ = model, model.tree_count_
        return self

    def _pool(self, X: np.ndarray, y: np.ndarray | None = None, weights: np.ndarray | None = None) -> Any:
        import catboost

        data: Any = X
        if self.codes:
            data = pd.DataFrame(X)
            for column in self.codes:
                data[column] = np.nan_to_num(X[:, column], nan=MISSING_CODE).astype(np.int32)
        return catboost.Pool(data, y, weight=weights, cat_features=list(self.codes), thread_count=self.settings["thread_count"])

    def _asked(self, X: np.ndarray, kind: str) -> np.ndarray:
        return np.asarray(self.model_.predict(self._pool(X), prediction_type=kind, thread_count=scoring_threads(len(X))))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, or class codes."""
        return np.argmax(self.predict_proba(X), axis=1) if self.classes else self._asked(X, "RawFormulaVal")

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (rows, classes)."""
        return self._asked(X, "Probability")


class _Stopping:
    def __init__(self, fitting: Fitting) -> None:
        self.fitting, self.rest = fitting, Rest()

    def after_iteration(self, round_: Any) -> bool:
        """Whether to go on."""
        losses = [values[-1] for values in (round_.metrics or {}).get("validation", {}).values()]
        if losses and self.rest.reached(losses[0]):
            return False
        return not self.fitting.is_late()


def build(setting: Setting, hyperparameters: Hyperparameters) -> CatBoost:
    settings = {
        **hyperparameters,
        # measured: the same accuracy as the library's own choice, up to 30 times as fast on small tables of categories
        "one_hot_max_size": 10,
        "leaf_estimation_iterations": 1,
        "metric_period": JUDGED_EVERY,
        "border_count": 64,
        "loss_function": {0: "MAE" if setting.median else "RMSE", 2: "Logloss"}.get(setting.classes, "MultiClass"),
        "random_seed": setting.seed,
        "thread_count": setting.threads,
    }
    return CatBoost(settings, setting.codes, setting.classes)


def fit(estimator: CatBoost, fitting: Fitting) -> CatBoost:
    return estimator.boost(fitting)


def rounds(estimator: CatBoost) -> int:
    return estimator.best_rounds_


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {
        "learning_rate": real(0.02, 0.25, log=True),
        "depth": integer(3, 9),
        "l2_leaf_reg": real(0.5, 30.0, log=True),
        "random_strength": real(0.1, 5.0, log=True),
        "rsm": real(0.4, 1.0),
        "max_ctr_complexity": integer(1, 2),
    }


def _setting(facts: TableFacts, rate: float, depth: int, penalty: float) -> Hyperparameters:
    """Pairs of categories are counted beside single ones where there are pairs; of few columns every split sees all."""
    return {
        "iterations": 2000 if facts.classes else 4000,
        "learning_rate": rate,
        "depth": depth,
        "l2_leaf_reg": penalty,
        "random_strength": 1.0,
        "rsm": 1.0 if facts.columns < FEW_COLUMNS else 0.6,
        "max_ctr_complexity": 2 if facts.categorical > 1 else 1,
    }


def start(facts: TableFacts) -> tuple[Hyperparameters, ...]:
    return tuple(_setting(facts, *one) for one in ((0.1, 6, 3.0), (0.1, 4, 3.0), (0.1, 8, 5.0)))


def cheap_start(facts: TableFacts) -> Hyperparameters:
    return {**_setting(facts, 0.2, 4, 3.0), "iterations": 100, "rsm": 1.0, "max_ctr_complexity": 1}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    trees = min(hyperparameters.get("iterations", 4000), (300 + 25 / hyperparameters["learning_rate"]) * longer(facts))
    depth = hyperparameters["depth"]
    width = max(1, facts.classes if facts.classes > 2 else 1)
    features = 10 + facts.columns * hyperparameters.get("rsm", 1.0)
    pairs = 1.5 if hyperparameters["max_ctr_complexity"] > 1 else 1.0
    return float(0.05 + trees * width * pairs * (5e-6 * 2**depth + 7e-10 * facts.rows * features * depth))


CARD = AlgorithmCard(
    name="catboost",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("codes", "mixed", "arithmetic", "screened", "plain"),
    cost=cost,
    fit=fit,
    needs="catboost",
    early_stopping=True,
    rounds=rounds,
    rounds_name="iterations",
    facts={"median": True},
)
