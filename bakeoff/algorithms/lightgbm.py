"""lightgbm: gradient boosting on leaf-wise trees; law: stops where X_valid gets no better or at the deadline, keeps its best rounds."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bakeoff.algorithms._patience import Rest, longer
from bakeoff.algorithms._scoring import scoring_threads
from bakeoff.algorithms.card import AlgorithmCard, Dimension, Fitting, Hyperparameters, Setting, TableFacts, choice, integer, real

__all__ = ["CARD", "LightGBM"]

CHEAP_ROWS = 2_000_000
"""That all trees of the cheap start may look at together: seconds until a first predictor is there."""
WIDE = 30
"""Columns from which one histogram after the other takes up to a seventh less time than all of a row, the less the more leaves there are
(measured on one core: 100,000 rows of 30 columns, 30,000 of 60, 5,000 of 100, 2,000 of 250)."""
FEWEST_ROUNDS = 5
"""Of the cheap start, however many classes there are; so few take longer steps."""


class LightGBM:
    """A LightGBM booster of one task; keeps the trees alone, as the library's own text, which is parsed when it is first asked.

    So predictors that are read only to be written again, as an ensemble's members are, cost no parsing and no printing of trees; what
    predicts holds both.
    """

    def __init__(self, settings: dict[str, Any], rounds: int, codes: tuple[int, ...], classes: int) -> None:
        self.settings, self.rounds, self.codes, self.classes = settings, rounds, codes, classes
        self.text_ = ""
        self.best_rounds_ = 0
        self._booster: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_booster": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        booster = state.get("booster_")  # of a predictor from before 25 November 2026
        text = {} if booster is None else {"text_": booster.model_to_string()}
        vars(self).update({"_booster": None, **{name: value for name, value in state.items() if name != "booster_"}, **text})

    @property
    def booster_(self) -> Any:
        """The library's own."""
        if self._booster is None:
            import lightgbm

            self._booster = lightgbm.Booster(model_str=self.text_)
        return self._booster

    def fit(self, X: np.ndarray, y: np.ndarray) -> "LightGBM":
        return self.boost(Fitting(X, y))

    def boost(self, fitting: Fitting) -> "LightGBM":
        """Fit, stopping early on the fitting's validation rows and at its deadline."""
        import lightgbm

        settings = {**self.settings, "force_col_wise" if fitting.X.shape[1] >= WIDE else "force_row_wise": True}
        shared: dict[str, Any] = {"categorical_feature": list(self.codes), "params": settings, "free_raw_data": True}
        train = lightgbm.Dataset(fitting.X, fitting.y, weight=fitting.weights, **shared)
        trees: list[int] = []
        callbacks: list[Any] = [_stopping(fitting, trees)]
        valid = []
        losses: dict[str, dict[str, list[float]]] = {}
        if fitting.X_valid is not None:
            valid = [train.create_valid(fitting.X_valid, fitting.y_valid, weight=fitting.weights_valid, params=settings)]
            callbacks.append(lightgbm.record_evaluation(losses))
        booster = lightgbm.train(settings, train, self.rounds, valid_sets=valid, callbacks=callbacks)
        self.best_rounds_ = _best(losses) if losses else len(trees)
        self.text_, self._booster = booster.model_to_string(num_iteration=trees[self.best_rounds_ - 1]), None
        return self

    def _raw(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(self.booster_.predict(X, num_threads=scoring_threads(len(X))))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values, or class codes."""
        return np.argmax(self.predict_proba(X), axis=1) if self.classes else self._raw(X)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (rows, classes)."""
        raw = self._raw(X)
        return np.column_stack([1 - raw, raw]) if self.classes == 2 else raw


def _best(losses: dict[str, dict[str, list[float]]]) -> int:
    """Rounds after which the one loss of the one validation set was lowest."""
    (metrics,) = losses.values()
    (values,) = metrics.values()
    return int(np.argmin(values)) + 1


def _stopping(fitting: Fitting, trees: list[int]) -> Any:
    """Adds the number of trees after each round to `trees`: a round whose rows allow no split leaves none."""
    rest = Rest()

    def stop(round_: Any) -> None:
        trees.append(round_.model.current_iteration())
        losses = [loss for _, _, loss, _ in round_.evaluation_result_list or []]
        if fitting.is_late() or (losses and rest.reached(losses[0])):
            from lightgbm.callback import EarlyStopException

            raise EarlyStopException(round_.iteration, round_.evaluation_result_list or [])

    stop.order = 100  # type: ignore[attr-defined]  # after the loss of this round was recorded
    return stop


def build(setting: Setting, hyperparameters: Hyperparameters) -> LightGBM:
    chosen = dict(hyperparameters)
    rounds = chosen.pop("n_estimators")
    settings = {
        **chosen,
        "objective": {0: "regression", 2: "binary"}.get(setting.classes, "multiclass"),
        "bagging_freq": 1,
        "seed": setting.seed,
        "num_threads": setting.threads,
        "deterministic": True,
        "verbosity": -1,
    }
    if setting.classes > 2:
        settings["num_class"] = setting.classes
    if setting.log_link:  # judged as the target is, and with steps less cautious than the library's, which are for counts
        settings |= {"objective": "poisson", "metric": "rmse", "poisson_max_delta_step": 0.1}
    if setting.median:
        settings["objective"] = "regression_l1"
    return LightGBM(settings, rounds, setting.codes, setting.classes)


def fit(estimator: LightGBM, fitting: Fitting) -> LightGBM:
    return estimator.boost(fitting)


def rounds(estimator: LightGBM) -> int:
    return estimator.best_rounds_


def space(_facts: TableFacts) -> Mapping[str, Dimension]:
    return {
        "learning_rate": real(0.01, 0.25, log=True),
        "num_leaves": integer(4, 256, log=True),
        "min_data_in_leaf": integer(2, 100, log=True),
        "min_data_per_group": integer(2, 200, log=True),
        "feature_fraction": real(0.4, 1.0),
        "bagging_fraction": real(0.6, 1.0),
        "lambda_l2": real(1e-3, 30.0, log=True),
        "extra_trees": choice(False, True),
    }


def start(facts: TableFacts) -> tuple[Hyperparameters, ...]:
    # the library's 100 rows per group of categories forbid every split on categories in small tables
    shared = {
        "n_estimators": 4000,
        "min_data_per_group": max(10, min(100, facts.rows // 50)),
        "bagging_fraction": 0.9,
        "lambda_l2": 0.1,
        "extra_trees": False,
    }
    return (
        {**shared, "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 20, "feature_fraction": 0.8},
        {**shared, "learning_rate": 0.05, "num_leaves": 16, "min_data_in_leaf": 10, "feature_fraction": 0.55, "extra_trees": True},
        {**shared, "learning_rate": 0.03, "num_leaves": 8, "min_data_in_leaf": 20, "feature_fraction": 0.7},
        {**shared, "learning_rate": 0.03, "num_leaves": 96, "min_data_in_leaf": 5, "feature_fraction": 0.9},
    )


def cheap_start(facts: TableFacts) -> Hyperparameters:
    trees = min(200, CHEAP_ROWS // max(1, facts.rows))
    rounds = max(FEWEST_ROUNDS, trees // max(2, facts.classes))  # each class has a tree in each round
    return {**start(facts)[0], "n_estimators": rounds, "learning_rate": max(0.2, 2 / rounds), "num_leaves": 15}


def cost(facts: TableFacts, hyperparameters: Hyperparameters) -> float:
    trees = min(hyperparameters.get("n_estimators", 4000), (200 + 15 / hyperparameters["learning_rate"]) * longer(facts))
    trees *= facts.classes if facts.classes > 2 else 1
    leaves = min(hyperparameters["num_leaves"], 1 + facts.rows / hyperparameters["min_data_in_leaf"])
    return float(0.02 + trees * (2e-5 + 5e-6 * leaves + 1.5e-9 * facts.rows * (facts.columns + 10) * (1 + 0.2 * np.log2(leaves))))


CARD = AlgorithmCard(
    name="lightgbm",
    tasks=("classification", "regression"),
    build=build,
    space=space,
    start=start,
    cheap_start=cheap_start,
    recipes=("mixed", "crossed", "arithmetic", "target_encoded", "codes", "screened", "quick", "plain"),
    cost=cost,
    fit=fit,
    needs="lightgbm",
    early_stopping=True,
    rounds=rounds,
    rounds_name="n_estimators",
    facts={"log_link": True, "median": True},
)
